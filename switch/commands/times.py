"""Moments for people in the bank's zone, for programs in UTC; spans such as 30m or 2h; business days."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

from switch.wire.dates import is_day

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Times:
    """`now` is when the command began: one page tells one moment."""

    def __init__(self, timezone: str, now: float) -> None:
        self._zone = ZoneInfo(timezone)
        self.now = now

    @property
    def day(self) -> str:
        """YYYYMMDD, by the calendar."""
        return self.day_of(self.now)

    def day_of(self, at: float) -> str:
        return datetime.fromtimestamp(at, self._zone).strftime("%Y%m%d")

    def shown(self, at: float | None) -> str:
        """Such as 2026-11-22 12:00:05; empty for none."""
        return "" if at is None else datetime.fromtimestamp(at, self._zone).strftime("%Y-%m-%d %H:%M:%S")

    def written(self, at: float | None) -> str | None:
        """RFC 3339."""
        if at is None:
            return None
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def ago(self, at: float) -> str:
        """How long it has lasted: 45s, 12m, 3h, 8d."""
        return _span(self.now - at)

    def until(self, at: float) -> str:
        """How long it will be, likewise."""
        return _span(at - self.now)


def _span(seconds: float) -> str:
    whole = max(0, int(seconds))
    unit = next((unit for unit in "dhm" if whole >= 2 * _UNITS_S[unit]), "s")
    return f"{whole // _UNITS_S[unit]}{unit}"


class Span(click.ParamType[float]):
    """A number and its unit."""

    name = "span"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = re.fullmatch(r"([0-9]{1,6})([smhd])", str(value))
        if found is None:
            self.fail(f"{value!r}: allowed: a number and s, m, h or d, such as 30m", param, ctx)
        return float(found[1]) * _UNITS_S[found[2]]


class Day(click.ParamType[str]):
    """A business day, as the books name it."""

    name = "YYYYMMDD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not is_day(str(value)):
            self.fail(f"{value!r}: allowed: a day as YYYYMMDD", param, ctx)
        return str(value)
