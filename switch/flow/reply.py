"""What becomes of a question that was asked over a link.

Rule: three outcomes and no fourth. Silence is its own thing, never a decline; "unreachable" is said only when no
byte of the question was handed to the network, so that the peer can't have acted on it.
"""

from collections.abc import Mapping

import msgspec

from switch.wire.message import Message
from switch.wire.mti import answer_mti

# What an answer must repeat unchanged where it carries it (ISO 8583 calls for the echo): the moment, the amount
# and the reference of the question. A peer that leaves one out is believed; one that changes it is not.
ECHOED = ("4", "7", "37")


class Answered(msgspec.Struct, frozen=True):
    """`late`: the question had been reported silent before."""

    message: Message
    late: bool = False


class Silent(msgspec.Struct, frozen=True):
    """The peer may or may not have acted on the question."""

    reason: str


class Unreachable(msgspec.Struct, frozen=True):
    """Certainly not asked."""

    reason: str


Reply = Answered | Silent | Unreachable


def essence(question: Mapping[str, str]) -> dict[str, str]:
    """What must be kept of a question to know its answer."""
    return {de: question[de] for de in ("t", *ECHOED) if de in question}


def fits(question: Mapping[str, str], answer: Message) -> bool:
    """Whether a message can be the answer to a question, beyond the key that it was found by."""
    answered = answer.fields
    if answered["t"] != answer_mti(question["t"]):
        return False
    for de in ECHOED:
        asked, echoed = question.get(de), answered.get(de)
        if asked != echoed and asked is not None and echoed is not None and asked.strip(" ") != echoed.strip(" "):
            return False
    return True
