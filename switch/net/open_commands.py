"""The commands that are open on one connection to a security module: which answer belongs to which, which is overdue.

Rule: pure; it neither sends nor calls. A command is known by its message header, which is given to no other while it is
open, nor after it went silent: an answer that comes later would be taken for another's. All wait for the same time, so
they stand in the order of their deadlines.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

LATE_MAX = 1024  # headers of silent commands on one connection; the oldest are forgotten first
SERIAL_DIGITS_MAX = 8

Told = Callable[[bytes | None], None]


@dataclass(frozen=True, slots=True)
class OpenCommand:
    """`done` is told the answer, or None."""

    sent_at: float
    deadline: float
    done: Told


class OpenCommands:
    """Headers have `header_length` characters: a number that goes round."""

    def __init__(self, header_length: int) -> None:
        self._header_length = header_length
        self._serial = 0
        self._serials = 16 ** min(header_length, SERIAL_DIGITS_MAX)
        self._open: dict[bytes, OpenCommand] = {}
        self._late: dict[bytes, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, command: OpenCommand) -> bytes:
        """Its header. There must be fewer open than there are headers."""
        header = self._next_header()
        while header in self._open or header in self._late:
            header = self._next_header()
        self._open[header] = command
        return header

    def settle(self, header: bytes) -> OpenCommand | None:
        """The command that an answer with this header belongs to; it is not open any more."""
        return self._open.pop(header, None)

    def settle_late(self, header: bytes) -> bool:
        """Whether this is the header of a command that went silent; it may be used again."""
        known = header in self._late
        self._late.pop(header, None)
        return known

    def expire(self, now: float) -> list[OpenCommand]:
        """Those that have just gone silent."""
        overdue = []
        for header, command in self._open.items():
            if command.deadline > now:
                break
            overdue.append(header)
        self._late.update(dict.fromkeys(overdue))
        for header in _all_but_last(self._late, LATE_MAX):
            del self._late[header]
        return [self._open.pop(header) for header in overdue]

    def cut(self) -> list[OpenCommand]:
        """The connection ended: those that were open; nothing more will come."""
        lost = list(self._open.values())
        self._open.clear()
        self._late.clear()
        return lost

    def next_deadline(self) -> float:
        """When the next one is overdue; inf if none is open."""
        return next((command.deadline for command in self._open.values()), math.inf)

    def _next_header(self) -> bytes:
        self._serial = (self._serial + 1) % self._serials
        return b"%0*X" % (self._header_length, self._serial)


def _all_but_last(headers: Iterable[bytes], kept: int) -> list[bytes]:
    return list(headers)[:-kept]
