"""What the switch knows of time: two readings, given as an argument to whoever needs one."""

from typing import Protocol


class Clock(Protocol):
    def wall(self) -> float:
        """Seconds since the epoch (POSIX), for what is written down and what is sent. May step back."""
        ...

    def mono(self) -> float:
        """Seconds since some moment, for deadlines. Never steps back."""
        ...
