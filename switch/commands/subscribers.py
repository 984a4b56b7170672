"""`barada subscribers`: who was activated, who is blocked, and what each may do a day.

Rule: a look reads the books and works while the switch is down; an order goes to the running switch, which stores it
with who and why before it says that it is done.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import click

from switch.commands.books import Desk
from switch.commands.customer_desk import (
    SERVICE_NAMES,
    Whom,
    find_block,
    listed,
    named,
    open_day,
    ordered_ceilings,
    read_customer,
    shown,
)
from switch.commands.given import config_options, given_settings, json_option
from switch.commands.orders import ask_switch, attributed, readable, tell_verdict
from switch.commands.showing import show_object
from switch.commands.times import Day
from switch.flow.ceilings import still_standing
from switch.flow.orders import AMOUNT_MAX, COUNT_MAX, Barring

_full = click.option("--full", is_flag=True, help="Whole numbers and accounts, not their ends.")
_whom = click.argument("whom")
_amount = click.IntRange(0, AMOUNT_MAX)


@click.group()
def subscribers() -> None:
    """Subscribers and cards: list them, look at one, block, unblock, set ceilings.

    WHOM is a mobile number, card:HASH as `list` shows it, or payment:ID for the card of a payment. No card number is
    taken.
    """


@subscribers.command("list")
@config_options
@click.option("--blocked", is_flag=True, help="Only who is blocked.")
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True, help="How many at most.")
@_full
@json_option
def list_(path: str, overrides: tuple[str, ...], blocked: bool, limit: int, full: bool, as_json: bool) -> None:
    """Who was activated, and who is blocked."""
    from switch.commands.customer_tables import list_object, show_list

    desk = Desk(given_settings(path, overrides))
    with desk.look() as books:
        first = list(islice(listed(books, blocked_only=blocked), limit + 1))
    more = len(first) > limit
    if as_json:
        rows = [list_object(one, desk.times, full=full) for one in first[:limit]]
        show_object({"subscribers": rows, "more": more})
    else:
        show_list(first[:limit], desk.times, full=full, more=more)


@subscribers.command()
@config_options
@_whom
@_full
@json_option
def show(path: str, overrides: tuple[str, ...], whom: str, full: bool, as_json: bool) -> None:
    """Everything about one: state, since when, today's use against each ceiling, what was ordered."""
    from switch.commands.customer_tables import customer_object, show_customer

    desk = Desk(given_settings(path, overrides))
    with desk.look() as books:
        customer = read_customer(books, desk.settings, named(desk, books, whom).holder)
    if as_json:
        show_object(customer_object(customer, desk.times, desk.scale, full=full))
    else:
        show_customer(customer, desk.times, desk.scale, full=full)


@subscribers.command()
@config_options
@_whom
@attributed
@json_option
def block(**given: Any) -> None:
    """Have every service refused to WHOM (62) from now on; reversals still give money back."""
    _bar(Barring.BLOCK, **given)


@subscribers.command()
@config_options
@_whom
@attributed
@json_option
def unblock(**given: Any) -> None:
    """Take the block back."""
    _bar(Barring.UNBLOCK, **given)


@subscribers.command()
@config_options
@_whom
@click.argument("service", type=click.Choice(SERVICE_NAMES))
@click.option("--amount-max", type=_amount, metavar="MINOR", help="Of one payment, in minor units.")
@click.option("--per-day-amount-max", type=_amount, metavar="MINOR", help="Of a business day, in minor units.")
@click.option("--per-day-count-max", type=click.IntRange(0, COUNT_MAX), metavar="N", help="Payments of a business day.")
@click.option("--from", "from_day", type=Day(), help="From this business day on; absent: today.")
@click.option("--until", "until_day", type=Day(), help="Up to and with this one; absent: no end.")
@attributed
@json_option
def ceiling(
    path: str, overrides: tuple[str, ...], whom: str, who: str, why: str, yes: bool, as_json: bool, **figures: Any
) -> None:
    """Let WHOM do more or less through SERVICE than is configured. What is left out is as configured."""
    given = {name: value for name, value in figures.items() if value is not None}

    def order(found: Whom) -> dict[str, Any]:
        return {"about": "ceiling", "holder": found.holder, "who": who, "why": why, **given}

    _give(path, overrides, whom, order, f"Set this ceiling for {figures['service']}", yes=yes, as_json=as_json)


@subscribers.command()
@config_options
@click.argument("whom", required=False)
@click.option("--all", "everything", is_flag=True, help="Those too that can't stand any more.")
@_full
@json_option
def ceilings(
    path: str, overrides: tuple[str, ...], whom: str | None, everything: bool, full: bool, as_json: bool
) -> None:
    """The ceilings that were ordered, of WHOM or of everybody."""
    from switch.commands.customer_tables import ceiling_object, show_ceilings

    desk = Desk(given_settings(path, overrides))
    with desk.look() as books:
        holder = named(desk, books, whom).holder if whom is not None else ""
        day = open_day(books)
        found = [
            (of, service, one, all_of_it)
            for of, service, all_of_it in ordered_ceilings(books, holder)
            for one in (all_of_it if everything else reversed(list(still_standing(all_of_it, day))))
        ]
    if as_json:
        rows = [
            {
                "whom": shown(of, full=full),
                "service": service,
                **ceiling_object(one, all_of_it, day, desk.times),
            }
            for of, service, one, all_of_it in found
        ]
        show_object({"day": day, "ceilings": rows})
    else:
        show_ceilings(found, day, desk.times, desk.scale, full=full)


def _bar(
    action: Barring,
    path: str,
    overrides: tuple[str, ...],
    whom: str,
    who: str,
    why: str,
    yes: bool,
    as_json: bool,
) -> None:
    def order(found: Whom) -> dict[str, Any]:
        return {
            "about": "holder",
            "holder": found.holder,
            "action": action.value,
            "who": who,
            "why": why,
            "card": found.card,
        }

    _give(path, overrides, whom, order, action.value.capitalize(), yes=yes, as_json=as_json)


def _give(
    path: str,
    overrides: tuple[str, ...],
    whom: str,
    order_of: Callable[[Whom], dict[str, Any]],
    what: str,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    desk = Desk(given_settings(path, overrides))
    with desk.look() as books:
        found = named(desk, books, whom)
        known = find_block(books, found.holder)
    order = readable(**order_of(found))
    name = shown(found.holder, full=False)
    if not yes:
        state = "blocked" if known is not None and known.blocked else "not blocked"
        click.confirm(f"{name} is {state}. {what}?", abort=True, err=True)
    tell_verdict(ask_switch(desk.settings.switch.admin_socket, order), name, as_json=as_json, whom=name)
