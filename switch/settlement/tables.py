"""The report as CSV, for a spreadsheet or a program: positions, breaks, what was explained.

Rule: pure. Amounts are minor units, names are English and fixed.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.spreadsheet import Cell, csv_lines
from switch.settlement.match import Finding
from switch.settlement.settlement import Settlement
from switch.settlement.story import Happened, Story
from switch.settlement.view import account_shown, back_minor, received_minor

POSITIONS = (
    *("day", "currency", "party", "received_count", "received_minor", "back_count", "back_minor"),
    *("settled_minor", "net_minor"),
)
BREAKS = (
    *("day", "peer", "kind", "case", "state", "owner", "reference", "stan", "transmitted_at", "payment", "service"),
    *("account", "payee", "currency", "moved_minor", "ours_minor", "theirs_minor", "difference_minor", "story"),
)
EXPLAINED = ("day", "peer", "why", "reference", "stan", "transmitted_at", "payment", "currency", "moved_minor")


def positions(done: Settlement) -> Iterator[str]:
    rows = (
        (
            *(done.day.day, balance.currency, one.party, one.received, received_minor(one), one.back, back_minor(one)),
            *(one.settled_minor, one.net_minor),
        )
        for balance in done.balances
        for one in balance.positions
    )
    return csv_lines(POSITIONS, rows)


def breaks(done: Settlement) -> Iterator[str]:
    return csv_lines(BREAKS, (_break(done, one) for one in done.breaks))


def explained(done: Settlement) -> Iterator[str]:
    rows = (
        (
            *(one.day, one.peer, str(one.why), one.key[2], one.key[1], one.key[0], one.payment.hex(), one.currency),
            one.moved_minor,
        )
        for one in done.explained
    )
    return csv_lines(EXPLAINED, rows)


def story_line(story: Story) -> str:
    return "; ".join(map(_step, story.steps))


def _step(step: Happened) -> str:
    figures = (step.detail, "" if step.amount_minor is None else str(step.amount_minor), step.state or "")
    return " ".join(filter(None, (step.what.value, *figures)))


def _break(done: Settlement, one: Finding) -> tuple[Cell, ...]:
    case, story = done.case_of(one), done.stories.get(one.payment)
    account = account_shown(one.account, at_core=one.at_core)
    payee = _payee(one.payee)
    return (
        *(one.day, one.peer, one.kind.value),
        *((case.id, case.state.value, case.owner) if case is not None else ("", "", "")),
        *(one.key[2], one.key[1], one.key[0], one.payment.hex(), story.service if story is not None else ""),
        *(account, payee, one.currency, one.moved_minor, one.ours_minor, one.theirs_minor, one.difference_minor),
        story_line(story) if story is not None else "",
    )


def _payee(name: str) -> str:
    kind, colon, rest = name.partition(":")
    personal = kind in ("customer", "loan", "card")
    return f"{kind}{colon}{account_shown(rest, at_core=True)}" if personal else name
