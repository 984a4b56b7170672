"""The same request, however often and on whatever connection it comes, runs once and gets the same answer (I5)."""

from __future__ import annotations

import pytest

from tests.unit.engine.bench import Bench, bill_payment, repeat_of, reversal_of, tags, transfer


def approved_transfer(bench: Bench) -> dict[str, str]:
    asked = bench.send(transfer())
    bench.core.say("00", de54="2001760C000000500000")
    return asked.answers[0]


def test_a_repeat_gets_the_stored_answer_byte_for_byte(bench: Bench) -> None:
    first = approved_transfer(bench)
    for fields in (transfer(), repeat_of(transfer())):
        assert bench.send(fields, connection=object()).answers == [first]
    assert not bench.core.asked
    assert bench.states == {"POSTED": 1}


def test_a_repeat_in_another_language_gets_the_stored_answer(bench: Bench) -> None:
    first = approved_transfer(bench)
    arabic = transfer(de48=tags(("01", "963900000001"), ("02", "ar")))
    assert bench.send(arabic).answers == [first]


def test_a_repeat_whose_field_7_is_stamped_anew_is_found_by_its_reference(bench: Bench) -> None:
    approved_transfer(bench)
    again = bench.send(repeat_of(transfer(), de7="1122090105", de11="000777"))
    assert again.code == "00"
    assert again.answers[0]["7"] == "1122090105"
    assert bench.states == {"POSTED": 1}


def test_an_original_that_its_own_repeat_overtook_does_not_run_again(bench: Bench) -> None:
    bench.send(repeat_of(transfer(), de7="1122090105"))
    bench.core.say("00")
    assert bench.send(transfer()).code == "00"
    assert bench.states == {"POSTED": 1}


@pytest.mark.parametrize(("de", "value"), [("4", "000000050001"), ("103", "10000000000003"), ("42", "OTHER0000000000")])
def test_other_content_under_the_same_key_is_94(bench: Bench, de: str, value: str) -> None:
    approved_transfer(bench)
    assert bench.send(transfer() | {de: value}).code == "94"
    assert bench.states == {"POSTED": 1}


def test_a_repeat_in_flight_gets_the_one_answer_on_each_connection_that_asked(bench: Bench) -> None:
    first = bench.send(transfer(), connection=1)
    same = bench.send(transfer(), connection=1)
    other = bench.send(repeat_of(transfer()), connection=2)
    assert len(bench.core.asked) == 1
    bench.core.say("00")
    assert first.code == other.code == "00"
    assert same.dropped
    assert not same.answers


def test_a_decline_is_repeated_too(bench: Bench) -> None:
    bench.send(transfer())
    bench.core.say("51")
    assert bench.send(transfer()).code == "51"
    assert not bench.core.asked


def test_a_refusal_by_the_switch_is_repeated_too(bench: Bench) -> None:
    bad = bill_payment(de98="NOBODY".ljust(25))
    assert bench.send(bad).code == "92"
    assert bench.send(bad).code == "92"
    assert bench.send(bill_payment()).code == "94", "the key is taken"


def test_a_request_that_cannot_be_read_claims_no_key(bench: Bench) -> None:
    broken = transfer()
    del broken["103"]
    refused = bench.send(broken)
    assert refused.code == "30"
    assert refused.answers[0]["63"].endswith("(103)")
    bench.send(transfer())
    bench.core.say("00")
    assert bench.states == {"POSTED": 1}


def test_an_unknown_outcome_is_09_until_it_is_known(bench: Bench) -> None:
    bench.send(bill_payment())
    bench.core.say("00")
    bench.biller.fall_silent()
    assert bench.send(repeat_of(bill_payment())).code == "09"
    bench.biller.say("00")
    assert bench.send(repeat_of(bill_payment())).code == "00"


def test_nobody_is_told_a_final_answer_while_the_books_are_away(bench: Bench) -> None:
    """96 is final: the gateway would forget a payment that another copy made, or that one under way will make."""
    approved_transfer(bench)
    bench.books.away = True
    assert bench.send(repeat_of(transfer()), connection=object()).code == "09"
    first = bench.send(transfer("000009"))
    bench.books.away = False
    assert bench.send(repeat_of(transfer()), connection=object()).code == "00"
    repeat = bench.send(repeat_of(transfer("000009")))
    bench.core.say("00")
    assert (first.code, repeat.code) == ("09", "00"), "the repeat was sent before the first answer was heard"


def test_no_reversal_is_told_that_nothing_happened_while_the_books_are_away(bench: Bench) -> None:
    approved_transfer(bench)
    assert bench.send(reversal_of(transfer())).code == "00"
    bench.books.unreadable = True
    assert bench.send(repeat_of(reversal_of(transfer())), connection=object()).code == "09"
    assert bench.send(reversal_of(transfer("000009"), "900002")).code == "09"
    bench.books.unreadable = False
    assert bench.send(repeat_of(reversal_of(transfer())), connection=object()).code == "00"
