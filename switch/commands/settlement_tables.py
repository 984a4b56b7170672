"""A settlement and its cases as tables for people, and as objects for programs.

Rule: this lays out and decides nothing. Programs get units of the books, and nobody a customer's whole account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import click

from ledger.scale import Scale
from switch.commands.books import Desk
from switch.commands.tables import show_rows
from switch.flow.reconciliation import WORDS, Result
from switch.settlement.case import Case
from switch.settlement.match import Finding, Kind
from switch.settlement.settlement import Settlement
from switch.settlement.tables import story_line
from switch.settlement.view import account_shown, back_minor, received_minor


def as_object(done: Settlement, scale: Scale) -> dict[str, Any]:
    """For a program: units of the books, so many in a minor unit of that day, and no whole account of a customer."""
    kinds = [one.kind for one in done.findings]
    return {
        "day": done.day.day,
        "state": done.day.state,
        "units": scale.units(done.day.day),
        "counts": {kind.value: kinds.count(kind) for kind in Kind},
        "unsettled": len(done.unsettled),
        "balances": {
            balance.currency: {
                "positions": [
                    {
                        "party": one.party,
                        "received": one.received,
                        "received_minor": received_minor(one),
                        "back": one.back,
                        "back_minor": back_minor(one),
                        "settled_minor": one.settled_minor,
                        "net_minor": one.net_minor,
                    }
                    for one in balance.positions
                ],
                "total_minor": balance.total_minor,
            }
            for balance in done.balances
        },
        "peers": dict(done.file_lines),
        "breaks": [_finding(one, done) for one in done.breaks],
        "explained": [{**_named(one), "why": one.why} for one in done.explained],
        "cases": [case_object(one) for one in sorted(done.cases.values(), key=lambda one: one.id)],
        "messages": [
            {"who": one.who, "currency": one.currency, "result": one.outcome, "differs": one.differs}
            for one in done.messages
        ],
    }


def case_object(case: Case) -> dict[str, Any]:
    """A case in a list."""
    return {
        "case": case.id,
        "state": case.state,
        "day": case.day,
        "peer": case.peer,
        "kind": case.kind,
        "reference": case.reference,
        "payment": case.payment,
        "difference_minor": case.difference_minor,
        "currency": case.currency,
        "account": account_shown(case.account, at_core=case.at_core),
        "owner": case.owner,
    }


def _named(one: Finding) -> dict[str, Any]:
    transmitted_at, stan, reference = one.key
    return {
        "peer": one.peer,
        "kind": one.kind,
        "reference": reference,
        "stan": stan,
        "transmitted_at": transmitted_at,
        "payment": one.payment.hex(),
        "currency": one.currency,
        "moved_minor": one.moved_minor,
    }


def _finding(one: Finding, done: Settlement) -> dict[str, Any]:
    case, story = done.case_of(one), done.stories.get(one.payment)
    return {
        **_named(one),
        "ours_minor": one.ours_minor,
        "theirs_minor": one.theirs_minor,
        "difference_minor": one.difference_minor,
        "case": case.id if case is not None else "",
        "state": case.state if case is not None else "",
        "story": story_line(story) if story is not None else "",
    }


def show_settlement(done: Settlement, desk: Desk) -> None:
    money = partial(desk.money, day=done.day.day)
    for balance in done.balances:
        rows = [
            (
                one.party,
                *(f"{one.received:,}", money(received_minor(one))),
                *(money(back_minor(one)), money(one.settled_minor), money(one.net_minor)),
            )
            for one in balance.positions
        ]
        total = ("sum", "", "", "", "", money(balance.total_minor))
        show_rows(f"Positions of {done.day.day}, {done.day.state}, {balance.currency}", _POSITIONS, [*rows, total])
    kinds = [one.kind for one in done.findings]
    counts: Mapping[str, int] = {kind.value: kinds.count(kind) for kind in Kind if kind in kinds}
    if counts:
        click.echo(", ".join(f"{name}: {count:,}" for name, count in counts.items()))
    breaks = [
        (one.peer, one.kind.value, one.key[2], money(one.difference_minor), *_case_words(done.case_of(one)))
        for one in done.breaks
    ]
    if breaks:
        show_rows(f"Breaks: {len(breaks)}, not settled: {len(done.unsettled)}", _BREAKS, breaks)
    elif done.cases:
        cases = [
            (one.peer, one.kind.value, one.reference, money(one.difference_minor), *_case_words(one))
            for one in sorted(done.cases.values(), key=lambda one: one.id)
        ]
        show_rows(f"Cases: {len(cases)}", _BREAKS, cases)
    if done.messages:
        said = (
            (one.who, one.currency, WORDS[one.result or Result.NONE], " ".join(one.differs)) for one in done.messages
        )
        show_rows("By message", ("who", "currency", "outcome", "differs"), said)


_POSITIONS = ("party", "count", "received", "given back", "disputes", "net")
_BREAKS = ("peer", "break", "reference", "difference", "case", "state")


def _case_words(case: Case | None) -> tuple[str, str]:
    return ("", "") if case is None else (case.id, state_words(case))


def state_words(case: Case) -> str:
    """With whose it is."""
    return f"{case.state.value}, {case.owner}" if case.owner else case.state.value


def case_facts(case: Case, desk: Desk) -> Iterator[tuple[str, str]]:
    """What it is about, for people."""
    times, money = desk.times, partial(desk.money, day=case.day, currency=case.currency)
    transmitted_at, stan, reference = case.key
    more = "the peer has more" if case.difference_minor > 0 else "the books have more" if case.difference_minor else ""
    yield "state", f"{case.state}, {times.ago(case.opened_at)} old, opened {times.shown(case.opened_at)}"
    yield "owner", case.owner
    yield "break", f"{case.kind} at {case.peer}, business day {case.day}"
    yield "difference", f"{money(case.amount_minor)} {more}".rstrip()
    yield "of", money(case.moved_minor)
    yield "asked", f"field 37 {reference}, field 11 {stan}, field 7 {transmitted_at}"
    yield "account", account_shown(case.account, at_core=case.at_core)
    yield "payment", case.payment or "none is known here"
