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
from switch.services.shape import COMMON, fault_in, fault_in_tags, ordered


class Kind(Enum):
    INQUIRY = "inquiry"  # moves nothing, is not stored: a repeat asks again
    PAYMENT = "payment"  # moves money: the saga with a transfer
    CHANGE = "change"  # alters the core's state: the saga without a transfer


class Leg(Enum):
    CORE = "core"
    BILLER = "biller"


class Holder(Enum):
    """How the request names whose money it is."""

    SUBSCRIBER = "subscriber"  # tag 01
    CARD = "card"  # 2 and 52
    EITHER = "either"


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
    """One service of the switch.

    `codes` are the first pair of DE 3; `needs` and `needs_tags` come on top of what every request carries; `rule` is
    asked once the shape is right; `accounts` gives the ledger's (debit, credit) from the request and the card's ledger
    name; `brings` are the data elements and field-48 tags of the peers' answers that the channel gets.
    """

    name: str
    mti_classes: tuple[str, ...]
    codes: tuple[str, ...]
    kind: Kind
    legs: tuple[Leg, ...]
    holder: Holder = Holder.SUBSCRIBER
    needs: tuple[str, ...] = ()
    needs_tags: tuple[str, ...] = ()
    rule: Rule = no_rule
    accounts: Accounts = no_accounts
    brings: tuple[str, ...] = ()
    brings_tags: tuple[str, ...] = ()
    approval_code: bool = False
    partial_reversal: bool = False

    @property
    def moves_money(self) -> bool:
        return self.kind is Kind.PAYMENT

    def fault(self, request: Request) -> Refusal | None:
        """30 with the place, or nothing."""
        by_card = self.holder is Holder.CARD or (self.holder is Holder.EITHER and request.by_card)
        needs, tags = _needs(self, by_card)
        found = fault_in(request.message.fields, needs) or fault_in_tags(request.tags, tags)
        if found is None and not self.moves_money and request.message.amount not in (None, "000000000000"):
            return malformed("4")
        return found


def _needs(service: Service, by_card: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    cached = _needs_of.get((service.name, by_card))
    if cached is None:
        cached = _needs_of[service.name, by_card] = _work_out_needs(service, by_card)
    return cached


# Bounded: one entry per service and way to name the holder.
_needs_of: dict[tuple[str, bool], tuple[tuple[str, ...], tuple[str, ...]]] = {}


def _work_out_needs(service: Service, by_card: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    needs = [*COMMON, *service.needs]
    tags = list(service.needs_tags)
    if service.moves_money:
        needs.append("49")
    if by_card:
        needs += ["2", "52"]
    else:
        tags.insert(0, "01")
        if service.holder is Holder.EITHER:
            needs.append("102")
    return ordered(needs), tuple(tags)
