"""A settlement as one page shows it, in one language: every figure written out, every name in words.

Rule: pure, and nothing is computed here but sums of what is shown beside them. Customers' accounts keep their last
digits; identifiers stay as they are, for whoever looks them up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from ledger.scale import UNCHANGED, Scale
from switch.settlement.case import Case
from switch.settlement.match import At, Finding, Kind
from switch.settlement.messages import ByMessage
from switch.settlement.money import amount
from switch.settlement.positions import BANK, CUSTOMERS, LOANS, Balance, Position
from switch.settlement.settlement import Settlement
from switch.settlement.story import Happened, Story
from switch.settlement.words import named, said, words
from switch.wire.mask import mask_tail

ROWS_MAX = 100  # explained differences, or cases, on a page; a file has them all
STORIES_MAX = 40  # breaks with their stories, likewise: ten sheets of paper
ATM, BILLER = "atm:", "biller:"

Row = dict[str, Any]
Shown = Callable[[float | None], str]


class Teller(msgspec.Struct, frozen=True):
    """In which language, the billers' names in it, whose peer a biller is, how a moment is written, and how the books
    count."""

    language: str
    billers: Mapping[str, str]
    peers: Mapping[str, tuple[str, ...]]
    shown: Shown
    now: float
    scale: Scale = UNCHANGED

    @property
    def is_arabic(self) -> bool:
        return self.language == "ar"

    def peer(self, name: str, core: str) -> str:
        if name == core:
            return said(self.language)["core"]
        return f"{said(self.language)['comma']} ".join(self.billers[code] for code in self.peers.get(name, ()))


def page(done: Settlement, teller: Teller) -> Row:
    """All that the template needs."""
    day, breaks, explained = done.day, done.breaks, done.explained
    return {
        "language": teller.language,
        "direction": "rtl" if teller.is_arabic else "ltr",
        "t": said(teller.language),
        "day": day_shown(day.day),
        "file_day": day.day,
        "is_open": day.closed_at is None,
        "opened": teller.shown(day.opened_at or None),
        "closed": teller.shown(day.closed_at),
        "made": teller.shown(teller.now),
        "unsettled": len(done.unsettled),
        "currencies": [_currency(balance, day.day, teller) for balance in done.balances],
        "peers": [_peer(name, lines, done, teller) for name, lines in done.file_lines.items()],
        "breaks": [_break(one, done, teller) for one in breaks[:STORIES_MAX]],
        "more_breaks": max(0, len(breaks) - STORIES_MAX),
        "explained": [_explained(one, done, teller) for one in explained[:ROWS_MAX]],
        "more_explained": max(0, len(explained) - ROWS_MAX),
        "cases": [_case(one, done, teller) for one in _in_order(done.cases)[:ROWS_MAX]],
        "more_cases": max(0, len(done.cases) - ROWS_MAX),
        "messages": [_message(one, done, teller) for one in done.messages],
    }


def day_shown(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"


def account_shown(account: str, *, at_core: bool) -> str:
    """A customer's account by its last digits; a bill in full."""
    return mask_tail(account) if at_core and account else account


def received_minor(one: Position) -> int:
    """Less what the party itself paid."""
    return one.received_minor - one.paid_minor


def back_minor(one: Position) -> int:
    return one.back_minor - one.returned_minor


def _currency(balance: Balance, day: str, teller: Teller) -> Row:
    t = said(teller.language)
    atms = balance.of(ATM)
    gathered = (
        *((_biller(one, teller), (one,)) for one in balance.of(BILLER)),
        (t["atms"], atms),
        (t["loans"], balance.of(LOANS)),
        (t["customers"], balance.of(CUSTOMERS)),
        (t["bank"], balance.of(BANK)),
    )
    customers = balance.of(CUSTOMERS)
    totals = (
        (t["billers"], balance.of(BILLER)),
        (t["atms"], atms),
        (t["loans"], balance.of(LOANS)),
        (t["customers"], customers),
    )
    return {
        "code": balance.currency,
        "name": named(balance.currency, teller.language),
        "totals": [_row(name, some, day, teller.scale) for name, some in totals],
        "rows": [_row(name, some, day, teller.scale) for name, some in gathered if some],
        "sum": _row(t["sum"], balance.positions, day, teller.scale),
        "atms": [_row(one.party.removeprefix(ATM), (one,), day, teller.scale) for one in atms],
        "atm_sum": _row(t["sum"], atms, day, teller.scale),
        "transfers": _row(t["transfers"], _alone(customers), day, teller.scale),
    }


def _alone(customers: Iterable[Position]) -> tuple[Position, ...]:
    """What customers received of each other, not netted against what they paid."""
    return tuple(msgspec.structs.replace(one, paid_minor=0, returned_minor=0, settled_minor=0) for one in customers)


def _row(name: str, some: Iterable[Position], day: str, scale: Scale) -> Row:
    some = tuple(some)
    figures = {
        "received": sum(map(received_minor, some)),
        "back": sum(map(back_minor, some)),
        "settled": sum(one.settled_minor for one in some),
        "net": sum(one.net_minor for one in some),
    }
    counts = {"count": f"{sum(one.received for one in some):,}"}
    return {"name": name, **counts, **{key: amount(minor, day, scale) for key, minor in figures.items()}}


def _biller(one: Position, teller: Teller) -> str:
    code = one.party.removeprefix(BILLER)
    return teller.billers.get(code, code)


def _peer(name: str, lines: int, done: Settlement, teller: Teller) -> Row:
    kinds = [one.kind for one in done.findings if one.peer == name]
    matched, explained = kinds.count(Kind.MATCHED), kinds.count(Kind.EXPLAINED)
    return {
        "peer": name,
        "name": teller.peer(name, done.core),
        "lines": f"{lines:,}",
        "matched": f"{matched:,}",
        "explained": f"{explained:,}",
        "breaks": f"{len(kinds) - matched - explained:,}",
    }


def _break(one: Finding, done: Settlement, teller: Teller) -> Row:
    case, story = done.case_of(one), done.stories.get(one.payment)
    return {
        "kind": words(one.kind, teller.language),
        "peer": one.peer,
        "name": teller.peer(one.peer, done.core),
        "reference": one.key[2],
        "stan": one.key[1],
        "account": account_shown(one.account, at_core=one.at_core),
        "amount": amount(one.moved_minor, one.day, teller.scale),
        "ours": amount(one.ours_minor, one.day, teller.scale),
        "theirs": amount(one.theirs_minor, one.day, teller.scale),
        "difference": amount(one.difference_minor, one.day, teller.scale),
        "case": case.id if case is not None else "",
        "state": words(case.state, teller.language) if case is not None else said(teller.language)["no_case"],
        "owner": case.owner if case is not None else "",
        "story": _story(story, one, teller) if story is not None else None,
    }


def _story(story: Story, one: Finding, teller: Teller) -> Row:
    return {
        "payment": story.payment,
        "service": named(story.service, teller.language),
        "steps": [_step(step, one, teller) for step in story.steps],
    }


def _step(step: Happened, one: Finding, teller: Teller) -> Row:
    minor = step.amount_minor
    return {
        "what": words(step.what, teller.language),
        "at": teller.shown(step.at),
        "detail": step.detail,
        "amount": amount(minor, one.day, teller.scale) if minor is not None else "",
        "state": words(step.state, teller.language) if step.state is not None else "",
    }


def _explained(one: Finding, done: Settlement, teller: Teller) -> Row:
    return {
        "peer": one.peer,
        "name": teller.peer(one.peer, done.core),
        "reference": one.key[2],
        "stan": one.key[1],
        "amount": amount(one.moved_minor, one.day, teller.scale),
        "why": words(one.why, teller.language) if one.why is not None else "",
    }


def _case(one: Case, done: Settlement, teller: Teller) -> Row:
    return {
        "case": one.id,
        "peer": one.peer,
        "name": teller.peer(one.peer, done.core),
        "kind": words(one.kind, teller.language),
        "reference": one.reference,
        "difference": amount(one.difference_minor, one.day, teller.scale),
        "state": words(one.state, teller.language),
        "owner": one.owner,
    }


def _in_order(cases: Mapping[At, Case]) -> list[Case]:
    return sorted(cases.values(), key=lambda one: one.id)


def _message(one: ByMessage, done: Settlement, teller: Teller) -> Row:
    t = said(teller.language)
    return {
        "who": one.who,
        "name": teller.peer(one.who, done.core) if one.is_peer else t["institution"],
        "currency": one.currency,
        "result": words(one.result, teller.language) if one.result is not None else t["unreadable"],
        "differs": " ".join(one.differs),
    }
