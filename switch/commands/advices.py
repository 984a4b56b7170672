"""`barada advices`: what is owed to peers, and orders about it."""

from __future__ import annotations

from typing import Any

import click
from msgspec.structs import asdict

from ledger import listing
from ledger.model import Advice
from ledger.scale import format_amount
from switch.commands.books import ID_SHOWN, Desk
from switch.commands.given import config_options, given_settings, json_option
from switch.commands.orders import give, order_options, tell
from switch.commands.showing import show_object
from switch.commands.times import Times
from switch.flow.orders import Action
from switch.flow.payment import Payment

OWED = ("due", "quarantined")


@click.group()
def advices() -> None:
    """Advices owed to the core and the billers: reversals and undos that nobody has acknowledged yet."""


@advices.command("list")
@config_options
@click.option("--destination", metavar="PEER", help="Only those to this peer.")
@click.option("--state", type=click.Choice(OWED), help="Only in this state.")
@json_option
def list_(path: str, overrides: tuple[str, ...], destination: str | None, state: str | None, as_json: bool) -> None:
    """Advices that are due or quarantined, the oldest payment's first."""
    desk = Desk(given_settings(path, overrides))
    with desk.look() as books:
        found = [
            one
            for one in listing.unfinished_advices(books)
            if destination in (None, one.destination) and state in (None, one.state)
        ]
    if as_json:
        show_object({"advices": [_object(one, desk.times) for one in found]})
    else:
        _show(found, desk)


@advices.command()
@config_options
@order_options
@json_option
def retry(**given: Any) -> None:
    """Make the next attempt to deliver a PAYMENT's advice now."""
    _order(Action.RETRY, **given)


@advices.command()
@config_options
@order_options
@json_option
def drop(**given: Any) -> None:
    """Close a PAYMENT's quarantined advice when its destination's books are right without it."""
    _order(Action.DROP, **given)


def _order(
    action: Action,
    path: str,
    overrides: tuple[str, ...],
    payment: str,
    who: str,
    why: str,
    yes: bool,
    as_json: bool,
) -> None:
    desk = Desk(given_settings(path, overrides))
    found = _owing(desk, payment)
    tell(give(desk.settings, found, action, who, why, yes=yes), found, desk.times, as_json=as_json)


def _owing(desk: Desk, given: str) -> Payment:
    with desk.look() as books:
        payment = desk.payment(books, given)
        if not any(advice.state in OWED for advice in listing.advices_of(books, payment.id)):
            raise click.ClickException(f"payment {payment.id.hex()} owes no advice: it is {payment.state.value}")
    return payment


def _object(advice: Advice, times: Times) -> dict[str, Any]:
    return {**asdict(advice), "payment": advice.payment.hex(), "next_at": times.written(advice.next_at)}


def _show(found: list[Advice], desk: Desk) -> None:
    from switch.commands.tables import show_rows

    columns = ("payment", "advice", "to", "amount", "tries", "state", "next at")
    rows = [
        (
            one.payment.hex()[:ID_SHOWN],
            one.kind,
            one.destination,
            format_amount(one.amount_minor, desk.times.day, desk.scale),
            str(one.attempts),
            one.state,
            desk.times.shown(one.next_at),
        )
        for one in found
    ]
    show_rows(f"Advices: {len(rows)}", columns, rows)
