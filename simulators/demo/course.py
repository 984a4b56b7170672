"""How far the channels of a demo are, and what all of them are told at a time.

Rule: it knows channels by what they say; their processes are `demo`'s.
"""

from typing import Any, Protocol

import trio

from simulators.channels.tally import Tally

TOTALS_WITHIN_S = 60.0


class Talking(Protocol):
    """A channel's process, as far as it is talked to."""

    @property
    def name(self) -> str: ...

    def send(self, line: str) -> None: ...

    def hang_up(self) -> None: ...


class Paying(Protocol):
    """Who is told how much was paid."""

    def paid(self, payments: int) -> None: ...


class Course:
    """How far the channels are. All of them stay signed on until `end`, so that each can be brought its keys."""

    def __init__(self, payments: int, watch: Paying) -> None:
        self.halfway, self.through = trio.Event(), trio.Event()
        self._payments = payments
        self._watch = watch
        self._channels: dict[str, Talking] = {}
        self._tallies: dict[str, Tally] = {}
        self._through: set[str] = set()
        self._totals: dict[str, dict[str, Any]] = {}
        self._all_told = trio.Event()

    def begins(self, channel: Talking) -> None:
        self._channels[channel.name] = channel

    async def totals(self, day: str) -> dict[str, dict[str, Any]]:
        """Have each tell the switch its totals of a day (MMDD): what it heard."""
        self._totals, self._all_told = {}, trio.Event()
        for channel in self._channels.values():
            channel.send(f"totals {day}")
        with trio.fail_after(TOTALS_WITHIN_S):
            await self._all_told.wait()
        return self._totals

    def hear_totals(self, name: str, told: dict[str, Any]) -> None:
        self._totals[name] = told
        if len(self._totals) == len(self._channels):
            self._all_told.set()

    def hear(self, name: str, tally: Tally, *, through: bool) -> None:
        """What a channel has made so far; none is told of before it is signed on."""
        self._tallies[name] = tally
        self._through |= {name} if through else set()
        paid = sum(one.payments for one in self._tallies.values())
        self._watch.paid(paid)
        if len(self._through) == len(self._channels):
            self.through.set()
        if len(self._tallies) == len(self._channels) and (2 * paid >= self._payments or self.through.is_set()):
            self.halfway.set()

    def end(self) -> None:
        for channel in self._channels.values():
            channel.hang_up()
