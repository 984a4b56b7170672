"""A survey of a thousand machines and a million withdrawals, measured on books that hold them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from config.settings import demo_path, load
from simulators.bench.cash_books import REFUSED_EVERY, fill
from simulators.fleet.drawing import draw_fleet
from switch.commands.atm_desk import look, survey_of
from switch.commands.books import Desk
from switch.commands.times import Times

MACHINES, WITHDRAWALS, DAYS = 1000, 1_000_000, 30
WITHIN_S = 5.0
LAST = 1_795_341_600.0


@pytest.mark.long
def test_a_survey_of_a_thousand_machines_and_a_million_withdrawals_takes_less_than_five_seconds(tmp_path: Path) -> None:
    """CPU, not the clock: others on the machine would be measured, too. It only reads and adds up, so alone on the
    machine the two are the same."""
    database, fleet = str(tmp_path / "ledger.db"), draw_fleet(machines=MACHINES)
    fill(database, list(fleet.atms), WITHDRAWALS, LAST - DAYS * 86_400, LAST, 7)
    settings = load(demo_path())
    desk = Desk(replace(settings, ledger=replace(settings.ledger, database=database)))
    desk.times = Times(settings.switch.timezone, LAST)
    began, cpu = time.monotonic(), time.process_time()
    seen = look(desk, fleet, DAYS)
    found = survey_of(seen)
    used_s = time.process_time() - cpu
    print(f"survey: {used_s:.2f} s of CPU, {time.monotonic() - began:.2f} s by the clock")
    paid = sum(one.withdrawals for one in found.demand.districts)
    assert paid == WITHDRAWALS - WITHDRAWALS // REFUSED_EVERY
    assert used_s < WITHIN_S
