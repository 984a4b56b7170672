import pytest
from click.testing import CliRunner

from simulators.bench.commands import bench
from simulators.commands import demo, simulator
from simulators.options import override


def test_replaced_settings_are_json_where_they_can_be() -> None:
    assert override("peers.core.port=8600") == ("peers.core.port", 8600)
    assert override("ledger.database=/var/books.db") == ("ledger.database", "/var/books.db")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["biller", "NOBODY"], "NOBODY: allowed: cellular, power, telecom, university, water"),
        (["core", "--faults", "drop=often"], "drop=often: allowed: a number"),
        (["core", "--faults", "fire=0.1"], "fire: allowed: lose, stall"),
        (["mobile", "--set", "switch.currency"], "'switch.currency': allowed: KEY=VALUE"),
        (["atm", "--payments", "5"], "5 is not in the range x>=20"),
    ],
)
def test_what_a_simulator_does_not_like_is_one_line(arguments: list[str], line: str) -> None:
    done = CliRunner().invoke(simulator, arguments)
    assert done.exit_code == 2
    assert line in done.output


def test_the_demo_wants_at_least_one_payment_of_each_kind() -> None:
    assert "is not in the range" in CliRunner().invoke(demo, ["--payments", "19"]).output


def test_a_measurement_wants_at_least_three_runs() -> None:
    assert "is not in the range" in CliRunner().invoke(bench, ["pay", "--runs", "2"]).output


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["pay", "--service", "loan"], "'bill', 'balance'"),
        (["pay", "--rate", "0"], "x>=1"),
        (["soak", "--within", "0"], "x>=1"),
    ],
)
def test_what_a_bench_does_not_like_is_one_line(arguments: list[str], allowed: str) -> None:
    done = CliRunner().invoke(bench, arguments)
    assert done.exit_code == 2
    assert allowed in done.output
