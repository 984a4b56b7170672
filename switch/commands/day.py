"""`barada day`: which business days are open and what was counted in them, and orders to open the next or close one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import partial
from typing import Any

import click
import msgspec

from ledger import report
from ledger.model import DAY_CLOSED, DAY_OPEN, BusinessDay, DayTotal
from ledger.queries import CountOpen, DayTotals, ListDays, ListRegister
from ledger.scale import format_amount
from switch.commands.books import Desk
from switch.commands.given import config_options, given_settings, json_option
from switch.commands.orders import ask_switch, attributed, readable, tell_verdict
from switch.commands.showing import show_object
from switch.commands.times import Day, Times
from switch.flow.days import REGISTER, DayNote
from switch.flow.orders import DayAction

SHOWN_MAX = 14
CHANGES = {DAY_CLOSED: "closed", DAY_OPEN: "opened"}


class Told(msgspec.Struct, frozen=True):
    """A day as it stands in the books: who opened and closed it, what is open of it, what it counts."""

    day: BusinessDay
    still_open: int
    notes: dict[str, DayNote]  # by the state that it was brought into
    totals: tuple[DayTotal, ...]


@click.group()
def day() -> None:
    """The bank's business days."""


@day.command()
@config_options
@click.argument("day", type=Day(), required=False)
@json_option
def show(path: str, overrides: tuple[str, ...], day: str | None, as_json: bool) -> None:
    """The newest days, or one with its totals, from the books: the switch need not run."""
    desk = Desk(given_settings(path, overrides))
    with desk.look() as books:
        found = [_told(books, one) for one in _days(books, day)]
    if as_json:
        show_object({"days": [_object(one, desk.times) for one in found]})
    elif day is None:
        _show_days(found, desk.times)
    else:
        _show_totals(found[0], desk)


@day.command()
@config_options
@click.option("--day", type=Day(), help="The day that opens; without it the next business day.")
@attributed
@json_option
def cutover(**given: Any) -> None:
    """Open the next business day. Nothing stops: what was begun before ends in its own day."""
    _order(DayAction.CUTOVER, **given)


@day.command()
@config_options
@click.option("--day", type=Day(), help="Which; without it the one that has ended.")
@attributed
@json_option
def close(**given: Any) -> None:
    """Close a day that has ended, now. Payments that are still open are carried over into the open day."""
    _order(DayAction.CLOSE, **given)


def _order(
    action: DayAction,
    path: str,
    overrides: tuple[str, ...],
    day: str | None,
    who: str,
    why: str,
    yes: bool,
    as_json: bool,
) -> None:
    settings, order = given_settings(path, overrides), readable("day", who, why, action=action.value, day=day or "")
    if not yes:
        what = "Open the next business day" if action is DayAction.CUTOVER else "Close the day that has ended"
        click.confirm(f"{what}{f', {day}' if day else ''}? It can't be taken back.", abort=True, err=True)
    verdict = ask_switch(settings.switch.admin_socket, order)
    tell_verdict(verdict, as_json=as_json)


def _days(books: sqlite3.Connection, day: str | None) -> list[BusinessDay]:
    if day is None:
        return report.list_days(books, ListDays(SHOWN_MAX))
    found = [one for one in report.list_days(books, ListDays()) if one.day == day]
    if not found:
        raise click.ClickException(f"{day}: the books have no such day: allowed: one of `barada day show`")
    return found


def _told(books: sqlite3.Connection, day: BusinessDay) -> Told:
    rows = report.list_register(books, ListRegister(REGISTER, day.day))
    return Told(
        day,
        report.count_open(books, CountOpen(day.day)),
        {row.key.partition(" ")[2]: msgspec.json.decode(row.body, type=DayNote) for row in rows},
        tuple(report.day_totals(books, DayTotals(day.day))),
    )


def _object(told: Told, times: Times) -> dict[str, Any]:
    day = told.day
    return {
        "day": day.day,
        "state": day.state,
        "opened_at": times.written(day.opened_at),
        "closed_at": times.written(day.closed_at),
        "still_open": told.still_open,
        "changes": {state: msgspec.to_builtins(note) for state, note in told.notes.items()},
        "totals": [msgspec.to_builtins(msgspec.structs.asdict(total)) for total in told.totals],
    }


def _show_days(found: list[Told], times: Times) -> None:
    from switch.commands.tables import show_rows

    columns = ("day", "state", "opened at", "closed at", "payments open", "carried over", "who and why")
    rows = (
        (
            told.day.day,
            told.day.state,
            times.shown(told.day.opened_at),
            times.shown(told.day.closed_at),
            str(told.still_open),
            _carried_over(told),
            "; ".join(_who_and_why(told)),
        )
        for told in found
    )
    show_rows("Business days, the newest first" if len(found) > 1 else "Business day", columns, rows)


def _carried_over(told: Told) -> str:
    note = told.notes.get(DAY_CLOSED)
    return "" if note is None else str(note.carried_over)


def _who_and_why(told: Told) -> Iterator[str]:
    for state, note in told.notes.items():
        yield f"{CHANGES.get(state, state)} by {note.who}{f': {note.why}' if note.why else ''}"


def _heading(total: DayTotal) -> tuple[str, str, str]:
    """The institution, the kind, and who was asked."""
    acquirer, kind, *asked = total.heading.split("|")
    return acquirer, kind, ", ".join(filter(None, asked))


def _show_totals(told: Told, desk: Desk) -> None:
    from switch.commands.tables import show_rows

    _show_days([told], desk.times)
    if not told.totals:
        click.echo(
            f"{told.day.day} counts nothing yet" if told.day.closed_at is None else f"{told.day.day} counts nothing"
        )
        return
    money = partial(format_amount, day=told.day.day, scale=desk.scale)
    columns = ("institution", "counted as", "asked", "currency", "posted", "number", "given back", "number")
    rows = (
        (
            *_heading(total),
            total.currency,
            money(total.posted_minor),
            str(total.posted),
            money(total.back_minor),
            str(total.back),
        )
        for total in told.totals
    )
    show_rows(f"What {told.day.day} counts", columns, rows)
