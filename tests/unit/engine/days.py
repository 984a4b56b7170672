"""Business days for the bench: opened and closed by hand, and what an acquirer asks about them."""

from __future__ import annotations

from ledger.model import DAY_CLOSED, DAY_OPEN, Committed, DayChange, Group, Outcome, RegisterRow
from switch.flow.reconciliation import REGISTER, Reconciliation, from_body
from switch.wire.figures import Figures, figure_fields
from tests.unit.engine.bench import DAY, Bench

NEXT_DAY = "20261123"


def change(bench: Bench, *changes: DayChange) -> None:
    said: list[Outcome] = []
    bench.books.submit(Group(bench.rng.randbytes(16), days=changes), said.append)
    assert isinstance(said[0], Committed)


def close(bench: Bench, day: str = DAY, following: str = NEXT_DAY) -> None:
    """The day is over, and the next one is open."""
    at = bench.clock.now
    change(bench, DayChange(following, DAY_OPEN, at), DayChange(day, DAY_CLOSED, at))


def totals_of(figures: Figures, mti: str = "0500", stan: str = "700001", **changes: str) -> dict[str, str]:
    """An acquirer's figures of a day."""
    fields = {"t": mti, "7": "1122090500", "11": stan, "15": DAY[4:], "32": "000123", "49": "760", "99": "000100"}
    return fields | figure_fields(figures) | {name.removeprefix("de"): value for name, value in changes.items()}


def kept(bench: Bench) -> dict[str, Reconciliation]:
    """By key, what the settlement desk sees."""
    found: list[list[RegisterRow]] = []
    bench.books.register(REGISTER, found.append)  # type: ignore[arg-type]
    return {row.key: from_body(row.body) for row in found[0]}
