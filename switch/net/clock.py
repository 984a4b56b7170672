"""The clock of a Trio run: the real one, or the mock clock that a test or a simulation gave to Trio."""

import time

import trio


class TrioClock:
    """`epoch` None reads the machine's wall clock; a number makes the wall clock `epoch` + Trio's time."""

    def __init__(self, epoch: float | None = None) -> None:
        self._epoch = epoch

    def wall(self) -> float:
        return time.time() if self._epoch is None else self._epoch + trio.current_time()

    def mono(self) -> float:
        return trio.current_time()
