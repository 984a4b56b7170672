"""Customers, for people as tables and for programs as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from ledger.scale import Scale, format_amount
from switch.commands.customer_desk import Customer, DayUse, Listed, shown, shown_account
from switch.commands.tables import show_facts, show_rows
from switch.commands.times import Times
from switch.flow.ceilings import Ceiling, effective, valued
from switch.flow.subscribers import Block

LIST = ("subscriber or card", "account", "activated", "by", "state", "since")
USES = ("service", "through", "used", "of at most", "times", "of at most times")
CEILINGS = ("service", "from", "until", "a payment", "a day", "times a day", "state", "ordered", "who", "why")

Row = tuple[str, str, Ceiling, Sequence[Ceiling]]  # holder, service, one, and all of that service


def show_list(found: Sequence[Listed], times: Times, *, full: bool, more: bool) -> None:
    count = f"the first {len(found)}, there are more" if more else str(len(found))
    rows = []
    for one in found:
        activation, block = one.activation, one.block
        rows.append(
            (
                _name(one.holder, block, full=full),
                shown_account(activation.account, full=full) if activation is not None else "",
                times.shown(activation.at) if activation is not None else "",
                activation.endpoint if activation is not None else "",
                state_of(block),
                times.shown(block.since) if block is not None else "",
            )
        )
    show_rows(f"Subscribers: {count}", LIST, rows)


def list_object(one: Listed, times: Times, *, full: bool) -> dict[str, Any]:
    activation, block = one.activation, one.block
    return {
        "whom": one.holder if one.holder.startswith("card:") else shown(one.holder, full=full),
        "card": block.card if block is not None and block.card else None,
        "account": shown_account(activation.account, full=full) if activation is not None else None,
        "activated_at": times.written(activation.at) if activation is not None else None,
        "endpoint": activation.endpoint if activation is not None else None,
        "blocked": block is not None and block.blocked,
        "since": times.written(block.since) if block is not None else None,
    }


def show_customer(customer: Customer, times: Times, scale: Scale, *, full: bool) -> None:
    block, activations = customer.block, customer.activations
    facts = [("state", f"{state_of(block)}{_since(block, times)}")]
    if activations:
        newest = activations[-1]
        facts += [
            ("account", shown_account(newest.account, full=full)),
            ("activated", f"{times.shown(newest.at)}, by {newest.endpoint}"),
        ]
    else:
        facts.append(("activated", "not listed: the core alone knows"))
    show_facts(_name(customer.holder, block, full=full), facts)
    if len(activations) > 1:
        earlier = [
            (times.shown(one.at), shown_account(one.account, full=full), one.endpoint) for one in activations[:-1]
        ]
        show_rows("Activated before", ("at", "account", "by"), earlier)
    if customer.uses:
        used = (_use(one, partial(format_amount, day=customer.day, scale=scale)) for one in customer.uses)
        show_rows(f"Used on business day {customer.day}", USES, used)
    ordered = [(customer.holder, service, one, all_) for service, all_ in customer.ceilings.items() for one in all_]
    if ordered:
        show_rows("Ceilings ordered", CEILINGS, _ceiling_rows(ordered, customer.day, times, scale))
    if block is not None:
        history = [(times.shown(note.at), note.who, note.action, note.why) for note in block.history]
        show_rows("Orders", ("at", "who", "ordered", "why"), history)


def customer_object(customer: Customer, times: Times, scale: Scale, *, full: bool) -> dict[str, Any]:
    block, newest = customer.block, customer.activations[-1] if customer.activations else None
    activations = [
        {
            "at": times.written(one.at),
            "account": shown_account(one.account, full=full),
            "endpoint": one.endpoint,
        }
        for one in customer.activations
    ]
    notes = block.history if block is not None else ()
    return {
        **list_object(Listed(customer.holder, newest, block), times, full=full),
        "activations": activations,
        "day": customer.day,
        "units": scale.units(customer.day),
        "uses": [
            {
                "service": one.service,
                "through": one.through,
                "amount_minor": one.used[0],
                "amount_max": one.amount_max,
                "count": one.used[1],
                "count_max": one.count_max,
            }
            for one in customer.uses
        ],
        "ceilings": [
            {"service": service, **ceiling_object(one, all_, customer.day, times)}
            for service, all_ in customer.ceilings.items()
            for one in all_
        ],
        "history": [
            {"at": times.written(note.at), "who": note.who, "action": note.action, "why": note.why} for note in notes
        ],
    }


def show_ceilings(found: Sequence[Row], day: str, times: Times, scale: Scale, *, full: bool) -> None:
    told = zip(found, _ceiling_rows(found, day, times, scale), strict=True)
    rows = ((shown(row[0], full=full), *cells) for row, cells in told)
    show_rows(f"Ceilings ordered: {len(found)}", ("subscriber or card", *CEILINGS), rows)


def ceiling_object(one: Ceiling, all_of_it: Sequence[Ceiling], day: str, times: Times) -> dict[str, Any]:
    return {
        "from_day": one.from_day,
        "until_day": one.until_day or None,
        "amount_max": one.amount_max,
        "per_day_amount_max": one.per_day_amount_max,
        "per_day_count_max": one.per_day_count_max,
        "state": standing_of(one, all_of_it, day),
        "at": times.written(one.at),
        "who": one.who,
        "why": one.why,
    }


def standing_of(one: Ceiling, all_of_it: Sequence[Ceiling], day: str) -> str:
    """In a word, as of a business day."""
    if one is effective(all_of_it, day):
        return "stands"
    if one.from_day > day:
        return "planned"
    return "over" if one.until_day and one.until_day < day else "replaced"


def state_of(block: Block | None) -> str:
    return "blocked" if block is not None and block.blocked else "not blocked"


def _since(block: Block | None, times: Times) -> str:
    return f" since {times.shown(block.since)} ({times.ago(block.since)})" if block is not None else ""


def _name(holder: str, block: Block | None, *, full: bool) -> str:
    """A card's hash is whole: it is what a command is given, and tells nothing of the number."""
    if holder.startswith("card:"):
        return f"{holder} {block.card}".rstrip() if block is not None else holder
    return shown(holder, full=full)


def _use(one: DayUse, money: Callable[[int], str]) -> tuple[str, ...]:
    most = "any" if one.amount_max is None else money(one.amount_max)
    times = "any" if one.count_max is None else str(one.count_max)
    return (one.service, one.through, money(one.used[0]), most, str(one.used[1]), times)


def _ceiling_rows(found: Iterable[Row], day: str, times: Times, scale: Scale) -> Iterable[tuple[str, ...]]:
    """An amount in the pound of the open day; of what is planned, in that of its first one."""
    for _, service, one, all_of_it in found:
        in_books, money = valued(one, scale), partial(format_amount, day=max(day, one.from_day), scale=scale)
        yield (
            service,
            one.from_day,
            one.until_day,
            _figure(in_books.amount_max, money),
            _figure(in_books.per_day_amount_max, money),
            "" if one.per_day_count_max is None else str(one.per_day_count_max),
            standing_of(one, all_of_it, day),
            times.shown(one.at),
            one.who,
            one.why,
        )


def _figure(minor: int | None, money: Callable[[int], str]) -> str:
    return "" if minor is None else money(minor)
