"""`barada disputes`: the cases that a settlement opened, and what the desk does about each."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import click
from msgspec.structs import asdict

from config.settings import Settings
from ledger import listing, report
from ledger.errors import BooksError
from ledger.model import Committed, Group, Outcome, Refused, RegisterRow, Stale
from ledger.queries import CurrentDay, ListRegister
from ledger.reader import open_reader
from switch.backoffice.books import known_of
from switch.backoffice.keeping import new_id, submit
from switch.commands.books import Desk
from switch.commands.given import config_options, given_settings
from switch.commands.orders import ask_switch, attributed
from switch.commands.settled import case_facts, case_object
from switch.commands.settlement import one_line_errors
from switch.commands.showing import show_object
from switch.commands.tables import money, show_facts, show_rows
from switch.commands.times import Span, Times
from switch.flow.orders import Action, Order
from switch.flow.payment import from_record
from switch.settlement import case as life
from switch.settlement.case import Case, CaseError, Said, State
from switch.settlement.resolution import Ids, Known, Resolution, resolution, row_of

_json = click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
_COLUMNS = ("case", "state", "age", "peer", "break", "reference", "difference", "owner")


@click.group()
def disputes() -> None:
    """Breaks that people have to settle: list them, look at one, take it, resolve or dismiss it.

    A look works while the ledger is down; the rest is written to the running ledger.
    """


@disputes.command("list")
@config_options
@click.option("--state", type=click.Choice([one.value for one in State]), help="Only in this state.")
@click.option("--peer", metavar="PEER", help="Only of this peer.")
@click.option("--day", metavar="YYYYMMDD", help="Only found on this day.")
@click.option("--older-than", type=Span(), metavar="SPAN", help="Opened longer ago than this: 90s, 30m, 2h, 1d.")
@click.option("--all", "everything", is_flag=True, help="Those that are over, too.")
@_json
def list_(
    path: str,
    overrides: tuple[str, ...],
    state: str | None,
    peer: str | None,
    day: str | None,
    older_than: float | None,
    everything: bool,
    as_json: bool,
) -> None:
    """Cases, the oldest first; those that are not over if nothing else is asked."""
    desk = Desk(given_settings(path, overrides))
    latest = desk.times.now - older_than if older_than is not None else float("inf")
    with one_line_errors():
        found = [
            one
            for one in _all(desk.settings)
            if peer in (None, one.peer)
            and day in (None, one.day)
            and one.opened_at <= latest
            and (one.state == state if state else everything or one.state not in life.OVER)
        ]
    if as_json:
        show_object({"disputes": [_listed(one, desk.times) for one in found]})
    else:
        show_rows(f"Disputes: {len(found)}", _COLUMNS, (_row(one, desk.times) for one in found))


@disputes.command()
@config_options
@click.argument("case")
@_json
def show(path: str, overrides: tuple[str, ...], case: str, as_json: bool) -> None:
    """Everything about one CASE: the break, and who did what and why."""
    desk = Desk(given_settings(path, overrides))
    with one_line_errors():
        found = _get(desk.settings, case)
    history = [{**asdict(step), "at": desk.times.written(step.at)} for step in found.history]
    if as_json:
        show_object({**_listed(found, desk.times), "history": history})
        return
    show_facts(f"Dispute {found.id}", case_facts(found, desk.times))
    steps = [
        (desk.times.shown(one.at), one.who, one.act.value, money(one.added_minor) if one.transfer else "", one.why)
        for one in found.history
    ]
    show_rows("History", ("at", "who", "what", "amount", "why"), steps)


@disputes.command()
@config_options
@click.argument("case")
@attributed
@_json
def take(path: str, overrides: tuple[str, ...], case: str, who: str, why: str, yes: bool, as_json: bool) -> None:
    """Say that you see to it: only its owner resolves a case. It may be taken over from another."""
    desk, found, words = _begin(path, overrides, case, who, why)
    _keep(desk, _allowed(lambda: life.take(found, words, desk.times.now)), yes=yes, as_json=as_json, verb="Take")


@disputes.command()
@config_options
@click.argument("case")
@attributed
@_json
def dismiss(path: str, overrides: tuple[str, ...], case: str, who: str, why: str, yes: bool, as_json: bool) -> None:
    """End it without moving money: the peer put it right, or there is nothing to put right."""
    desk, found, words = _begin(path, overrides, case, who, why)
    _keep(desk, _allowed(lambda: life.dismiss(found, words, desk.times.now)), yes=yes, as_json=as_json, verb="Dismiss")


@disputes.command()
@config_options
@click.argument("case")
@click.option(
    "--amount-minor",
    type=click.IntRange(1),
    metavar="N",
    help="Only so much, in minor units; never more than the break.",
)
@attributed
@_json
def resolve(
    path: str,
    overrides: tuple[str, ...],
    case: str,
    amount_minor: int | None,
    who: str,
    why: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Move the difference in the open business day, and end the case with it.

    What the books have too much goes back by a contra of its posting; the rest stands against the bank's account for
    disputes. The accounts follow from the break.
    """
    desk, found, words = _begin(path, overrides, case, who, why)
    now = desk.times.now
    ids = Ids(new_id(now), new_id(now))
    with one_line_errors(), closing(open_reader(desk.settings.ledger.database)) as books:
        today = report.answer(books, CurrentDay())
        known = _known(books, found)
    made = _allowed(lambda: resolution(found, words, now, known, today, ids, amount_minor))
    _confirm_resolution(made, yes=yes)
    _commit(desk.settings, [made.group])
    advised = _advise(desk.settings, made, words) if made.advises_core else ""
    _tell(made.case, desk.times, as_json=as_json, more=f"; {advised}" if advised else "")


def _known(books: sqlite3.Connection, found: Case) -> Known | None:
    if not found.payment:
        return None
    id_ = bytes.fromhex(found.payment)
    rows = listing.payments_between(books, id_, id_, 1)
    return known_of(books, from_record(rows[0].record)) if rows else None


def _all(settings: Settings, prefix: str = "") -> list[Case]:
    with closing(open_reader(settings.ledger.database)) as books:
        rows: list[RegisterRow] = report.answer(books, ListRegister(life.REGISTER, prefix))
    return [life.from_body(row.body) for row in rows]


def _get(settings: Settings, given: str) -> Case:
    if not life.is_case_id(given):
        raise click.UsageError(f"{given[:40]!r}: allowed: a case's id, as `barada disputes list` shows it")
    found = _all(settings, given)
    if not found:
        raise BooksError(f"{given}: no such case")
    return found[0]


def _begin(path: str, overrides: tuple[str, ...], case: str, who: str, why: str) -> tuple[Desk, Case, Said]:
    desk = Desk(given_settings(path, overrides))
    try:
        words = life.said(who, why)
    except CaseError as fault:
        raise click.UsageError(str(fault)) from None
    with one_line_errors():
        return desk, _get(desk.settings, case), words


def _allowed(step: Any) -> Any:
    try:
        return step()
    except CaseError as fault:
        raise click.ClickException(f"not done: {fault}") from None


def _keep(desk: Desk, changed: Case, *, yes: bool, as_json: bool, verb: str) -> None:
    if not yes:
        click.echo(f"{changed.id}: {changed.kind} at {changed.peer}", err=True)
        click.confirm(f"{verb} it?", abort=True, err=True)
    _commit(desk.settings, [Group(new_id(desk.times.now), registers=(row_of(changed),))])
    _tell(changed, desk.times, as_json=as_json)


def _confirm_resolution(made: Resolution, *, yes: bool) -> None:
    one = made.transfer
    if not yes:
        words = f"{money(one.amount_minor, one.currency)} in business day {one.day}"
        click.echo(f"{made.case.id}: {made.case.kind} at {made.case.peer}: a {one.kind.value} of {words}", err=True)
        click.confirm("Resolve it?", abort=True, err=True)


def _commit(settings: Settings, groups: Sequence[Group]) -> None:
    with one_line_errors():
        outcomes = submit(settings.ledger.socket, groups)
    for outcome in outcomes:
        if not isinstance(outcome, Committed):
            raise click.ClickException(f"not done: {_why(outcome)}")


def _why(outcome: Outcome) -> str:
    if isinstance(outcome, Refused) and outcome.about.startswith("registers"):
        return "somebody else changed the case meanwhile: look at it again"
    if isinstance(outcome, Stale):
        return "its payment went on meanwhile: run the settlement again"
    if isinstance(outcome, Refused):
        return f"the books refuse it: {outcome.reason.value}"
    return "the books are away"


def _advise(settings: Settings, made: Resolution, words: Said) -> str:
    """The running switch takes the payment up at once; one that starts later does it then."""
    payment = made.group.payment
    assert payment is not None
    try:
        verdict = ask_switch(settings.switch.admin_socket, Order(payment.id.hex(), Action.RETRY, words.who, words.why))
    except click.ClickException as error:
        return f"the core is advised when the switch runs ({error.message})"
    return "the core is being advised" if verdict.done else f"the core is not advised yet: {verdict.words}"


def _tell(changed: Case, times: Times, *, as_json: bool, more: str = "") -> None:
    if as_json:
        show_object(_listed(changed, times))
    else:
        click.echo(f"dispute {changed.id}: {changed.state}{more}")


def _listed(one: Case, times: Times) -> dict[str, Any]:
    opened = {"opened_at": times.written(one.opened_at), "age_s": int(times.now - one.opened_at)}
    return {**case_object(one), **opened}


def _row(one: Case, times: Times) -> tuple[str, ...]:
    ends = money(one.difference_minor, one.currency)
    return (one.id, one.state.value, times.ago(one.opened_at), one.peer, one.kind.value, one.reference, ends, one.owner)
