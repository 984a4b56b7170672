"""`barada payments`: what is open or disputed, one payment's story, and orders about it."""

from __future__ import annotations

from itertools import islice
from typing import Any

import click

from ledger import listing
from switch.commands.books import Desk
from switch.commands.given import config_options, given_settings, json_option
from switch.commands.orders import give, order_options, tell
from switch.commands.showing import show_object
from switch.commands.story import Story, summary, whole
from switch.commands.times import Span
from switch.flow.orders import Action
from switch.flow.payment import Part, State, from_record, transfer_id
from switch.services.table import BY_NAME
from switch.terms import AgreedTerms

_STATES = [state.value for state in State if state is not State.NONE]


@click.group()
def payments() -> None:
    """Payments that are open or disputed: list them, look at one, decide.

    A look works while the switch is down; an order goes to the running switch.
    """


@payments.command("list")
@config_options
@click.option("--state", type=click.Choice(_STATES, case_sensitive=False), help="Only in this state.")
@click.option("--service", type=click.Choice(sorted(BY_NAME)), help="Only of this service.")
@click.option("--older-than", type=Span(), metavar="SPAN", help="Accepted longer ago than this: 90s, 30m, 2h, 1d.")
@click.option("--all", "everything", is_flag=True, help="Finished ones too, the newest first.")
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True, help="How many at most.")
@json_option
def list_(
    path: str,
    overrides: tuple[str, ...],
    state: str | None,
    service: str | None,
    older_than: float | None,
    everything: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Open and disputed payments, the oldest first."""
    desk = Desk(given_settings(path, overrides))
    latest = desk.times.now - older_than if older_than is not None else float("inf")
    with desk.look() as books:
        rows = listing.all_payments(books) if everything else listing.unfinished_payments(books)
        wanted = (row for row in rows if state in (None, row.state) and service in (None, row.service))
        found = (payment for row in wanted if (payment := from_record(row.record)).accepted_at <= latest)
        first = list(islice(found, limit + 1))
    if as_json:
        show_object({"payments": [summary(one, desk.times) for one in first[:limit]], "more": len(first) > limit})
    else:
        from switch.commands.telling import show_list

        show_list(first[:limit], AgreedTerms(desk.settings), desk.times, desk.scale, more=len(first) > limit)


@payments.command()
@config_options
@click.argument("payment")
@json_option
def show(path: str, overrides: tuple[str, ...], payment: str, as_json: bool) -> None:
    """Everything about one payment, named by its id or how that begins."""
    desk = Desk(given_settings(path, overrides))
    story = _read_story(desk, payment)
    if as_json:
        show_object(whole(story, desk.times))
    else:
        from switch.commands.telling import show_story

        show_story(story, desk.times, desk.scale)


@payments.command()
@config_options
@order_options
@json_option
def retry(**given: Any) -> None:
    """Make the next attempt now; of a dispute: try again as before it."""
    _order(Action.RETRY, **given)


@payments.command()
@config_options
@order_options
@json_option
def post(**given: Any) -> None:
    """Post a disputed payment that both the core and the biller have."""
    _order(Action.POST, **given)


@payments.command()
@config_options
@order_options
@json_option
def release(**given: Any) -> None:
    """Give back the money of a disputed payment that the biller does not have."""
    _order(Action.RELEASE, **given)


@payments.command()
@config_options
@order_options
@json_option
def close(**given: Any) -> None:
    """Close a dispute about an advice, when the core's books are right as they are."""
    _order(Action.CLOSE, **given)


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
    with desk.look() as books:
        found = desk.payment(books, payment)
    verdict = give(desk.settings, found, action, who, why, yes=yes)
    tell(verdict, found, desk.times, as_json=as_json)


def _read_story(desk: Desk, given: str) -> Story:
    """At one moment of the books."""
    with desk.look() as books:
        payment = desk.payment(books, given)
        transfers = listing.transfers(books, (transfer_id(payment.id, part) for part in Part))
        advices = listing.advices_of(books, payment.id)
    biller = payment.biller.peer if payment.biller is not None else None
    return Story(payment, transfers, advices, AgreedTerms(desk.settings).between(payment.core.peer, biller))
