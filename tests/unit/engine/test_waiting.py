"""Who waits for the books is remembered as long as that, and no longer."""

from __future__ import annotations

from weakref import ref

import pytest

from switch.wire.figures import Figures
from tests.unit.engine.bench import Bench, request, reversal_of, transfer
from tests.unit.engine.days import totals_of

REPORT = request("0620", "970000", "000001", ("20", "IN-SERVICE"), de41="ATM00001")


@pytest.mark.parametrize("asked", [totals_of(Figures()), REPORT, reversal_of(transfer())], ids=lambda one: one["t"])
def test_what_was_answered_is_let_go_and_does_not_pile_up_for_half_a_minute(
    bench: Bench, asked: dict[str, str]
) -> None:
    exchange = bench.send(asked)
    assert exchange.code is not None
    gone = ref(exchange)
    del exchange
    bench.wait(0.5)
    assert gone() is None
