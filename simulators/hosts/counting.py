"""A simulated host's own totals of a day, and what it says to a switch that asks about them (0500).

Rule: a question belongs to the business day that its DE 15 names, the host's own date where it names none, and so does
a reversal by its own. The counts are the books', made in the commit that moved the money. In balance is what stands
alike: a host has seen debits that were taken back before the switch posted them.
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.model import DayTotal
from simulators.miscounting import miscounted
from switch.flow.totals import figures_of, standing_differently
from switch.services.table import COUNTED_AS
from switch.wire import dates
from switch.wire.figures import figure_fields, parse_figures
from switch.wire.message import Message

RECONCILIATION = "5"
NEEDS = ("7", "11", "15", "32", "49")


def heading_of(message: Message, today: str) -> str:
    """Under which the books count what a question moves; "" if it moves nothing that is reconciled."""
    kind = COUNTED_AS.get((message.processing_code or "")[:2])
    return f"{day_of(message, today)}|{kind}" if kind is not None else ""


def day_prefix(day: str) -> str:
    """How the headings of a business day begin."""
    return f"{day}|"


def day_of(message: Message, today: str) -> str:
    """YYYYMMDD; `today` where DE 15 is not there or no day."""
    try:
        return dates.compact(dates.resolve_day(message.business_date or "", dates.from_compact(today)))
    except ValueError:
        return today


def judged(message: Message, totals: Iterable[DayTotal], units: int, *, miscounts: bool) -> tuple[str, dict[str, str]]:
    """DE 39 and what else is answered. `units` are the books' in a minor unit of that day. ValueError, KeyError: the
    figures can't be read."""
    theirs = parse_figures(message.fields)
    ours = figures_of(totals, message["49"], units)
    ours = miscounted(ours) if miscounts else ours
    day = {"15": message["15"]}
    if standing_differently(ours, theirs):
        return "95", {"66": "2", **day, **figure_fields(ours)}
    return "00", {"66": "1", **day}
