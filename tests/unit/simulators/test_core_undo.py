"""The simulated core runs a question once and undoes it once, whatever comes again and after a restart."""

from __future__ import annotations

from tests.unit.simulators.asking import Asker, n12
from tests.unit.simulators.core_bench import CURRENT, ME, SAVINGS, START, Bench


def test_a_repeat_gets_the_same_answer_after_a_restart_too(bench: Bench) -> None:
    first = bench.pay()
    asked = bench.asker.asked
    bench.restart()
    assert bench.asker.repeat(asked) == first
    assert bench.asker.send(asked.fields) == first
    assert bench.balance(f"customer:{CURRENT}") == START - 1000


def test_a_repeat_that_stamps_7_anew_is_found_by_its_reference(bench: Bench) -> None:
    first = bench.pay()
    again = bench.asker.repeat(bench.asker.asked, de7="1122090107")
    assert (again["38"], again["7"]) == (first["38"], "1122090107")
    assert bench.balance(f"customer:{CURRENT}") == START - 1000


def test_the_same_key_with_other_content_is_94(bench: Bench) -> None:
    bench.pay()
    assert bench.asker.repeat(bench.asker.asked, de4=n12(1001))["39"] == "94"


def test_a_decline_is_stored_too(bench: Bench) -> None:
    assert bench.pay(minor=START + 1)["39"] == "51"
    asked = bench.asker.asked
    given = {"de4": n12(500), "de102": SAVINGS, "de103": CURRENT}
    assert bench.asker.ask("0200", "40", ME, **given)["39"] == "00"
    assert bench.asker.repeat(asked)["39"] == "51"


def test_a_reversal_gives_all_back_once(bench: Bench) -> None:
    bench.pay()
    asked = bench.asker.asked
    assert bench.asker.reverse(asked, de4=n12(999))["39"] == "64"
    assert bench.asker.reverse(asked)["39"] == "00"
    reversal = bench.asker.asked
    bench.restart()
    assert bench.asker.repeat(reversal)["39"] == "00"
    assert bench.asker.reverse(asked, mti="0400")["39"] == "00"
    assert bench.asker.reverse(asked, stands=100)["39"] == "94"
    assert bench.balance(f"customer:{CURRENT}") == START
    assert bench.asker.repeat(asked)["39"] == "00"


def test_only_a_withdrawal_may_be_reversed_in_part(bench: Bench) -> None:
    bench.pay()
    assert bench.asker.reverse(bench.asker.asked, stands=100)["39"] == "12"
    bench.withdraw(5000)
    asked = bench.asker.asked
    assert bench.asker.reverse(asked, stands=5001)["39"] == "64"
    assert bench.asker.reverse(asked, stands=2000)["39"] == "00"
    assert bench.asker.reverse(asked, stands=1000)["39"] == "94"
    assert bench.balance("atm:GW000001") == 2000
    assert bench.balance(f"customer:{CURRENT}") == START - 3000


def test_a_reversal_of_what_was_declined_moves_nothing(bench: Bench) -> None:
    bench.pay(minor=START + 1)
    assert bench.asker.reverse(bench.asker.asked)["39"] == "00"
    assert bench.balance(f"customer:{CURRENT}") == START


def test_an_original_that_its_reversal_overtook_is_too_late(bench: Bench) -> None:
    bench.pay()
    late = bench.asker.asked.fields | {"11": "900001", "37": "LATE00000001"}
    reversal = Asker(bench.core.answer)
    asked = type(bench.asker.asked)(late)
    assert reversal.reverse(asked, de11="900002")["39"] == "25"
    bench.restart()
    answer = bench.core.answer(asked)
    assert answer is not None
    assert answer["39"] == "68"
    again = Asker(bench.core.answer)
    assert again.reverse(asked, de11="900003")["39"] == "25"
    assert bench.balance(f"customer:{CURRENT}") == START - 1000


def test_a_forced_decline_is_remembered_like_any_other(bench: Bench) -> None:
    bench.pay()
    fields = bench.asker.asked.fields | {"11": "900001", "37": "FORCED000001"}
    message = type(bench.asker.asked)(fields)
    declined = bench.core.answer(message, refuse="51")
    assert declined is not None
    assert declined["39"] == "51"
    assert bench.core.answer(message) == declined
