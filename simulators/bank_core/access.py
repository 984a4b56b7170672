"""Whose account it is, and whether they may: the core's checks before any service, in a fixed precedence.

Rule: by mobile or web, 80 not activated, 14 no such account, 57 another's, 62 restricted. By card, 14 no such card,
54 expired, 62 blocked, 63 a stripe that this bank never wrote, 75 tries used up, 63 no PIN block, 55 or 75 wrong PIN,
57 not the card's account, 62 restricted. A wrong try counts at once, whatever becomes of the question; a right one
resets. 63 is no try: it says nothing about the PIN.
"""

from __future__ import annotations

import msgspec

from simulators.bank_core.state import TRIES_MAX, CoreState, SubscriberState, fact_of_subscriber
from simulators.hosts.records import APPROVED, Decision
from simulators.people.population import Account, Card, Customer
from switch.security.port import PinBlockError
from switch.wire.message import Message

DEFAULT_KIND = "00"


def refused(code: str) -> Decision:
    """A decision that moves nothing."""
    return Decision(code)


def holder(core: CoreState, message: Message) -> Account | Decision:
    """The account that a question is about, or why not."""
    if message.pan is None:
        return account_of_subscriber(core, message, message.account_from or "")
    card = card_of(core, message)
    return card if isinstance(card, Decision) else account_of_card(card, message)


def subscriber_of(core: CoreState, message: Message) -> Customer | Decision:
    """The activated customer of tag 01."""
    customer = core.population.by_subscriber.get(message.tag("01") or "")
    if customer is None or not core.subscriber(customer).activated:
        return refused("80")
    return customer


def account_of_subscriber(core: CoreState, message: Message, number: str) -> Account | Decision:
    """One of the subscriber's accounts."""
    customer = subscriber_of(core, message)
    if isinstance(customer, Decision):
        return customer
    account = core.population.accounts.get(number)
    if account is None:
        return refused("14")
    if number not in customer.numbers:
        return refused("57")
    return refused("62") if account.restricted else account


def card_of(core: CoreState, message: Message) -> Card | Decision:
    """The card of field 2, in force, its own stripe in field 35 if there is one, and with the right PIN in field 52."""
    card = core.population.cards.get(message.pan or "")
    if card is None:
        return refused("14")
    if _expiry(card, message) < f"{core.journal.now():%y%m}":
        return refused("54")
    if card.blocked:
        return refused("62")
    if message.track2 is not None and not core.cards.is_genuine(message.track2, card.pan):
        return refused("63")
    code = _try_pin(core, card, message.pin_block or "")
    return card if code == APPROVED else refused(code)


def account_of_card(card: Card, message: Message) -> Account | Decision:
    """The account that 102 names, else the one of field 3's account type; 00 is the default one."""
    kind = (message.processing_code or "")[2:4]
    for account in card.accounts:
        if message.account_from in (None, account.number) and (
            message.account_from or kind in (DEFAULT_KIND, account.kind)
        ):
            return refused("62") if account.restricted else account
    return refused("57")


def change_pin(core: CoreState, message: Message) -> Decision:
    """0600/92: the PIN in 52 opens, the one in tag 12 is the new one."""
    card = card_of(core, message)
    if isinstance(card, Decision):
        return card
    try:
        pin = core.cards.pin(message.tag("12") or "", card.pan)
    except PinBlockError:
        return refused("63")
    before, after = core.card(card).pin_offset.encode(), core.with_pin(card, pin)
    fact = core.card_fact(card, after)
    return Decision(APPROVED, facts=(fact,), subject=fact.name, before=before, after=after.pin_offset.encode())


def activate(core: CoreState, message: Message) -> Decision:
    """0600/91: the code from the branch opens the mobile channel, once; the third wrong one closes it."""
    number = message.account_from or ""
    if number not in core.population.accounts:
        return refused("14")
    customer = core.population.by_subscriber.get(message.tag("01") or "")
    if customer is None or number not in customer.numbers:
        return refused("57")
    state = core.subscriber(customer)
    if state.wrong_tries >= TRIES_MAX:
        return refused("75")
    try:
        code = core.cards.code(message.tag("07") or "")
    except PinBlockError:
        return refused("63")
    if not core.cards.is_right_code(customer.activation_code, code):
        return refused(_wrong_code(core, customer, state))
    if state.activated:
        return refused(APPROVED if state.account in ("", number) else "12")
    activated = SubscriberState(activated=True, account=number)
    fact = fact_of_subscriber(customer.subscriber, activated)
    return Decision(APPROVED, facts=(fact,), subject=fact.name)


def _wrong_code(core: CoreState, customer: Customer, state: SubscriberState) -> str:
    tried = msgspec.structs.replace(state, wrong_tries=state.wrong_tries + 1)
    core.journal.note(fact_of_subscriber(customer.subscriber, tried))
    return "75" if tried.wrong_tries >= TRIES_MAX else "55"


def _try_pin(core: CoreState, card: Card, block: str) -> str:
    state = core.card(card)
    if state.wrong_tries >= TRIES_MAX:
        return "75"
    try:
        pin = core.cards.pin(block, card.pan)
    except PinBlockError:
        return "63"
    right = core.cards.is_right_pin(card.pan, state.pin_offset, pin)
    tries = 0 if right else state.wrong_tries + 1
    if tries != state.wrong_tries:
        core.journal.note(core.card_fact(card, msgspec.structs.replace(state, wrong_tries=tries)))
    if right:
        return APPROVED
    return "75" if tries >= TRIES_MAX else "55"


def _expiry(card: Card, message: Message) -> str:
    """YYMM from 35, else 14, else the card file."""
    track = (message.track2 or "").replace("D", "=").partition("=")[2]
    return track[:4] or message.expiry or card.expiry
