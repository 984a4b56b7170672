"""Each bench that presses a real switch, with hardly any load: that it runs, and what its last line has."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click import ClickException

from simulators.bench import chart, latency, overload, pay, soak
from simulators.bench.pressed import Press, generator_ceiling_per_s, pressed
from simulators.bench.requests import Asked
from simulators.demo.children import family, start
from simulators.demo.installation import next_words

FEW = Press(Asked.BALANCE, connections=5, in_flight=2)  # bills are paid by the guard of the speed
PERCENTILES = {"p50", "p90", "p99", "p99_9", "max"}


def holds(found: dict[str, Any], bench: str) -> None:
    """What every bench has in common."""
    assert json.loads(json.dumps(found)) == found
    assert found["bench"] == bench
    assert found["load"]["connections"] == 5
    assert found["load"]["generator_ceiling_per_s"] == 1_000
    assert set(found) >= {"machine", "commit", "at"}
    for name in ("throughput_per_s", "cpu_us_per_transaction"):
        assert 0 < found[name]["min"] <= found[name]["median"] <= found[name]["max"]
    assert set(found["latency_ms"]) == PERCENTILES
    assert found["unanswered"] == 0


@pytest.mark.alone
async def test_each_bench_tells_its_figures_with_their_load(tmp_path: Path) -> None:
    said: list[str] = []
    async with pressed(FEW) as under:
        saturated = await pay.measure(pay.PayLoad(100, runs=3, warm_up=50), under, 1_000, said.append)
        assert said == ["warming up", "run 1 of 3", "run 2 of 3", "run 3 of 3"]
        holds(saturated, "pay")
        assert saturated["load"]["in_flight"] == 10
        assert saturated["answers"] == {"00": 300}
        assert saturated["load"]["macs_per_transaction"] == 4
        assert saturated["ledger_cpu_us"]["median"] < saturated["switch_cpu_us"]["median"]

        paced = await pay.measure(pay.PayLoad(50, 200, runs=1, warm_up=10), under, 1_000, said.append)
        holds(paced, "pay")
        assert paced["load"]["rate_per_s"] == 200
        assert set(paced["sent_late_ms"]) == PERCENTILES
        assert paced["throughput_per_s"]["max"] <= 200

        shares = latency.LatencyLoad(100, 0.25, (0.1, 0.5), runs=1, warm_up=10)
        slow = await latency.measure(shares, under, 1_000, said.append)
        holds(slow, "latency")
        assert [rate["share"] for rate in slow["rates"]] == [0.1, 0.5]
        assert slow["p99_ms_at_half_of_saturation"] == slow["rates"][1]["latency_ms"]["p99"]
        chart.draw(slow, tmp_path / "chart.png")
        assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")

        twice = overload.OverloadLoad(100, 0.5, 0.25, 0.5, 5, 0.25, runs=1, warm_up=10)
        over = await overload.measure(twice, under, 1_000, said.append)
        holds(over, "overload")
        assert set(over["overload"]) >= {
            "goodput_per_s",
            "share_turned_away",
            "cpu_us_per_answer",
            "recovered_after_s",
        }

        long = await soak.measure(soak.SoakLoad(3_000, 0.1, 10, 200), under, 1_000, said.append)
        holds(long, "soak")
        assert 0 < long["load"]["payments"] < long["load"]["payments_wanted"]  # time was up
        assert set(long["resident"]) == set(long["descriptors"]) == {"switch", "ledger"}
        assert long["descriptors"]["switch"]["last"] > 5
        assert long["books_bytes"] > 0
        assert 0 < long["restart_s"] < long["restart_until_approved_s"]


async def test_the_generator_has_a_ceiling_of_its_own() -> None:
    assert await generator_ceiling_per_s(FEW, 200) > 0


async def test_the_processes_of_a_process_are_its_own(tmp_path: Path) -> None:
    code = "import os, time\nprint(os.fork() and 1, flush=True)\ntime.sleep(60)"
    child = start("parent", ["-c", code], tmp_path, talks=True)
    try:
        await next_words(child)
        first, *others = family(child.pid)
        assert first == child.pid
        assert len(others) == 1
        assert others[0] in family(os.getpid())
    finally:
        for pid in reversed(family(child.pid)):
            os.kill(pid, 9)
        await child.stop()


def test_without_the_library_no_chart_is_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(ClickException, match="pip install 'barada"):
        chart.must_be_drawable()
