"""What `barada disputes` does to the books: reads cases, finds what resolves one, commits it, has the core advised.

Rule: what may be done is said by `settlement.case` and `settlement.resolution`, and once more by the ledger, which
takes a case's change and its transfer together or not at all.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

import click

from config.settings import Settings
from ledger import listing, report
from ledger.errors import BooksError
from ledger.model import Committed, Group, Outcome, Refused, RegisterRow, Stale
from ledger.queries import CurrentDay, ListRegister
from ledger.reader import open_reader
from switch.backoffice.books import known_of
from switch.backoffice.keeping import new_id, submit
from switch.commands.books import Desk
from switch.commands.orders import ask_switch
from switch.commands.settlement import one_line_errors
from switch.flow.orders import Action, Order
from switch.flow.payment import from_record
from switch.settlement import case as life
from switch.settlement.case import Case, Said
from switch.settlement.resolution import Ids, Known, Resolution, resolution


def all_cases(settings: Settings, prefix: str = "") -> list[Case]:
    with closing(open_reader(settings.ledger.database)) as books:
        rows: list[RegisterRow] = report.answer(books, ListRegister(life.REGISTER, prefix))
    return [life.from_body(row.body) for row in rows]


def get_case(settings: Settings, given: str) -> Case:
    if not life.is_case_id(given):
        raise click.UsageError(f"{given[:40]!r}: allowed: a case's id, as `barada disputes list` shows it")
    found = all_cases(settings, given)
    if not found:
        raise BooksError(f"{given}: no such case")
    return found[0]


def resolution_of(desk: Desk, found: Case, words: Said, amount_minor: int | None) -> Resolution:
    """CaseError if it may not be."""
    now = desk.times.now
    with one_line_errors(), desk.look() as books:
        today = report.answer(books, CurrentDay())
        known = _known(books, found)
    return resolution(found, words, now, known, today, Ids(new_id(now), new_id(now)), amount_minor)


def confirm_resolution(made: Resolution, desk: Desk, *, yes: bool) -> None:
    one = made.transfer
    if not yes:
        words = f"{desk.money(one.amount_minor, one.day, one.currency)} in business day {one.day}"
        click.echo(f"{made.case.id}: {made.case.kind} at {made.case.peer}: a {one.kind.value} of {words}", err=True)
        click.confirm("Resolve it?", abort=True, err=True)


def commit(settings: Settings, group: Group) -> None:
    with one_line_errors():
        (outcome,) = submit(settings.ledger.socket, [group])
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


def advise(settings: Settings, made: Resolution, words: Said) -> str:
    """The running switch takes the payment up at once; one that starts later does it then."""
    payment = made.group.payment
    assert payment is not None
    try:
        verdict = ask_switch(settings.switch.admin_socket, Order(payment.id.hex(), Action.RETRY, words.who, words.why))
    except click.ClickException as error:
        return f"the core is advised when the switch runs ({error.message})"
    return "the core is being advised" if verdict.done else f"the core is not advised yet: {verdict.words}"


def _known(books: sqlite3.Connection, found: Case) -> Known | None:
    if not found.payment:
        return None
    id_ = bytes.fromhex(found.payment)
    rows = listing.payments_between(books, id_, id_, 1)
    return known_of(books, from_record(rows[0].record)) if rows else None
