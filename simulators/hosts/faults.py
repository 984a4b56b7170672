"""What goes wrong at a simulated peer, how often, and when: drawn from a seed.

Rule: pure. One draw for each request, so that the same seed and the same requests give the same faults. What a
fault does to a frame is `peer`'s business. A refusal is drawn only for a request that moves money and is not a
repeat; it is remembered like any other.
"""

from __future__ import annotations

import random
from enum import StrEnum

import msgspec

from switch.wire import mti
from switch.wire.message import Message


class Fault(StrEnum):
    """Where a request or its answer goes wrong."""

    LOSE = "lose"  # the request never arrives
    STALL = "stall"  # the request is taken up only after `late_s`
    DROP = "drop"  # it is carried out, and the answer is lost
    LATE = "late"  # it is carried out, and the answer leaves only after `late_s`
    DUPLICATE = "duplicate"  # the answer comes twice
    GARBAGE = "garbage"  # bytes that are no message come instead of the answer
    DISCONNECT = "disconnect"  # the connection ends instead of the answer
    WRONG_STAN = "wrong_stan"  # the answer is to another question: by its trace number,
    WRONG_TERMINAL = "wrong_terminal"  # by its terminal,
    WRONG_AMOUNT = "wrong_amount"  # or by its amount
    DECLINE = "decline"  # it is refused


class FaultRates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The probability of each fault, and the times that belong to them."""

    lose: float = 0.0
    stall: float = 0.0
    drop: float = 0.0
    late: float = 0.0
    duplicate: float = 0.0
    garbage: float = 0.0
    disconnect: float = 0.0
    wrong_stan: float = 0.0
    wrong_terminal: float = 0.0
    wrong_amount: float = 0.0
    decline: float = 0.0
    late_s: float = 15.0
    latency_from_ms: float = 0.0  # every request waits this long at least,
    latency_to_ms: float = 0.0  # and this long at most

    def __post_init__(self) -> None:
        rates = [getattr(self, fault.value) for fault in Fault]
        if not all(0 <= rate <= 1 for rate in rates) or sum(rates) > 1:
            raise ValueError("fault rates: each from 0 to 1, and together not more than 1")
        if not 0 <= self.latency_from_ms <= self.latency_to_ms or self.late_s < 0:
            raise ValueError("fault times: not negative, and latency_from_ms not above latency_to_ms")


class Draw(msgspec.Struct, frozen=True):
    """What happens to one request: it waits, and then perhaps something goes wrong."""

    wait_s: float
    fault: Fault | None


class Faults:
    """The faults of one peer, in the order of its requests."""

    def __init__(self, rates: FaultRates = FaultRates(), seed: int | str = 0) -> None:  # noqa: B008 - frozen
        self.rates = rates
        self._rng = random.Random(f"{seed}:faults")
        self._ladder = _ladder(rates)

    def draw(self, request: Message) -> Draw:
        """Always two numbers of the generator, whatever comes of them."""
        chosen, waited = self._rng.random(), self._rng.random()
        fault = next((fault for below, fault in self._ladder if chosen < below), None)
        if fault is Fault.DECLINE and not _may_be_declined(request):
            fault = None
        shortest, longest = self.rates.latency_from_ms, self.rates.latency_to_ms
        return Draw((shortest + (longest - shortest) * waited) / 1000, fault)

    def garbage(self) -> bytes:
        """Bytes that are no message, for one frame."""
        return self._rng.randbytes(self._rng.randrange(1, 200))


def parse_rates(text: str) -> FaultRates:
    """Rates from words such as "drop=0.01,late=0.02,late_s=20"; ValueError says what is wrong."""
    given = {}
    for word in filter(None, text.replace(" ", ",").split(",")):
        name, _, value = word.partition("=")
        if name not in FaultRates.__struct_fields__:
            raise ValueError(f"{name}: allowed: {', '.join(FaultRates.__struct_fields__)}")
        try:
            given[name] = float(value)
        except ValueError:
            raise ValueError(f"{name}={value}: allowed: a number") from None
    return FaultRates(**given)


def _ladder(rates: FaultRates) -> list[tuple[float, Fault]]:
    steps, below = [], 0.0
    for fault in Fault:
        below += getattr(rates, fault.value)
        steps.append((below, fault))
    return steps


def _may_be_declined(request: Message) -> bool:
    return mti.mti_class(request.mti) == "2" and not mti.is_repeat(request.mti)
