"""`barada reconciliations`: whose totals of a business day agree with the ledger's, whose do not, and who said nothing.

Rule: what was found is read from the register, as it was kept; who is expected is the configuration's to say. A side
that said nothing is listed all the same: silence is no balance.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import click

from config.sections import Settings
from ledger import report
from ledger.model import DAY_CLOSED, BusinessDay, RegisterRow
from ledger.queries import ListDays, ListRegister
from ledger.scale import Scale, format_amount
from switch.commands.books import Desk
from switch.commands.given import config_options, given_settings, json_option
from switch.commands.showing import show_object
from switch.commands.times import Day
from switch.flow.reconciliation import PEER, REGISTER, WORDS, Reconciliation, Result, from_body, keys_of
from switch.wire.figures import ELEMENTS, NET, SUMS, Figures, value_of
from switch.wire.names import FIELD_NAMES

_day = click.option("--day", type=Day(), help="Of this business day; otherwise of the newest that is closed.")
NOTHING = "nothing yet"
NOT_ALONE = "not judged alone"  # of a peer: its net and what stands of the numbers are


@click.group()
def reconciliations() -> None:
    """Whose totals of a business day agree with the ledger's: the channels' and the peers'."""


@reconciliations.command("list")
@config_options
@_day
@click.option("--unsettled", is_flag=True, help="Only those that are not in balance.")
@json_option
def list_(path: str, overrides: tuple[str, ...], day: str | None, unsettled: bool, as_json: bool) -> None:
    """Each channel's institution and each peer, with what came of its totals."""
    desk = Desk(given_settings(path, overrides))
    with desk.look() as books:
        chosen = _chosen(books, day)
        every = _of(books, chosen.day, desk.settings)
    found = [one for one in every if not (unsettled and _is_settled(one))]
    if as_json:
        show_object({"day": chosen.day, "reconciliations": [_object(one, desk) for one in found]})
    else:
        still = "" if chosen.state == DAY_CLOSED else f", {chosen.state}"
        title = f"Reconciliations of {chosen.day}{still}: {sum(map(_is_settled, every))} of {len(every)} in balance"
        _show(title, found, desk)


@reconciliations.command()
@config_options
@click.argument("name", metavar="NAME")
@_day
@json_option
def show(path: str, overrides: tuple[str, ...], name: str, day: str | None, as_json: bool) -> None:
    """The figures of one side beside ours: NAME is an institution (field 32), a listener that speaks for one alone, or
    a peer."""
    desk = Desk(given_settings(path, overrides))
    with desk.look() as books:
        chosen = _chosen(books, day)
        sides = {_name(one): one for one in _of(books, chosen.day, desk.settings)}
    listener = desk.settings.listeners.get(name)
    if name not in sides and listener is not None and len(listener.acquirers) == 1:
        (name,) = listener.acquirers
    if name not in sides:
        raise click.UsageError(f"{name}: allowed: {', '.join(sides)}")
    if as_json:
        show_object(_object(sides[name], desk))
    else:
        _show_one(sides[name], desk)


def _chosen(books: sqlite3.Connection, day: str | None) -> BusinessDay:
    days: list[BusinessDay] = report.answer(books, ListDays())
    if day is None:
        closed = next((one for one in days if one.state == DAY_CLOSED), None)
        if closed is None:
            raise click.ClickException("no business day is closed yet")
        return closed
    found = next((one for one in days if one.day == day), None)
    if found is None:
        known = ", ".join(one.day for one in days[:5]) or "none"
        raise click.UsageError(f"--day {day}: no such business day; the newest: {known}")
    return found


def _of(books: sqlite3.Connection, day: str, settings: Settings) -> list[Reconciliation]:
    """What is kept of a day, and what is expected and is not there; channels first."""
    rows: list[RegisterRow] = report.answer(books, ListRegister(REGISTER, keys_of(day)))
    kept = {_name(one): one for one in (from_body(row.body) for row in rows)}
    currency = settings.switch.currency
    for name, acquirer, institution in _expected(settings):
        kept.setdefault(name, Reconciliation(day, acquirer, institution, currency, Result.NONE))
    return sorted(kept.values(), key=lambda one: (bool(one.peer), _name(one)))


def _expected(settings: Settings) -> Iterator[tuple[str, str, str]]:
    for listener in settings.listeners.values():
        yield from ((acquirer, acquirer, "") for acquirer in listener.acquirers)
    yield from ((name, "", f"{PEER}{name}") for name, peer in settings.peers.items() if peer.reconciles)


def _listeners(one: Reconciliation, settings: Settings) -> list[str]:
    """By which a channel's institution speaks."""
    return [name for name, listener in settings.listeners.items() if one.acquirer in listener.acquirers]


def _side(one: Reconciliation, settings: Settings) -> str:
    return "peer" if one.peer else " ".join(("channel", *_listeners(one, settings)))


def _name(one: Reconciliation) -> str:
    """A peer's, or the acquirer's."""
    return one.peer or one.acquirer


def _is_settled(one: Reconciliation) -> bool:
    return one.result is Result.BALANCED


def _words(one: Reconciliation) -> str:
    return WORDS[one.result] if one.at else NOTHING


def _object(one: Reconciliation, desk: Desk) -> dict[str, Any]:
    times = desk.times
    figures = {
        side: None if said is None else {de: value_of(said, de) for de in ELEMENTS}
        for side, said in (("ours", one.ours), ("theirs", one.theirs))
    }
    return {
        "name": _name(one),
        "side": "peer" if one.peer else "channel",
        "listeners": [] if one.peer else _listeners(one, desk.settings),
        "day": one.day,
        "currency": one.currency,
        "outcome": _words(one),
        "in_balance": _is_settled(one),
        "code": one.code,
        "differs": list(one.differs),
        **figures,
        "at": times.written(one.at or None),
        "attempts": one.attempts,
        "next_at": times.written(one.next_at),
    }


def _money(minor: int, day: str, scale: Scale) -> str:
    """What was said of a day, in its pound."""
    return format_amount(minor * scale.units(day), day, scale)


def _show(title: str, found: list[Reconciliation], desk: Desk) -> None:
    from switch.commands.tables import show_rows

    def net(one: Reconciliation, said: Figures | None) -> str:
        return "" if said is None else _money(said.net_minor, one.day, desk.scale)

    columns = ("name", "side", "outcome", "our net", "their net", "differs", "age", "again in")
    rows = [
        (
            _name(one),
            _side(one, desk.settings),
            _words(one),
            net(one, one.ours),
            net(one, one.theirs),
            " ".join(one.differs),
            desk.times.ago(one.at) if one.at else "",
            desk.times.until(one.next_at) if one.next_at is not None else "",
        )
        for one in found
    ]
    show_rows(title, columns, rows)


def _show_one(one: Reconciliation, desk: Desk) -> None:
    from switch.commands.tables import show_facts, show_rows

    times = desk.times
    facts = (
        ("outcome", _words(one)),
        ("answered with", one.code),
        ("at", times.shown(one.at or None)),
        ("questions asked", str(one.attempts) if one.attempts else ""),
        ("next at", times.shown(one.next_at)),
    )
    show_facts(f"{_name(one)}, {one.day}", facts)
    show_rows("Figures", ("field", "what", "our amount", "their amount", ""), _figures(one, desk.scale))


def _figures(one: Reconciliation, scale: Scale) -> Iterator[tuple[str, ...]]:
    for de in ELEMENTS:
        ours, theirs = (_said(figures, de, one.day, scale) for figures in (one.ours, one.theirs))
        alone = one.peer and ours and theirs and ours != theirs
        yield de, FIELD_NAMES[de], ours, theirs, "differs" if de in one.differs else NOT_ALONE if alone else ""


def _said(figures: Figures | None, de: str, day: str, scale: Scale) -> str:
    if figures is None:
        return ""
    value = value_of(figures, de)
    return _money(value, day, scale) if de in SUMS or de == NET else f"{value:,}"
