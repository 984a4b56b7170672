"""What benches make of their runs: spreads, recoveries, growth, and where all of it was measured."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.bench.figures import repeated, result, rounded, triple, triples
from simulators.bench.histogram import Histogram
from simulators.bench.machine import built_with, processor
from simulators.bench.orders import Closed, Open, Outcome, Window, order_in, order_told, outcome_in
from simulators.bench.overload import OverloadLoad, recovered_after_s
from simulators.bench.overload import told as overload_told
from simulators.bench.runs import Run, run_figures
from simulators.bench.schedule import Phase
from simulators.bench.soak import Sample, growth
from simulators.bench.usage import Held


def window(latencies_us: list[int], asked: int | None = None, **codes: int) -> Window:
    found = Histogram()
    for us in latencies_us:
        found.add(us)
    answers = {code.removeprefix("c"): number for code, number in codes.items()} or {"00": len(latencies_us)}
    return Window(len(latencies_us) if asked is None else asked, Counter(answers), found)


def run(cpu_us: int, windows: list[Window] | None = None, unanswered: int = 0) -> Run:
    outcome = Outcome(0.5, 1.0, windows or [window([100, 200])], unanswered, Histogram())
    return Run(outcome, {"switch": cpu_us, "ledger": 20}, 0.25)


@given(st.lists(st.floats(0, 1e6), min_size=3, max_size=9))
def test_a_triple_is_in_order_and_its_ends_were_measured(values: list[float]) -> None:
    found = triple(values)
    assert found["min"] <= found["median"] <= found["max"]
    assert {found["min"], found["max"]} <= set(values)


def test_triples_go_as_deep_as_the_figures_do() -> None:
    runs = [{"a": {"b": number}, "name": "x"} for number in (3, 1, 2)]
    assert triples(runs) == {"a": {"b": {"min": 1, "median": 2, "max": 3}}, "name": "x"}


def test_runs_that_differ_in_a_name_are_not_one() -> None:
    with pytest.raises(AssertionError, match="x"):
        triples([{"name": "x"}, {"name": "y"}])


def test_a_bench_of_bare_numbers_is_repeated_and_has_the_names_of_all() -> None:
    numbers = iter((5.0, 4.0, 9.0))
    found = repeated(lambda: {"sealed_us": next(numbers), "sealed_per_s": 1.0}, 3, "sealed_per_s", "sealed_us")
    assert found["cpu_us_per_transaction"] == found["sealed_us"] == {"min": 4, "median": 5, "max": 9}
    assert found["throughput_per_s"]["median"] == 1


def test_figures_are_rounded_wherever_they_are() -> None:
    assert rounded({"a": [{"b": 1.23456}], "c": 7, "d": "x"}) == {"a": [{"b": 1.23}], "c": 7, "d": "x"}


def test_a_result_says_what_was_measured_where_when_and_of_which_commit() -> None:
    found = result("pay", {"connections": 50}, {"throughput_per_s": triple([1.0, 2.0, 3.0])})
    assert json.loads(json.dumps(found)) == found
    assert list(found) == ["bench", "load", "throughput_per_s", "machine", "commit", "at"]
    assert set(found["machine"]) == {"processor", "cores", "python", "pgo", "lto", "kernel"}
    assert found["machine"]["cores"] >= 1
    assert found["at"].endswith("Z")


def test_the_machine_is_read_from_what_it_says_of_itself() -> None:
    assert processor("processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\nmodel name\t: Other\n") == "Some CPU @ 2 GHz"
    assert processor("") is None
    assert built_with("'--enable-optimizations' '--with-lto'", "") == {"pgo": True, "lto": True}
    assert built_with("'--enable-shared'", "-std=c11 -fprofile-use -O3") == {"pgo": True, "lto": False}
    assert built_with("'--enable-shared'", "-std=c11") == {"pgo": False, "lto": False}


def test_cpu_is_told_by_answered_request_and_by_process() -> None:
    found = run_figures([run(80), run(180), run(380)])
    assert found["cpu_us_per_transaction"] == {"min": 50, "median": 100, "max": 200}
    assert found["switch_cpu_us"]["median"] == 90
    assert found["ledger_cpu_us"]["median"] == 10
    assert found["throughput_per_s"]["median"] == 4
    assert found["latency_ms"]["max"]["median"] == 0.2
    assert found["answers"] == {"00": 6}
    assert "sent_late_ms" not in found  # there is no moment to be late for


def test_a_run_is_approved_only_if_everything_was() -> None:
    assert run(1).all_approved
    assert not run(1, unanswered=1).all_approved
    assert not run(1, [window([1], asked=2, c00=1, c91=1)]).all_approved


@pytest.mark.parametrize("order", [Closed(100, 4), Open([Phase(10, 1), Phase(20, 0.5)], 3, 0.5)])
def test_an_order_is_heard_as_it_was_told(order: Closed | Open) -> None:
    assert order_in(order_told(order)) == order


def test_an_outcome_is_heard_as_it_was_told() -> None:
    before = Outcome(2.5, 0.5, [window([1, 5000]), window([], asked=3, c91=2)], 1, Histogram())
    after = outcome_in(json.loads(before.told()))
    assert after.told() == before.told()
    assert after.codes == {"00": 2, "91": 2}
    assert len(after.latency) == 2


CALM, SLOW, DECLINED = window([1_000] * 10), window([9_000] * 10), window([1_000] * 9, asked=10, c00=9, c91=1)


@pytest.mark.parametrize(
    ("after", "seconds"),
    [
        ([CALM, CALM, SLOW], 0),
        ([SLOW, CALM, CALM], 0.5),
        ([CALM, SLOW, CALM, DECLINED, CALM, CALM], 2),
        ([SLOW, DECLINED, CALM], None),
        ([], None),
    ],
)
def test_it_is_itself_again_once_two_windows_are_as_they_were(after: list[Window], seconds: float | None) -> None:
    assert recovered_after_s(after, normal_us=1_000, window_s=0.5) == seconds


def test_an_overload_counts_answers_when_they_came_and_only_while_it_lasted() -> None:
    load = OverloadLoad(before_s=1, over_s=1, after_s=1, window_s=0.5)
    turned_away = window([2_000] * 20, asked=80, c00=30, c91=10)
    outcome = Outcome(3, 0.5, [CALM, CALM, turned_away, turned_away, SLOW, CALM], 7, Histogram())
    found = overload_told(outcome, load, cpu_us=8_000, most_per_s=100)
    assert found["goodput_per_s"] == 60
    assert found["goodput_share_of_peak"] == 0.6
    assert found["share_turned_away"] == 0.25
    assert found["cpu_us_per_answer"] == 100
    assert found["unanswered"] == 7
    assert found["recovered_after_s"] is None


def test_growth_counts_from_the_end_of_the_first_tenth() -> None:
    samples = [
        Sample(number * 50, {"switch": Held(resident, descriptors)})
        for number, resident, descriptors in ((1, 500, 9), (2, 1_000, 10), (20, 1_050, 11))
    ]
    found = growth(samples, 1_000)
    assert found["resident"]["switch"] == {"first_bytes": 1_000, "last_bytes": 1_050, "growth_percent": 5}
    assert found["descriptors"]["switch"] == {"first": 10, "last": 11}


def test_who_was_stopped_within_the_first_tenth_tells_no_growth() -> None:
    found = growth([Sample(50, {"switch": Held(500, None)})], 1_000)
    assert found["resident"]["switch"]["growth_percent"] is None
