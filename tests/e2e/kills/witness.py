"""What passed between the channels and the switch, as the channels saw it, and what they must believe of it.

Rule: it stands at the channel's envelope and changes nothing. What a channel believes follows from the wire's rules
alone: a reversal makes it ignore answers to the original; 09 is no answer; what was never answered is not known.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

from switch.wire.amounts import parse_replacement
from switch.wire.envelope import Envelope
from switch.wire.message import Message
from switch.wire.mti import mti_class
from switch.wire.original import parse as parse_original

MONEY = frozenset({"01", "40", "42", "50", "54"})
APPROVED, IN_PROGRESS, UNKNOWN, STANDS = "00", "09", "25", "12"
UNDECIDED_ADVICE = frozenset({"09", "90", "91", "96"})  # what calls for 0421

Key = tuple[str, str, str, str]  # acquirer, terminal, field 7, field 11


@dataclass
class Case:
    """One request for money: what was sent of it and heard about it, in order."""

    request: Message
    sent: list[tuple[float, str]] = field(default_factory=list)  # when, MTI
    heard: list[tuple[float, str]] = field(default_factory=list)  # when, field 39
    reversal: Message | None = None
    reversal_sent: list[tuple[float, str]] = field(default_factory=list)
    reversal_heard: list[tuple[float, str]] = field(default_factory=list)

    @property
    def believed(self) -> set[str]:
        """The final answers to the original that the channel took for one."""
        until = self.reversal_sent[0][0] if self.reversal_sent else float("inf")
        return {code for at, code in self.heard if at < until and code != IN_PROGRESS}

    @property
    def reversal_believed(self) -> set[str]:
        advice = self.reversal is not None and self.reversal.mti[2] == "2"
        undecided = UNDECIDED_ADVICE if advice else {IN_PROGRESS}
        return {code for _, code in self.reversal_heard if code not in undecided}

    @property
    def stands_minor(self) -> int:
        return parse_replacement(self.reversal.replacement_amounts) if self.reversal is not None else 0

    def story(self) -> list[tuple[float, str]]:
        told = [(at, f"channel sends {mti}") for at, mti in (*self.sent, *self.reversal_sent)]
        told += [(at, f"channel hears {code}") for at, code in self.heard]
        return told + [(at, f"channel hears {code} to its reversal") for at, code in self.reversal_heard]


class Witness:
    """Everything that was asked for money, on every connection of every channel."""

    def __init__(self) -> None:
        self.cases: dict[Key, Case] = {}
        self._reversals: dict[Key, Case] = {}

    def saw_sent(self, fields: dict[str, str]) -> None:
        message, now = Message(dict(fields)), time.time()
        kind = mti_class(message.mti)
        if kind == "2" and (message.processing_code or "")[:2] in MONEY:
            self.cases.setdefault(key_of(message), Case(message)).sent.append((now, message.mti))
        elif kind == "4":
            original = parse_original(message["90"])
            about = message["32"], message.terminal or "", original.transmitted_at or "", original.stan or ""
            case = self.cases.get(about)
            if case is None:  # a machine that found no connection in time reverses what never left it
                return
            case.reversal = case.reversal or message
            case.reversal_sent.append((now, message.mti))
            self._reversals[key_of(message)] = case

    def saw_heard(self, message: Message) -> None:
        now, code = time.time(), message.response_code or "?"
        key = key_of(message)
        if mti_class(message.mti) == "2" and key in self.cases:
            self.cases[key].heard.append((now, code))
        elif mti_class(message.mti) == "4" and key in self._reversals:
            self._reversals[key].reversal_heard.append((now, code))

    def counts(self) -> dict[str, int]:
        """How many cases ended with which belief."""
        found: defaultdict[str, int] = defaultdict(int)
        for case in self.cases.values():
            found["/".join(sorted(case.believed)) or "?"] += 1
        return dict(sorted(found.items()))


class WatchedEnvelope(Envelope):
    """An envelope under a witness's eyes."""

    __slots__ = ("_witness",)

    def __init__(self, plain: Envelope, witness: Witness) -> None:
        super().__init__(plain.dialect, plain.mac, mac_network=plain.mac_network)
        self._witness = witness

    def open(self, frame: bytes, *, refusals_without_mac: bool = False) -> Message:
        message = super().open(frame, refusals_without_mac=refusals_without_mac)
        self._witness.saw_heard(message)
        return message

    def seal(self, fields: dict[str, str], *, with_mac: bool = True) -> bytes:
        self._witness.saw_sent(fields)
        return super().seal(fields, with_mac=with_mac)


def key_of(message: Message) -> Key:
    return message["32"], message.terminal or "", message["7"], message["11"]


def clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S.%f")[:-3]
