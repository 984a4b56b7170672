"""Every service: what it is asked with, whom it asks, what it posts, what its answer adds, what it refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from switch.reference.markdown import Lines, anchor, bold, bullets, code, heading, listed, prose, table
from switch.reference.refusals import refusals_of
from switch.services.request import Request
from switch.services.service import Kind, Leg, Service
from switch.services.shape import COMMON, Shape
from switch.services.table import SERVICES
from switch.wire.message import Message
from switch.wire.names import field_name, tag_name

TITLES: Mapping[str, str] = {
    "activate": "activate the mobile channel",
    "balance": "balance of an account, or of a card's account",
    "mini-statement": "the latest lines of an account",
    "statement": "account statement between two days",
    "owner": "whose an account is",
    "transfer-own": "transfer between accounts of one customer",
    "transfer-other": "transfer to another customer",
    "bill-inquiry": "what a customer owes a biller",
    "pay-bill": "pay a bill, or a university instalment",
    "loan-inquiry": "what is due on a loan",
    "pay-loan": "pay a loan instalment",
    "withdrawal": "cash at an ATM",
    "pin-change": "a new PIN",
    "atm-status": "an ATM tells how it is",
}
NOTES: Mapping[str, str] = {
    "activate": "Tag 07 is the activation code as a PIN block ([PINs and codes](#pins-and-codes)).",
    "transfer-own": "Both accounts are the subscriber's; otherwise the core answers **57**.",
    "statement": "Both days are included, the newest line comes first. Tag 13 in the answer says that there is more: "
    "ask again with that tag, unchanged, under a new `11`. Without it the statement is at its end.",
    "bill-inquiry": "One tag 05 per bill, and tag 31 beside one that is also told in old pounds. Tag 13 as for "
    "`statement`.",
    "pay-bill": "A bill with status `U` is paid whole, one with `T` from its least amount to its amount, `P` is paid "
    "already: the biller answers **82** to too little, **13** to too much, **81** to the last.",
    "withdrawal": "The one service that can be reversed in part.",
    "pin-change": "`52` is the old PIN, tag 12 the new one.",
    "atm-status": "Tag 21 once for each cassette, tag 22 once for each fault that there is now, tags 23 and 24 once at "
    "most. A cassette in another state than `OK` or `LOW` gives no notes. A fault with the severity `OK`, `NONE`, "
    "`CLEAR` or `0` is none. Without tag 21 the cassettes stay as they were last counted; a fault that is not told any "
    "more is over. The answer `0630` is **00** once it is in the books. An equal report within five minutes adds "
    "nothing, nor does one that a later one has overtaken, by `7`; both are **00**. The last eight keys of a machine "
    "are known by their content (**94**). **09**: not taken now, repeat it with `0621`: the books can't be reached, or "
    "the machine says something else each time, more than 100 times and then more often than every ten seconds.",
}
KINDS: Mapping[Kind, str] = {
    Kind.INQUIRY: "inquiry: moves nothing and is not stored, a repeat asks anew",
    Kind.PAYMENT: "payment: held, then posted or given back; stored",
    Kind.CHANGE: "change at the core: moves no money; stored",
    Kind.REPORT: "report, an advice: moves nothing, asks nobody; kept in the books",
}
LEGS: Mapping[Leg, str] = {Leg.CORE: "the core", Leg.BILLER: "the biller"}


def service_section() -> Lines:
    yield from heading(2, "Services")
    yield from prose("""
        A service is found by the class of the MTI (its second digit) and the first two digits of `3`; the other two
        pairs of `3` are the account types, from and to: `00` default, `10` savings, `20` current, `92` loan. What
        is not in this table, or not by this message, is **12**.
    """)
    yield from table(("service", "what for", "MTI", "`3`", "asks", "posts", "an approval adds"), map(_row, SERVICES))
    yield from prose("""
        `hash` is a keyed hash of the card number, with the account type behind it: where a withdrawal names no
        `102`, the account behind the card is the core's to know.

        Of several faults one is answered: first the shape (**30**); then **62** to a subscriber or a card that the
        bank's operators blocked; then what the switch refuses for the service, in the order given below; then **90**
        where the pound is unclear ([what a request carries](#what-a-request-carries)), **92** without a route, **61**
        beyond an amount limit, **91** where a peer cannot be asked at the moment, **63** for a PIN block that is none,
        **61** or **65** beyond a limit of the day: of the customer over all channels, of the customer through this
        channel, of the machine. (An inquiry has no limits, and its PIN block is looked at before **91**.) Only then is
        anybody asked, and only then do the core's and the biller's own refusals come. A reversal is never refused
        because of a block, and a repeat of what was answered before one gets that answer.
    """)
    for service in SERVICES:
        yield from heading(3, service.name)
        yield from bullets(_facts(service))


def posted_by(service: Service) -> list[str]:
    """The transfer that a payment of this service posts, in the service's own words for the accounts."""
    if not service.moves_money:
        return []
    named = {"3": "010000", "41": "41", "98": "98", "102": "102", "103": "103"}
    unnamed = {de: value for de, value in named.items() if de != "102"}
    if service.card is None:
        return [_transfer(service, named)]
    return [_transfer(service, named), _transfer(service, unnamed)]


def added_by(service: Service) -> str:
    elements = (*(("38",) if service.approval_code else ()), *service.brings)
    parts = [*map(code, elements), *(f"tag {tag}" for tag in service.brings_tags)]
    return ", ".join(parts) or "–"


def needed(shape: Shape) -> str:
    """What a request of this shape carries beyond what every request does."""
    elements = [f"{code(de)} ({field_name(de)})" for de in shape.needs if de not in COMMON]
    return ", ".join([*elements, *(f"tag {tag} ({tag_name(tag)})" for tag in shape.tags)])


def _row(service: Service) -> tuple[str, ...]:
    return (
        f"[{code(service.name)}](#{anchor(service.name)})",
        TITLES[service.name],
        listed(service.mtis),
        listed(service.codes),
        ", then ".join(LEGS[leg] for leg in service.legs) or "–",
        " or ".join(posted_by(service)) or "–",
        added_by(service),
    )


def _facts(service: Service) -> Iterator[str]:
    yield f"{_sentence(TITLES[service.name])} {_sentence(KINDS[service.kind])}"
    if service.subscriber is not None:
        yield f"By a subscriber: {needed(service.subscriber)}."
    if service.card is not None:
        yield f"By a card: {needed(service.card)}."
    if service.machine is not None:
        yield f"By a machine for itself: {needed(service.machine)}."
    refused = list(dict.fromkeys(line for shape in service.shapes for line in _refusals(service, shape)))
    if refused:
        yield f"Refused by the switch: {'; '.join(refused)}."
    if service.name in NOTES:
        yield NOTES[service.name]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _refusals(service: Service, shape: Shape) -> Iterator[str]:
    for probe, refusal in refusals_of(service, shape):
        at = f" ({refusal.place})" if refusal.place else ""
        yield f"{probe.words}: {bold(refusal.code)}{at}"


def _transfer(service: Service, fields: Mapping[str, str]) -> str:
    request = Request(Message({**fields, "t": "0200"}), "", "")
    debit, credit = service.accounts(request, "card:hash")
    return f"{code(debit)} → {code(credit)}"
