from pathlib import Path

from simulators.bench.pay import PayLoad, measure


async def test_the_switch_pays_every_bill_of_a_small_load_and_its_cpu_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    load = PayLoad(connections=5, in_flight=2, payments=100, runs=3, warm_up=50)
    found = await measure(load, tmp_path, said.append)
    assert said == ["warming up", "run 1 of 3", "run 2 of 3", "run 3 of 3"]
    assert found["throughput_per_s"] > 0
    spread = found["cpu_us_per_transaction"]
    assert 0 < spread["min"] <= spread["median"] <= spread["max"]
