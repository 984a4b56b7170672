"""An approved activation is listed by the very commit that approves it."""

from __future__ import annotations

from switch.flow.subscribers import SUBSCRIBERS, Activation, activation_of
from tests.unit.engine.bench import START, SUBSCRIBER, Bench
from tests.unit.engine.customers import activation, rows


def test_an_approved_activation_is_listed_by_the_commit_that_approves_it(bench: Bench) -> None:
    asked = bench.send(activation("000060"))
    assert not rows(bench, SUBSCRIBERS)
    bench.clock.now += 2
    bench.core.say("00")
    assert asked.code == "00"
    (row,) = rows(bench, SUBSCRIBERS)
    assert activation_of(row) == Activation(SUBSCRIBER[1], "10000000000001", START + 2, "mobile")


def test_an_activation_that_the_core_refuses_or_never_answers_is_not_listed(bench: Bench) -> None:
    bench.send(activation("000060"))
    bench.core.say("55")
    bench.send(activation("000061"))
    bench.core.fall_silent()
    bench.core.say("00")
    assert bench.states == {"DECLINED": 1, "RELEASED": 1}
    assert not rows(bench, SUBSCRIBERS)


def test_a_second_activation_of_a_number_is_listed_beside_the_first(bench: Bench) -> None:
    for stan in ("000060", "000061"):
        bench.send(activation(stan))
        bench.core.say("00")
    assert len(rows(bench, SUBSCRIBERS)) == 2
