"""Rules that several services share: named early returns. Their order in a service is the precedence."""

from __future__ import annotations

from switch.flow.refusal import Refusal, malformed
from switch.services.request import Request
from switch.services.service import Bank, Rule

BAD_AMOUNT = Refusal("13")
NOT_ALLOWED = Refusal("12")
NOT_OUR_CURRENCY = NOT_ALLOWED
OTHER_BANK = Refusal("76")
UNKNOWN_ACCOUNT = Refusal("14")
NO_SUCH_BILLER = Refusal("92")
NOT_OPEN = Refusal("40")


def in_order(*rules: Rule) -> Rule:
    def first_refusal(request: Request, bank: Bank) -> Refusal | None:
        for rule in rules:
            refusal = rule(request, bank)
            if refusal is not None:
                return refusal
        return None

    return first_refusal


def our_currency(request: Request, bank: Bank) -> Refusal | None:
    return None if request.message.fields.get("49") == bank.currency else NOT_OUR_CURRENCY


def positive_amount(request: Request, bank: Bank) -> Refusal | None:
    return None if request.amount_minor > 0 else BAD_AMOUNT


def no_fee(request: Request, bank: Bank) -> Refusal | None:
    """The customer pays no fee: DE 28 (C or D, then digits) is absent or zero."""
    fee = request.message.fields.get("28")
    return None if fee is None or not fee[1:].strip("0") else NOT_ALLOWED


MONEY = (positive_amount, our_currency, no_fee)


def two_accounts(request: Request, bank: Bank) -> Refusal | None:
    message = request.message
    return NOT_ALLOWED if message.account_from == message.account_to else None


def held_at_the_bank(request: Request, bank: Bank) -> Refusal | None:
    message = request.message
    for account in (message.account_from, message.account_to):
        if account is not None and not bank.holds(account):
            return OTHER_BANK
    return None


def own_account(request: Request, bank: Bank) -> Refusal | None:
    """What the core would say of an account that no bank's customer of ours can have; it is not kept, nor asked for."""
    account = request.message.fields.get("102")
    return None if account is None or bank.holds(account) else UNKNOWN_ACCOUNT


def known_open_biller(request: Request, bank: Bank) -> Refusal | None:
    biller = bank.billers.get(request.biller)
    if biller is None:
        return NO_SUCH_BILLER
    return None if biller.open else NOT_OPEN


def track_names_the_card(request: Request, bank: Bank) -> Refusal | None:
    """DE 35's PAN equals DE 2."""
    track = request.message.track2 or ""
    pan = track.replace("D", "=").partition("=")[0]
    return None if pan == request.message.pan else malformed("35")


def made_of_notes(request: Request, bank: Bank) -> Refusal | None:
    """What the machine's notes can make; the smallest divides the others (the configuration was checked)."""
    notes = request.notes_minor
    return BAD_AMOUNT if notes and request.amount_minor % min(notes) else None
