"""The bank's business days: into which of them a thing falls, when the next one is due, and which one may be opened.

Rule: pure. The ledger owns the days and refuses what is wrong; here is only what follows from them. Several may be open
at a time: what was begun in an earlier one ends there as long as it is open, and in the newest one after that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import msgspec

from ledger.model import DAY_OPEN, BusinessDay
from switch.wire.dates import compact, from_compact, is_day, resolve_day

NOON = time(12)
REGISTER = "day-orders"  # of the books: a row for each day that was opened or closed
OWN = "switch"  # the owner of the days, where it is nobody else
DAYS_ASKED_MAX = 16  # the newest ones: one before them that is still open is taken for closed, which does no harm


class Days(msgspec.Struct, frozen=True):
    """What was known of the days a moment ago. `current` is the newest open one, "" before anything is known; `opened`
    are the open ones with when they were opened, the newest first."""

    current: str = ""
    opened: tuple[tuple[str, float], ...] = ()

    def of(self, day: str) -> str:
        """The day into which falls what belongs to `day` ("": to none yet): itself as long as it is open. A later one
        than any that is known was opened by another worker."""
        is_open = day >= self.current or any(day == one for one, _ in self.opened)
        return day if is_open else self.current

    @property
    def ended(self) -> tuple[tuple[str, float], ...]:
        """Those that are open but for what was begun there, with when the day after each was opened."""
        return tuple((day, self.opened[place][1]) for place, (day, _) in enumerate(self.opened[1:]))


def known_days(found: Iterable[BusinessDay]) -> Days:
    """`found` is the newest first."""
    opened = tuple((one.day, one.opened_at) for one in found if one.state == DAY_OPEN)
    return Days(opened[0][0] if opened else "", opened)


class DayNote(msgspec.Struct, frozen=True):
    """Who changed a day and why, as the register keeps it; of one that was closed, how many payments were open."""

    who: str
    why: str
    carried_over: int = 0


class Calendar(msgspec.Struct, frozen=True):
    """What the bank says about its days. `owner` opens them: "switch", or an endpoint such as "peers.core". A day that
    is closed to business is never opened by the schedule. `cutover_at` None: nothing is opened by itself."""

    zone: tzinfo = UTC
    owner: str = OWN
    cutover_at: time | None = None
    closed_weekdays: frozenset[int] = frozenset()  # Monday is 0
    holidays: frozenset[date] = frozenset()
    close_within_s: float = 1800.0
    ahead_max_days: int = 7

    def today(self, now: float) -> date:
        """The date where the bank is."""
        return datetime.fromtimestamp(now, self.zone).date()

    def scheduled(self, now: float) -> str | None:
        """The day that should be open by now. A cutover in the evening opens the next date that is a business day; one
        in the small hours, that very date or the next that is one. A switch that was down then catches up."""
        if self.cutover_at is None:
            return None
        local = datetime.fromtimestamp(now, self.zone)
        passed = local.date() if local.time() >= self.cutover_at else local.date() - timedelta(1)
        return compact(self.business_day(passed if self.cutover_at < NOON else passed + timedelta(1)))

    def following(self, day: str) -> str:
        """The business day after one."""
        return compact(self.business_day(from_compact(day) + timedelta(1)))

    def business_day(self, day: date) -> date:
        """This date, or the first after it that is not closed to business. The settings leave a weekday open."""
        while day.weekday() in self.closed_weekdays or day in self.holidays:
            day += timedelta(1)
        return day

    def fault(self, day: str, days: Days, now: float) -> str | None:
        """Why `day` may not be opened now. Bounded by the calendar, however often it is asked: whoever could open far
        days would leave none for the days between."""
        if not is_day(day):
            return "there is no such day"
        latest = compact(self.today(now) + timedelta(self.ahead_max_days))
        if day < days.current:
            return f"{days.current} is open already, and days are opened one after the other"
        if day > latest:
            return f"it is more than {self.ahead_max_days} days ahead: allowed: up to {latest}"
        return None


BY_COMMAND = Calendar()


def days_between(earlier: str, later: str) -> int:
    return (from_compact(later) - from_compact(earlier)).days


def day_named(mmdd: str, near: str) -> str:
    """DE 15 as the day nearest to one that is known. ValueError: there is none."""
    return compact(resolve_day(mmdd, from_compact(near)))
