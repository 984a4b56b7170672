"""A slip of one and a half times in what a payment or a message costs fails here, on any machine.

Rule: ratios of CPU time, both sides of each measured in turns in this run; the median of several turns counts. What is
usual stands below, in one place; SLACK is what noise may add to it. To take the figures anew, run
`pytest -s tests/e2e/test_speed_guard.py` five times on a machine that is not too busy, and write down the median of
what it prints, with the commit. Whoever makes the switch faster should, or the guard sleeps.
"""

import statistics
import time
from collections.abc import Callable
from math import inf
from pathlib import Path

import iso8583
import pytest

from simulators.bench.codec import FINANCIAL
from simulators.bench.pressed import Press, Pressed, pressed
from switch.wire.dialect import dialect_named
from switch.wire.specs import DIALECTS
from tests.e2e.yardstick import Yardstick, yardstick

pytestmark = pytest.mark.alone

SLACK = 1.3
USUAL_YARDSTICKS = 0.165
"""CPU of a bill payment, switch and ledger, in pieces of work of the yardstick (commit 667fa4a, Python 3.11 without
PGO; 0.158 to 0.170; 0.22 to 0.27 at ba66823)."""
USUAL_RATIOS = {
    "iso87-ascii": (12.5, 17.5),
    "iso87-binary": (11.3, 17.0),
    "iso87-bcd": (10.4, 16.1),
    "iso87-ebcdic": (15.4, 20.3),
}
"""pyiso8583's CPU in units of ours, decoding and encoding (same commit and interpreter)."""

WARM_UP = 1_500
TURNS = 8
PAYMENTS_PER_TURN = 500
WORK_PER_TURN = 30
CODEC_TURNS = 15
MESSAGES_PER_TURN = 100


async def test_a_payment_costs_no_more_cpu_than_it_did(tmp_path: Path) -> None:
    """A second series is taken where the first is too high: noise passes, a slip stays."""
    medians = list[float]()
    async with yardstick(tmp_path) as stick, pressed(Press()) as under:
        await under.closed(WARM_UP)
        while len(medians) < 2 and min(medians, default=inf) > USUAL_YARDSTICKS * SLACK:
            turns = [await _turn(under, stick) for _ in range(TURNS)]
            medians.append(statistics.median(turns))
            print(f"a payment: {medians[-1]:.3f} yardsticks, usual {USUAL_YARDSTICKS}")
    assert min(medians) <= USUAL_YARDSTICKS * SLACK


async def _turn(under: Pressed, stick: Yardstick) -> float:
    before = await stick.cpu_us(WORK_PER_TURN)
    run = await under.closed(PAYMENTS_PER_TURN)
    return 2 * run.cpu_us_each() / (before + await stick.cpu_us(WORK_PER_TURN))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_codec_is_as_many_times_quicker_than_pyiso8583_as_it_was(dialect: str) -> None:
    codec = dialect_named(dialect).codec
    fields, theirs = dict(FINANCIAL), dict(FINANCIAL)
    frame = codec.encode(fields)
    ratios = (
        _ratio(lambda: iso8583.decode(frame, codec.spec), lambda: codec.decode(frame)),
        _ratio(lambda: iso8583.encode(theirs, codec.spec), lambda: codec.encode(fields)),
    )
    print(f"{dialect}: {ratios[0]:.1f} decoding, {ratios[1]:.1f} encoding, usual {USUAL_RATIOS[dialect]}")
    for ratio, usual in zip(ratios, USUAL_RATIOS[dialect], strict=True):
        assert ratio >= usual / SLACK


def _ratio(theirs: Callable[[], object], ours: Callable[[], object]) -> float:
    """How many times the CPU of ours theirs takes."""
    ours(), theirs()
    turns = [_cpu_ns(theirs) / _cpu_ns(ours) for _ in range(CODEC_TURNS)]
    return statistics.median(turns)


def _cpu_ns(work: Callable[[], object]) -> int:
    started = time.process_time_ns()
    for _ in range(MESSAGES_PER_TURN):
        work()
    return time.process_time_ns() - started
