"""What the compiled codec costs, and how many times quicker than pyiso8583 it is.

Rule: both are timed in turns, many short rounds of each, and the best round of each counts. It is CPU time, and the
rounds of both are about as long: of a long round less can be undisturbed than of a short one, and on a busy machine
the slower codec would look slower still. Nothing is measured before the codec has compiled.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import iso8583

from switch.wire.dialect import dialect_named
from switch.wire.specs import DIALECTS

ROUNDS = 40
MESSAGES_PER_ROUND = 200
THEIRS_TO_OURS = 15  # about how many times quicker ours is: a round of theirs has so many messages fewer

FINANCIAL = {
    "t": "0200",
    "2": "4000001234567899",
    "3": "401020",
    "4": "000000125000",
    "7": "1122101530",
    "11": "000042",
    "12": "131530",
    "13": "1122",
    "14": "2912",
    "22": "021",
    "25": "00",
    "26": "12",
    "32": "000123",
    "37": "BARADA000042",
    "41": "GW000001",
    "42": "DAMASCUS0000001",
    "48": "0101296390000000102002ar04006BILL42",
    "49": "760",
    "52": "1234567890ABCDEF",
    "102": "10000000000001",
    "103": "10000000000002",
    "128": "0123456789ABCDEF",
}
"""A transfer with 21 data elements: 257 bytes in ASCII."""


def measure(
    fields: Mapping[str, str] = FINANCIAL, *, rounds: int = ROUNDS, messages: int = MESSAGES_PER_ROUND
) -> dict[str, dict[str, float]]:
    """By dialect: `decode_us`, `encode_us` of the compiled codec; `decode_ratio`, `encode_ratio` to pyiso8583."""
    return {name: _measure_dialect(name, dict(fields), rounds, messages) for name in DIALECTS}


def load() -> dict[str, object]:
    """What is decoded and encoded."""
    message = dialect_named("iso87-ascii").codec.encode(FINANCIAL)
    return {
        "data_elements": len(FINANCIAL) - 1,
        "bytes_in_ascii": len(message),
        "rounds": ROUNDS,
        "messages_per_round": MESSAGES_PER_ROUND,
    }


def _measure_dialect(name: str, fields: dict[str, str], rounds: int, messages: int) -> dict[str, float]:
    codec = dialect_named(name).codec
    frame, theirs = codec.encode(fields), dict(fields)
    few = max(messages // THEIRS_TO_OURS, 1)
    decode_us, their_decode_us, encode_us, their_encode_us = _best_us(
        [
            (lambda: codec.decode(frame), messages),
            (lambda: iso8583.decode(frame, codec.spec), few),
            (lambda: codec.encode(fields), messages),
            (lambda: iso8583.encode(theirs, codec.spec), few),
        ],
        rounds,
    )
    return {
        "decode_us": decode_us,
        "encode_us": encode_us,
        "decode_ratio": their_decode_us / decode_us,
        "encode_ratio": their_encode_us / encode_us,
    }


def _best_us(works: list[tuple[Callable[[], object], int]], rounds: int) -> list[float]:
    """The best time of each piece of work, in microseconds; they take turns, each so often in a round."""
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for at, (work, times) in enumerate(works):
            best[at] = min(best[at], _time_us(work, times))
    return best


def _time_us(work: Callable[[], object], times: int) -> float:
    started = time.thread_time_ns()
    for _ in range(times):
        work()
    return (time.thread_time_ns() - started) / times / 1000
