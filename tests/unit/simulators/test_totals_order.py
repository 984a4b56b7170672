"""`totals MMDD` on a channel's standard input: what whoever started it hears."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from simulators.channels.day_book import Judgement
from simulators.channels.gateways import Gateway
from simulators.commands import told
from switch.wire.figures import Figures


class FakeGateway:
    """Judged in balance, whatever the day."""

    async def reconcile(self, day: str) -> Judgement:
        return Judgement(day, "000123", "00", "1", Figures(transfers=2))


async def heard(capsys: pytest.CaptureFixture[str], line: str) -> dict[str, Any]:
    await told(cast("Gateway", FakeGateway()), line)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


async def test_a_day_is_told_and_its_judgement_said(capsys: pytest.CaptureFixture[str]) -> None:
    found = (await heard(capsys, "totals 1122"))["totals"]
    assert {name: found[name] for name in ("day", "acquirer", "code", "in_balance")} == {
        "day": "1122",
        "acquirer": "000123",
        "code": "00",
        "in_balance": True,
    }


@pytest.mark.parametrize("line", ["", "totals", "totals 20261122", "totals 11x2", "end 1122"])
async def test_what_is_no_order_is_said(capsys: pytest.CaptureFixture[str], line: str) -> None:
    assert await heard(capsys, line) == {"not_understood": line}
