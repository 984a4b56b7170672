"""How a simulated host is described: the services it offers, and the terms it works on.

Rule: pure. A service is data and a function that decides; what must be there of a message is judged here.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from simulators.hosts.records import Decision
from switch.wire import tlv
from switch.wire.answer import place
from switch.wire.message import Message

# What every request carries, as far as a host needs it to know the request again.
COMMON = ("3", "7", "11", "13", "32", "37", "41")
REVERSAL_NEEDS = (*COMMON, "90")

Decide = Callable[[Message], Decision]


class Service(msgspec.Struct, frozen=True):
    """One thing that a host does. `needs` are places: "102", "48.03"; an inquiry is not remembered."""

    name: str
    decide: Decide
    needs: tuple[str, ...] = ()
    either: bool = False  # by card (2, 52) or by subscriber (102, tag 01)
    inquiry: bool = False
    partial: bool = False  # may be reversed in part

    def needed(self, message: Message) -> tuple[str, ...]:
        """The places that this message must have, in their order."""
        if not self.either:
            return (*COMMON, *self.needs)
        return (*COMMON, *(("52",) if message.pan is not None else ("102", "48.01")), *self.needs)


class Habits(msgspec.Struct, frozen=True):
    """How a host treats what a switch must be ready for; the configuration calls it what a peer offers."""

    takes_undo: bool = True  # False: a reversal is a message that it doesn't know
    remembers_undo: bool = True  # a payment that its undo overtook is refused when it comes
    undoes_paid: bool = True  # False: what is paid is final
    says_unknown: bool = True  # 25 to an undo of what it does not know, else 00
    status_query: bool = True  # says what became of a payment
    lifetime_s: float | None = None  # an older request is dropped unread


class Terms(msgspec.Struct, frozen=True):
    """What a host is set up with: the charset of its words, how it writes DE 90, and the key of all that must not be
    guessed out of its books."""

    habits: Habits = Habits()
    charset: str = "utf-8"
    layout: str = "iso"
    secret: bytes = b""

    def __repr__(self) -> str:
        return f"Terms({self.habits})"


def missing_in(message: Message, needs: tuple[str, ...]) -> str:
    """The first place that is empty or can't be read, as the words of a 30 name it."""
    try:
        tags = message.tags
    except tlv.TlvError as error:
        return place(error.place)
    for need in needs:
        de, _, tag = need.partition(".")
        if not (tlv.first(tags, tag) if tag else message.get(de)):
            return place(need)
    return ""
