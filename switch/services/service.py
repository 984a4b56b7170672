"""What a service is: data and pure functions.

A file beside this one describes each; `table` lists them. The flow knows no service by name.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

import msgspec

from switch.flow.refusal import Refusal, malformed
from switch.flow.route import Route
from switch.services.request import Request
from switch.services.shape import Shape, card_elsewhere

NO_AMOUNT = "000000000000"
NOT_FOR_THIS_CHANNEL = Refusal("12")


class Kind(Enum):
    INQUIRY = "inquiry"  # moves nothing, is not stored: a repeat asks again
    PAYMENT = "payment"  # moves money: the saga with a transfer
    CHANGE = "change"  # alters the core's state: the saga without a transfer
    REPORT = "report"  # a machine tells how it is, by an advice: nobody is asked, and the books keep it


class Leg(Enum):
    CORE = "core"
    BILLER = "biller"


class BillerFacts(msgspec.Struct, frozen=True):
    peer: str
    open: bool


class Bank(msgspec.Struct, frozen=True):
    """What the services' rules know of the bank they work for."""

    prefixes: tuple[str, ...]
    currency: str
    billers: dict[str, BillerFacts]
    routes: tuple[Route, ...] = ()

    def holds(self, account: str) -> bool:
        return account.startswith(self.prefixes)


Rule = Callable[[Request, Bank], Refusal | None]
Accounts = Callable[[Request, str], tuple[str, str]]


def no_rule(request: Request, bank: Bank) -> Refusal | None:
    return None


def no_accounts(request: Request, holder: str) -> tuple[str, str]:
    return "", ""


class Service(msgspec.Struct, frozen=True):
    """One service of the switch."""

    name: str
    mti_classes: tuple[str, ...]
    codes: tuple[str, ...]  # the first pair of DE 3
    kind: Kind
    legs: tuple[Leg, ...]
    # What a request must carry, from a gateway or the website, and from a machine: with a card, or speaking for itself.
    # None: they don't have this service.
    subscriber: Shape | None = None
    card: Shape | None = None
    machine: Shape | None = None
    rule: Rule = no_rule  # asked once the shape is right
    accounts: Accounts = no_accounts  # (debit, credit) in the ledger, from the request and the card's ledger name
    brings: tuple[str, ...] = ()  # the data elements of the peers' answers that the channel gets
    brings_tags: tuple[str, ...] = ()  # and the tags of their field 48
    approval_code: bool = False  # DE 38 on an approval
    partial_reversal: bool = False
    counted_as: str = ""  # under what a day's totals count its transfers: DEBIT, TRANSFER; "": it moves none
    enrols: bool = False  # an approval enters the subscriber in the registry

    @property
    def moves_money(self) -> bool:
        return self.kind is Kind.PAYMENT

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Every way of asking for it."""
        return tuple(shape for shape in (self.subscriber, self.card, self.machine) if shape is not None)

    @property
    def mtis(self) -> tuple[str, ...]:
        """How it is asked for: 0100 and 0200 of classes 1 and 2; a report is an advice, 0620."""
        function = 2 if self.kind is Kind.REPORT else 0
        return tuple(f"0{number}{function}0" for number in self.mti_classes)

    @property
    def core_mti(self) -> str:
        """How the core is asked for it, and what the core's advice names as its original."""
        return f"0{self.mti_classes[-1]}00"

    def fault(self, request: Request) -> Refusal | None:
        """30 with the place, 12 from a channel that this service is not for, or nothing.

        The channel says who is asked for, not the message: a machine could else spend for any subscriber without a
        PIN, and a gateway name another card with each payment and so never reach a day's limit.
        """
        fields, tags, names_card = request.message.fields, request.tags, "2" in request.message.fields
        shape = (self.card or self.machine) if request.by_card else self.subscriber
        if shape is None:
            return NOT_FOR_THIS_CHANNEL
        if names_card and not request.by_card:
            return malformed("2")
        found = shape.fault(fields, tags) or (card_elsewhere(fields, tags) if names_card else None)
        if found is None and not self.moves_money and fields.get("4", NO_AMOUNT) != NO_AMOUNT:
            return malformed("4")
        return found
