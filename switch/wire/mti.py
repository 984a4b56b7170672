"""The message type indicator: four digits that say version, class, function and origin.

Rule: arithmetic on the digits lives here, so that "0201" is never compared by hand elsewhere. ISO 8583:1987 §4.1:
version (0 = 1987), class (2 = financial), function (0 request, 1 its answer, 2 advice, 3 its answer, 4
notification) and origin, where an odd last digit marks a repeat.
"""

from __future__ import annotations

from functools import lru_cache

OUR_VERSION = "0"
NETWORK = "8"  # the class of network management

KNOWN_REQUESTS = frozenset(
    {
        *("0100", "0101", "0200", "0201"),
        *("0400", "0401", "0420", "0421"),
        *("0500", "0501", "0520", "0521"),
        *("0600", "0601", "0620", "0621"),
        "0800",
    }
)
"""Every request MTI that the switch serves; another one of our version is answered 12."""

_NOTIFICATION = 4


def is_mti(text: str) -> bool:
    """Whether the text can be an MTI at all: four ASCII digits."""
    return len(text) == 4 and text.isascii() and text.isdigit()


def mti_class(mti: str) -> str:
    """The second digit: what a request, its repeat and its answer have in common."""
    return mti[1]


def mti_function(mti: str) -> str:
    return mti[2]


def is_ours(mti: str) -> bool:
    return mti[0] == OUR_VERSION


def is_request(mti: str) -> bool:
    """Whether an answer is owed: requests and advices. A notification (function 4) is answered by nobody."""
    function = int(mti[2])
    return function % 2 == 0 and function != _NOTIFICATION


def is_answer(mti: str) -> bool:
    return int(mti[2]) % 2 == 1


def is_repeat(mti: str) -> bool:
    return int(mti[3]) % 2 == 1


def is_network(mti: str) -> bool:
    return mti[1] == NETWORK


@lru_cache(256)
def answer_mti(mti: str) -> str:
    """The MTI of the answer: 0200 and 0201 give 0210, 0420 and 0421 give 0430."""
    if not is_request(mti):
        raise ValueError(f"{mti} asks for no answer")
    return f"{mti[:2]}{int(mti[2]) + 1}{int(mti[3]) & ~1}"


KNOWN_MTIS = KNOWN_REQUESTS | {answer_mti(mti) for mti in KNOWN_REQUESTS}


def repeat_of(mti: str) -> str:
    """The MTI under which the same request is sent again: 0200 gives 0201, 0421 stays 0421."""
    return f"{mti[:3]}{int(mti[3]) | 1}"


def original_of(mti: str) -> str:
    """The MTI as it was first sent: 0201 gives 0200, and so does 0200."""
    return f"{mti[:3]}{int(mti[3]) & ~1}"
