"""Reversals by a channel: whole and in part, repeated, unknown, before and after their original."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from switch.flow.terms import Undo
from tests.unit.engine.bench import BEST, Bench, bill_payment, repeat_of, reversal_of, transfer, withdrawal

ATM, CARD_PREFIX = "atm:ATM00001", "card:"


def paid_transfer(bench: Bench) -> None:
    bench.send(transfer())
    bench.core.say("00")


def paid_withdrawal(bench: Bench) -> None:
    bench.send(withdrawal())
    bench.core.say("00")


def standing(amount: int) -> str:
    return f"{amount:012d}".ljust(42, "0")


def test_a_posted_payment_is_reversed_by_a_contra_transfer_and_the_core_is_told(bench: Bench) -> None:
    paid_transfer(bench)
    asked = bench.send(reversal_of(transfer()))
    assert asked.code == "00"
    assert "38" not in asked.answers[0]
    assert bench.net_minor("customer:10000000000002") == 0
    assert bench.core.question["t"] == "0420"
    assert "95" not in bench.core.question
    bench.core.say("00")
    assert bench.states == {"REVERSED": 1}
    assert not bench.open_rows()


def test_a_reversal_runs_once_however_often_it_comes(bench: Bench) -> None:
    paid_transfer(bench)
    first = bench.send(reversal_of(transfer())).answers[0]
    bench.core.say("00")
    assert bench.send(reversal_of(transfer())).answers == [first]
    assert bench.send(repeat_of(reversal_of(transfer()))).answers == [first]
    assert bench.send(reversal_of(transfer()) | {"t": "0420"}).code == "00"
    assert not bench.core.asked


def test_another_stan_with_the_same_amount_gets_00_and_moves_nothing(bench: Bench) -> None:
    paid_transfer(bench)
    bench.send(reversal_of(transfer()))
    bench.core.say("00")
    assert bench.send(reversal_of(transfer(), "900002")).code == "00"
    assert not bench.core.asked
    assert bench.net_minor("customer:10000000000002") == 0


def test_part_of_a_withdrawal_is_given_back(bench: Bench) -> None:
    paid_withdrawal(bench)
    asked = bench.send(reversal_of(withdrawal(), de95=standing(60_000)))
    assert asked.code == "00"
    assert bench.net_minor(ATM) == 60_000
    assert bench.core.question["95"] == standing(60_000)
    bench.core.say("00")
    assert bench.send(reversal_of(withdrawal(), "900002", de95=standing(50_000))).code == "94"
    assert bench.send(reversal_of(withdrawal(), "900003", de95=standing(60_000))).code == "00"
    assert bench.net_minor(ATM) == 60_000


def test_part_of_anything_else_is_12(bench: Bench) -> None:
    paid_transfer(bench)
    assert bench.send(reversal_of(transfer(), de95=standing(10_000))).code == "12"
    assert bench.states == {"POSTED": 1}


def test_a_reversal_that_asks_for_what_cannot_be_is_told_so_whatever_became_of_the_payment(bench: Bench) -> None:
    """12 is not stored, so it may not turn into another answer: not beside another reversal, not in a repeat."""
    paid_transfer(bench)
    part = reversal_of(transfer(), "900002", de95=standing(20_000))
    before = bench.send(part).code
    bench.send(reversal_of(transfer()))
    assert [before, bench.send(part).code, bench.send(repeat_of(part)).code] == ["12", "12", "12"]


def test_another_amount_than_the_originals_is_64(bench: Bench) -> None:
    paid_withdrawal(bench)
    assert bench.send(reversal_of(withdrawal(), de4="000000099999")).code == "64"
    assert bench.send(reversal_of(withdrawal(), de95=standing(100_001))).code == "64"
    assert bench.net_minor(ATM) == 100_000


def test_an_unknown_original_is_25_and_refused_when_it_arrives_later(bench: Bench) -> None:
    asked = bench.send(reversal_of(transfer()))
    assert asked.code == "25"
    assert bench.send(repeat_of(reversal_of(transfer()))).code == "25"
    late = bench.send(transfer())
    assert late.code == "68"
    assert not bench.core.asked
    assert bench.net_minor("customer:10000000000001") == 0


def test_an_original_stamped_anew_is_refused_too_after_its_reversal(bench: Bench) -> None:
    assert bench.send(reversal_of(transfer())).code == "25"
    assert bench.send(transfer(de7="1122090200")).code == "68"


def test_a_declined_payment_is_reversed_by_doing_nothing(bench: Bench) -> None:
    bench.send(transfer())
    bench.core.say("51")
    assert bench.send(reversal_of(transfer())).code == "00"
    assert not bench.core.asked


def test_a_repeat_of_the_original_after_its_reversal_gets_the_stored_answer(bench: Bench) -> None:
    paid_transfer(bench)
    bench.send(reversal_of(transfer()))
    assert bench.send(repeat_of(transfer())).code == "00"


def test_a_reversal_in_flight_cancels_a_one_leg_payment(bench: Bench) -> None:
    original = bench.send(transfer())
    asked = bench.send(reversal_of(transfer()))
    assert asked.code == "00"
    assert original.code == "68"
    bench.core.say("00")  # the debit, late
    assert bench.core.question["t"] == "0420"
    assert bench.net_minor("customer:10000000000001") == 0


def test_a_reversal_of_a_paid_bill_is_certain_only_after_the_billers_word(bench: Bench) -> None:
    bench.send(bill_payment())
    bench.core.say("00")
    bench.biller.say("00")
    asked = bench.send(reversal_of(bill_payment()))
    assert asked.code == "09"
    assert bench.biller.question["t"] == "0420"
    assert bench.net_minor("biller:ELEC") == 125_000, "posted until the biller's word"
    assert not bench.core.asked
    bench.biller.say("00")
    assert bench.net_minor("biller:ELEC") == 0
    assert bench.core.question["t"] == "0420"
    assert bench.send(repeat_of(reversal_of(bill_payment()))).code == "00"
    bench.core.say("00")
    assert bench.advices_due() == [], "the undo is acknowledged, and so is the core's advice"


def test_a_biller_that_says_final_keeps_the_payment(bench: Bench) -> None:
    bench.send(bill_payment())
    bench.core.say("00")
    bench.biller.say("00")
    bench.send(reversal_of(bill_payment()))
    bench.biller.say("12")
    assert bench.send(repeat_of(reversal_of(bill_payment()))).code == "12"
    assert bench.net_minor("biller:ELEC") == 125_000
    assert bench.states == {"POSTED": 1}


def test_a_biller_without_undo_keeps_what_it_was_paid(tmp_path: Path) -> None:
    bench = Bench(tmp_path, biller_promises=replace(BEST, undo=Undo.NONE))
    bench.send(bill_payment())
    bench.core.say("00")
    bench.biller.say("00")
    assert bench.send(reversal_of(bill_payment())).code == "12"
    assert bench.send(repeat_of(reversal_of(bill_payment()))).code == "12"


def test_other_content_under_a_reversals_key_is_94(bench: Bench) -> None:
    paid_withdrawal(bench)
    bench.send(reversal_of(withdrawal()))
    assert bench.send(reversal_of(withdrawal(), de95=standing(10_000))).code == "94"


def test_nobody_reverses_or_bars_the_payment_of_another_institution(bench: Bench) -> None:
    paid_transfer(bench)
    of_another = reversal_of(transfer(), de32="000124", de37="REFOTHER0001")
    assert bench.send(of_another).code == "25"
    of_one_to_come = reversal_of(transfer("000009"), "900002", de32="000124", de37="REFOTHER0002")
    assert bench.send(of_one_to_come).code == "25"
    bench.send(transfer("000009"))
    bench.core.say("00")
    assert bench.states == {"POSTED": 2, "RELEASED": 2}


def test_a_reversal_repeated_while_it_is_under_way_gets_one_answer_on_each_connection(bench: Bench) -> None:
    paid_transfer(bench)
    line, other = object(), object()
    with bench.books.held_up():
        asked = [bench.send(reversal_of(transfer()), connection) for connection in (line, line, other)]
    assert [exchange.code for exchange in asked] == ["00", None, "00"]
    assert [exchange.dropped for exchange in asked] == [False, True, False]


def test_one_key_for_the_reversals_of_two_payments_reverses_one_and_leaves_nobody_waiting(bench: Bench) -> None:
    for fields in (transfer("000001"), transfer("000002")):
        bench.send(fields)
        bench.core.say("00")
    with bench.books.held_up():
        asked = [bench.send(reversal_of(transfer(stan)), object()) for stan in ("000001", "000002")]
    assert [exchange.code for exchange in asked] == ["00", "94"]
    bench.core.say("00")
    assert bench.states == {"POSTED": 1, "REVERSED": 1}
    assert bench.engine.open_payments == 0


def test_a_reversal_that_the_books_leave_waiting_is_answered_09_in_time(bench: Bench) -> None:
    paid_transfer(bench)
    bench.books.silent = True
    asked = bench.send(reversal_of(transfer()))
    bench.wait(24)
    assert not asked.answers
    bench.wait(2)
    assert asked.code == "09"
    bench.books.silent = False
    assert bench.send(repeat_of(reversal_of(transfer()))).code == "00"
