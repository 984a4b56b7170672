"""Payments and their stories as tables, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ledger.scale import Scale, format_amount
from switch.commands.books import ID_SHOWN
from switch.commands.story import KNOWN, Story, gives_up_at, mask_account, meaning, next_action, question_line
from switch.commands.tables import show_facts, show_rows
from switch.commands.times import Times
from switch.flow.orders import cause
from switch.flow.payment import IN_PROGRESS, Payment, State
from switch.terms import AgreedTerms
from switch.wire.mask import mask_fields
from switch.wire.names import field_name

LIST = ("payment", "state", "since", "service", "amount", "reference", "attempts", "next, by itself", "at")


def show_list(found: list[Payment], terms: AgreedTerms, times: Times, scale: Scale, *, more: bool) -> None:
    count = f"the first {len(found)}, there are more" if more else str(len(found))
    show_rows(f"Payments: {count}", LIST, (_row(one, terms, times, scale) for one in found))


def show_story(story: Story, times: Times, scale: Scale) -> None:
    payment = story.payment
    show_facts(f"Payment {payment.id.hex()}", _facts(story, times, scale))
    request = [(de, field_name(de), said) for de, said in mask_fields(payment.fields).items()]
    transfers = [
        (
            one.kind.value,
            mask_account(one.debit),
            mask_account(one.credit),
            format_amount(one.amount_minor, one.day, scale),
            one.day,
        )
        for one in story.transfers
    ]
    advices = [
        (
            one.kind,
            one.destination,
            format_amount(one.amount_minor, payment.day, scale),
            str(one.attempts),
            one.state,
            times.shown(one.next_at),
        )
        for one in story.advices
    ]
    notes = [(times.shown(one.at), one.who, one.action, one.why) for one in payment.notes]
    _section("What the channel sent", ("field", "name", "value"), request)
    _section("Transfers", ("transfer", "debit", "credit", "amount", "day"), transfers)
    _section("Advices", ("advice", "to", "amount", "attempts", "state", "next at"), advices)
    _section("Notes", ("at", "who", "ordered", "why"), notes)


def _amount(payment: Payment, minor: int, scale: Scale) -> str:
    return format_amount(minor * payment.units, payment.day, scale)


def _section(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if rows:
        show_rows(title, columns, rows)


def _row(payment: Payment, terms: AgreedTerms, times: Times, scale: Scale) -> tuple[str, ...]:
    biller = payment.biller.peer if payment.biller is not None else None
    disputed = payment.state is State.DISPUTED
    agreed = terms.between(payment.core.peer, biller)
    return (
        payment.id.hex()[:ID_SHOWN],
        payment.state.value,
        times.ago(payment.since),
        payment.service,
        f"{_amount(payment, payment.amount_minor, scale)} {payment.currency}",
        payment.fields.get("37", "").strip(),
        str(payment.attempts),
        f"nothing: {cause(payment)}" if disputed else next_action(payment, agreed) or "",
        times.shown(payment.next_at),
    )


def _facts(story: Story, times: Times, scale: Scale) -> Iterator[tuple[str, str]]:
    payment, terms = story.payment, story.terms
    since = f"since {times.shown(payment.since)} ({times.ago(payment.since)})"
    yield "state", f"{payment.state.value} {since}: {meaning(payment)}"
    yield "disputed", cause(payment) if payment.state is State.DISPUTED else ""
    action = next_action(payment, terms)
    yield "next", f"{action}, at {times.shown(payment.next_at)}" if action else "nothing by itself"
    yield "gives up", times.shown(gives_up_at(payment, terms))
    yield "attempts", f"{payment.attempts}, the last at {times.shown(payment.tried_at)}" if payment.attempts else ""
    yield "service", f"{payment.service}, business day {payment.day}, accepted {times.shown(payment.accepted_at)}"
    if payment.amount_minor:
        yield "amount", f"{_amount(payment, payment.amount_minor, scale)} {payment.currency}"
    if payment.moves_money:
        yield "from, to", f"{mask_account(payment.debit)}, {mask_account(payment.credit)}"
    yield "card", payment.masked_pan
    yield "core asked", question_line(payment.core)
    yield "biller asked", question_line(payment.biller) if payment.biller is not None else ""
    yield "known", ", ".join(name.replace("_", " ") for name in KNOWN if getattr(payment, name))
    yield "answer", payment.answer or f"none yet ({IN_PROGRESS})"
    if payment.reversal is not None:
        given_back = _amount(payment, payment.reversal.given_back_minor, scale)
        yield "reversal", f"of {given_back}, answered {payment.reversal.answer or IN_PROGRESS}"
    yield "you may order", _orders(story, times)


def _orders(story: Story, times: Times) -> str:
    found = (
        f"{one.action} {'now' if one.from_at is None else f'after {times.shown(one.from_at)}'}"
        for one in story.permissions(times.now)
    )
    return ", ".join(found) or "nothing"
