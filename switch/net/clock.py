"""The clock of a Trio run: the real one, or the mock clock that a test or a simulation gave to Trio."""

import time
from collections.abc import Callable

import trio


class TrioClock:
    """`epoch` None reads the machine's wall clock; a number makes the wall clock `epoch` + Trio's time."""

    def __init__(self, epoch: float | None = None) -> None:
        # Read a dozen times for each payment: the clocks themselves stand here, not methods that ask them.
        self.wall: Callable[[], float] = time.time if epoch is None else lambda: epoch + trio.current_time()
        self.mono: Callable[[], float] = trio.current_time
