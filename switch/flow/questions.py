"""What the switch asks the core and the billers, built from a payment's (or an inquiry's) kept fields.

Rule: a question is the channel's own message with the switch's DE 7 and 11, and in 15 the business day that it falls
into, so that the peer can count by day as we do; the payment's 37 goes through. Secrets
(card number, track, PIN block, codes) are handed over beside the kept fields and never join them. A biller never sees a
card, a PIN, a balance or an account. The payment's id (tag 14) is the switch's alone to say: a peer that knows payments
by it would take a channel's second payment for its first, and approve what it never debited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from switch.flow.payment import Payment, Question
from switch.wire import tlv
from switch.wire.amounts import build_replacement
from switch.wire.mask import mask_tail
from switch.wire.message import Message
from switch.wire.mti import repeat_of
from switch.wire.original import build, original_of

KEPT = (
    *("3", "4", "12", "13", "18", "22", "25", "26", "32", "33", "37", "41", "42", "43", "48", "49"),
    *("60", "61", "62", "98", "100", "102", "103", "104"),
)
ACCOUNTS = ("102", "103")
SECRET = ("2", "14", "35", "45", "52", "55")
SECRET_TAGS = frozenset({"07", "12"})
PAYMENT_TAG = "14"
KSN_TAG = "32"
FOR_THE_SWITCH = frozenset({PAYMENT_TAG, KSN_TAG})  # of no meaning behind it, or a lie
QUERY_CODE = "39"

_TAGS_NOT_KEPT = SECRET_TAGS | FOR_THE_SWITCH
_FOR_BILLER = tuple(de for de in KEPT if de not in ("48", "102", "103"))
_FOR_QUERY = tuple(de for de in _FOR_BILLER if de not in ("3", "4", "49"))
_BILLER_TAGS = frozenset({"02", "03", "04", "13"})


def kept_fields(message: Message, forwarder: str) -> dict[str, str]:
    """What may be stored of a request and is passed on."""
    fields = message.fields
    kept = {de: fields[de] for de in KEPT if de in fields}
    if "48" in kept:
        tags = message.tags
        some = [pair for pair in tags if pair[0] not in _TAGS_NOT_KEPT]
        if len(some) < len(tags):
            kept["48"] = tlv.build(some)
            if not some:
                del kept["48"]
    if forwarder:
        kept["33"] = forwarder
    return kept


def kept_unasked(message: Message, forwarder: str, is_ours: Callable[[str], bool]) -> dict[str, str]:
    """The same of a request that nobody is asked for: an account that is not the bank's may be a card number that was
    typed in its place, and only its end is kept."""
    kept = kept_fields(message, forwarder)
    return kept | {de: mask_tail(kept[de]) for de in ACCOUNTS if de in kept and not is_ours(kept[de])}


def core_question(
    mti: str, kept: Mapping[str, str], secrets: Mapping[str, str], asked: Question, day: str
) -> dict[str, str]:
    """`secrets` may hold a whole DE 48, with the codes in it under the core's key."""
    return {"t": mti, **kept, **secrets, "7": asked.transmitted_at, "11": asked.stan, "15": day[4:]}


def biller_inquiry(kept: Mapping[str, str], asked: Question, day: str) -> dict[str, str]:
    return _to_biller("0100", kept, _FOR_BILLER, asked, day, ())


def biller_payment(payment: Payment, asked: Question, day: str, *, repeat: bool) -> dict[str, str]:
    mti = repeat_of("0200") if repeat else "0200"
    return _to_biller(mti, payment.fields, _FOR_BILLER, asked, day, _named(payment))


def biller_query(payment: Payment, asked: Question, day: str) -> dict[str, str]:
    """ "Do you know this payment?" - 0100 with TT 39."""
    fields = _to_biller("0100", payment.fields, _FOR_QUERY, asked, day, _named(payment))
    fields["3"] = QUERY_CODE + payment.fields["3"][2:]
    return fields


def biller_undo(payment: Payment, asked: Question, day: str, *, repeat: bool, layout: str) -> dict[str, str]:
    """`layout` is how the peer reads DE 90."""
    assert payment.biller is not None
    mti = "0421" if repeat else "0420"
    fields = _to_biller(mti, payment.fields, _FOR_BILLER, asked, day, _named(payment))
    fields["90"] = _original("0200", payment, payment.biller, layout)
    return fields


def core_advice(
    payment: Payment, mti: str, pan: str, asked: Question, day: str, *, repeat: bool, layout: str
) -> dict[str, str]:
    """The reversal of what the core was asked as `mti`; DE 95 names what stands after a partial one."""
    mti_of_advice = "0421" if repeat else "0420"
    stamps = {"7": asked.transmitted_at, "11": asked.stan, "15": day[4:]}
    fields = {"t": mti_of_advice, **payment.fields, **stamps}
    if pan:
        fields["2"] = pan
    fields["90"] = _original(mti, payment, payment.core, layout)
    stands_minor = payment.amount_minor - payment.given_back_minor
    if stands_minor:
        fields["95"] = build_replacement(stands_minor)
    return fields


def _to_biller(
    mti: str,
    kept: Mapping[str, str],
    elements: Iterable[str],
    asked: Question,
    day: str,
    named: tuple[tuple[str, str], ...],
) -> dict[str, str]:
    fields = {de: kept[de] for de in elements if de in kept}
    pairs = [pair for pair in tlv.parse(kept.get("48", "")) if pair[0] in _BILLER_TAGS]
    stamps = {"7": asked.transmitted_at, "11": asked.stan, "15": day[4:]}
    return {"t": mti, **fields, "48": tlv.build([*pairs, *named]), **stamps}


def _named(payment: Payment) -> tuple[tuple[str, str], ...]:
    return ((PAYMENT_TAG, payment.id.hex()),)


def _original(mti: str, payment: Payment, asked: Question, layout: str) -> str:
    """DE 90: the question as this peer got it."""
    sent = Message({"t": mti, **payment.fields, "7": asked.transmitted_at, "11": asked.stan})
    return build(original_of(sent), layout)
