"""What the core and the billers are asked: the code's own questions about a request that carries everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from config.choices import Offer
from switch.flow.case import STANDS, UNKNOWN_ORIGINAL
from switch.flow.payment import Question
from switch.flow.questions import (
    FOR_THE_SWITCH,
    PAYMENT_TAG,
    SECRET,
    biller_inquiry,
    biller_payment,
    biller_query,
    biller_undo,
    core_advice,
    core_question,
    kept_fields,
)
from switch.flow.reply import ECHOED
from switch.reference.markdown import Lines, bold, heading, listed, prose, table
from switch.reference.specimen import everything, payment
from switch.wire import tlv
from switch.wire.original import LAYOUTS

DAY = "20261122"
Questions = Mapping[str, Mapping[str, str]]

OFFER_WORDS: Mapping[Offer, str] = {
    Offer.STATUS_QUERY: "it says what became of a payment: **00** made, **25** not known, a refusal: it never will be",
    Offer.UNDO_REMEMBERED: "it can take a payment back (`0420`), and refuses one that arrives after that",
    Offer.UNDO_FORGOTTEN: "it can take a payment back, but takes one that arrives after that",
    Offer.SAYS_UNKNOWN: "it answers **25**, not **00**, where it is to take back what it does not know",
    Offer.REPEATS: "the same request twice (`0201`) is paid once",
}


def questions() -> Questions:
    """Each question by what it is called here, from a request that has every field and every tag."""
    message, asked, paid = everything("0200"), Question("peer", "000003", "1122091532"), payment(legs=2)
    kept = kept_fields(message, "")
    tags = tlv.build(pair for pair in message.tags if pair[0] not in FOR_THE_SWITCH)
    secrets = {**{de: message[de] for de in SECRET}, "48": tags}
    return {
        "core: the service": core_question("0200", kept, secrets, asked, DAY),
        "core: reversal": core_advice(paid, "0200", "card", asked, DAY, repeat=False, layout=LAYOUTS[0]),
        "biller: bill inquiry": biller_inquiry(kept, asked, DAY),
        "biller: payment": biller_payment(paid, asked, DAY, repeat=False),
        "biller: status query": biller_query(paid, asked, DAY),
        "biller: undo": biller_undo(paid, asked, DAY, repeat=False, layout=LAYOUTS[0]),
    }


def peer_section() -> Lines:
    yield from heading(2, "What the core and the billers are asked")
    yield from prose("""
        The switch connects to them, signs on, and asks in messages of the same kind. `7` and `11` are its own; `37`
        and the rest are the payment's. A question to the core has the class of the channel's message, and is never
        a repeat. The fields below are sent where the channel's request has them (`33` is the switch's own where
        `forwarder` is set).
    """)
    yield from table(("question", "MTI", "`3` begins", "data elements", "tags of `48`"), _rows())
    yield from prose(f"""
        - Tag {PAYMENT_TAG} is the payment's id, the same in every question about it. `95` stands in a reversal to
          the core where a part is given back. Reversals and undos are repeated as `0421` until they are
          acknowledged, each with an `11` of its own.
        - An answer must have the question's MTI class, `11` and `41`, and repeat {listed(ECHOED)} unchanged where
          it carries them; else it is no answer. Only a code that the peer's configuration lists as a refusal
          declines a payment. Everything else but **00** is silence, after which the switch finds out and gives
          back.
        - To a reversal **00** and {bold(UNKNOWN_ORIGINAL)} are acknowledgements. To an undo {bold(STANDS)} says that
          the payment stands.
        - Messages about one account, at a biller about one payment, come down one connection, in order.

        What a biller is asked when a payment's outcome is not known depends on what it offers (`offers`):
    """)
    yield from table(("offer", "what the biller promises"), ((f"`{offer}`", OFFER_WORDS[offer]) for offer in Offer))


def _rows() -> Iterator[tuple[str, ...]]:
    for name, fields in questions().items():
        elements = sorted((de for de in fields if de.isdigit()), key=int)
        tags = sorted({tag for tag, _ in tlv.parse(fields.get("48", ""))})
        yield name, _mti(name, fields), _code(name, fields), ", ".join(elements), ", ".join(tags)


def _mti(name: str, fields: Mapping[str, str]) -> str:
    return "as the channel's" if name == "core: the service" else fields["t"]


def _code(name: str, fields: Mapping[str, str]) -> str:
    """The status query has a processing code of its own."""
    own = fields["3"][:2] != questions()["core: the service"]["3"][:2]
    return fields["3"][:2] if own else "as the channel's"
