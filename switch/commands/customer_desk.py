"""One customer as the books have it: activations, block, ceilings, the day's use. And how an operator names one.

Rule: reads only. A subscriber's number and an account are shown by their ends unless the whole is asked for; of a card
there is nothing here but its keyed hash, and what was masked when it was blocked.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import click

from config.choices import Channel
from config.sections import Settings
from ledger import listing, report
from ledger.model import RegisterRow, find_row
from ledger.queries import CurrentDay
from ledger.usage import Used
from switch.commands.books import Desk
from switch.flow.ceilings import Ceiling, effective, valued
from switch.flow.limits import Asked, bounds_for, usage_scope
from switch.flow.subscribers import (
    BLOCKS,
    CEILINGS,
    SUBSCRIBERS,
    Activation,
    Block,
    activation_of,
    activations_of,
    block_of,
    card_holder,
    card_of,
    ceilings_key,
    ceilings_of,
    holder_and_service,
    number_of,
    subscriber_holder,
)
from switch.services.service import Service
from switch.services.table import BY_NAME, SERVICES
from switch.terms import limits_of, scale_of
from switch.wire.mask import mask_tail

NAMED = "a mobile number (8 to 15 digits), card:HASH as listed, or payment:ID for the card of a payment"
HASH_SHOWN = 8

_NUMBER, _CARD = re.compile(r"[0-9]{8,15}"), re.compile(r"card:([0-9a-f]{32})")
_PAYMENT = "payment:"


class Whom(NamedTuple):
    """`card`: a card's number as far as it may be shown, where a payment has it."""

    holder: str
    card: str = ""


class DayUse(NamedTuple):
    """A day's use of one service, and how far it may go. `through` is a channel, or any."""

    service: str
    through: str
    used: Used
    amount_max: int | None
    count_max: int | None


class Customer(NamedTuple):
    holder: str
    activations: list[Activation]  # the newest last
    block: Block | None
    ceilings: dict[str, tuple[Ceiling, ...]]  # by service
    day: str  # the open business day
    uses: list[DayUse]


class Listed(NamedTuple):
    holder: str
    activation: Activation | None
    block: Block | None


def named(desk: Desk, books: sqlite3.Connection, given: str) -> Whom:
    """Who is meant. Raises click.UsageError."""
    if _NUMBER.fullmatch(given):
        return Whom(subscriber_holder(given))
    found = _CARD.fullmatch(given)
    if found is not None:
        return Whom(card_holder(found[1]))
    if not given.startswith(_PAYMENT):
        raise click.UsageError(f"not a customer: allowed: {NAMED}")
    payment = desk.payment(books, given.removeprefix(_PAYMENT))
    card = card_of(payment)
    if not card:
        raise click.ClickException(
            f"payment {payment.id.hex()} does not say its card: take a withdrawal's by that card"
        )
    return Whom(card, payment.masked_pan)


def shown(holder: str, *, full: bool) -> str:
    """As people see it. A card's hash is whole where it is to be given to a command."""
    number = number_of(holder)
    if number:
        return number if full else mask_tail(number)
    return holder if full else f"{holder[: len('card:') + HASH_SHOWN]}…"


def shown_account(account: str, *, full: bool) -> str:
    return account if full or not account else mask_tail(account)


def read_customer(books: sqlite3.Connection, settings: Settings, holder: str) -> Customer:
    day = open_day(books)
    number = number_of(holder)
    rows = listing.register(books, SUBSCRIBERS, activations_of(number)) if number else iter(())
    ceilings = {
        holder_and_service(row.key)[1]: ceilings_of(row)
        for row in listing.register(books, CEILINGS, ceilings_key(holder, ""))
    }
    uses = list(_uses(books, settings, holder, ceilings, day))
    return Customer(holder, [activation_of(row) for row in rows], find_block(books, holder), ceilings, day, uses)


def open_day(books: sqlite3.Connection) -> str:
    """The business day that is open; empty: none yet."""
    return report.current_day(books, CurrentDay())


def find_block(books: sqlite3.Connection, holder: str) -> Block | None:
    row = find_row(listing.register(books, BLOCKS, holder), holder)
    return block_of(row) if row is not None else None


def listed(books: sqlite3.Connection, *, blocked_only: bool) -> Iterator[Listed]:
    """Everybody that was activated, by number; with those that were blocked without that, and cards, after them."""
    blocks = {row.key: block_of(row) for row in listing.register(books, BLOCKS)}
    for newest in () if blocked_only else _newest_of_each(listing.register(books, SUBSCRIBERS)):
        holder = subscriber_holder(newest.number)
        yield Listed(holder, newest, blocks.pop(holder, None))
    for holder, block in blocks.items():
        if block.blocked:
            rows = listing.register(books, SUBSCRIBERS, activations_of(number_of(holder))) if blocked_only else ()
            yield Listed(holder, next(iter(_newest_of_each(rows)), None), block)


def ordered_ceilings(books: sqlite3.Connection, holder: str) -> Iterator[tuple[str, str, tuple[Ceiling, ...]]]:
    """Holder, service and what was ordered; of one, or (an empty holder) of all."""
    for row in listing.register(books, CEILINGS, ceilings_key(holder, "") if holder else ""):
        yield (*holder_and_service(row.key), ceilings_of(row))


def _newest_of_each(rows: Iterator[RegisterRow] | Sequence[RegisterRow]) -> Iterator[Activation]:
    """They come by number, then by time."""
    last: Activation | None = None
    for row in rows:
        activation = activation_of(row)
        if last is not None and last.number != activation.number:
            yield last
        last = activation
    if last is not None:
        yield last


def _uses(
    books: sqlite3.Connection,
    settings: Settings,
    holder: str,
    ceilings: dict[str, tuple[Ceiling, ...]],
    day: str,
) -> Iterator[DayUse]:
    """Against each ceiling of the customer's that stands today; those of machines are nobody's own."""
    scale = scale_of(settings)
    limits = tuple(limit for limit in limits_of(settings) if not limit.per_terminal)
    for service in (one for one in SERVICES if one.moves_money):
        ordered = effective(ceilings.get(service.name, ()), day)
        own = valued(ordered, scale) if ordered is not None else None
        for channel in _channels(service, settings, holder):
            for one in bounds_for(limits, own, Asked(service.name, channel, day, holder)).days:
                through = "any" if one.scope == usage_scope(service.name, holder) else channel
                used = listing.usages(books, [one.scope], day).get(one.scope, (0, 0))
                yield DayUse(service.name, through, used, one.amount_max, one.count_max)


def _channels(service: Service, settings: Settings, holder: str) -> list[str]:
    """Those that this kind of customer comes by to this service."""
    by_card = not number_of(holder)
    if (service.card if by_card else service.subscriber) is None:
        return []
    channels = {listener.channel for listener in settings.listeners.values()}
    return sorted(channel.value for channel in channels if (channel is Channel.ATM) is by_card)


SERVICE_NAMES = [name for name, service in BY_NAME.items() if service.moves_money]
