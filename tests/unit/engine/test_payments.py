"""A payment from request to answer, on real books: what is durable when, what is asked of whom, what is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from switch.flow.limits import Limit
from switch.flow.payment import from_record
from switch.flow.reply import Answered
from switch.wire import tlv
from switch.wire.message import Message
from tests.unit.engine.bench import BEST, PINS, SUBSCRIBER, Bench, bill_payment, request, tags, transfer, withdrawal

CUSTOMER, ELEC = "customer:10000000000001", "biller:ELEC"


def test_a_bill_is_paid_in_two_commits(bench: Bench) -> None:
    asked = bench.send(bill_payment())
    assert bench.held_minor(CUSTOMER) == 125_000, "the intent is durable before the core is asked"
    bench.core.say("00", de54="2001760C000000500000")
    assert not asked.answers
    bench.biller.say("00", de48=tags(("09", "R-77")))
    assert asked.code == "00"
    answer = asked.answers[0]
    assert answer["48"] == tags(("09", "R-77"))
    assert answer["54"] == "2001760C000000500000"
    assert len(answer["38"]) == 6
    assert answer["15"] == "1122"
    assert bench.net_minor(CUSTOMER) == -125_000
    assert bench.net_minor(ELEC) == 125_000
    assert bench.states == {"POSTED": 1}
    assert bench.books_agree()


def test_a_payment_remembers_the_listener_it_came_by(bench: Bench) -> None:
    bench.send(bill_payment())
    bench.send(withdrawal())
    assert sorted(from_record(row.record).endpoint for row in bench.open_rows()) == ["atm", "mobile"]


def test_the_biller_learns_nothing_of_the_customer_but_his_number_there(bench: Bench) -> None:
    bench.send(bill_payment())
    bench.core.say("00")
    asked = bench.biller.question
    assert "102" not in asked
    assert "963900000001" not in asked["48"]
    assert asked["37"] == "REF000001ABC"
    assert "03007" + "0001001" in asked["48"]


def test_a_transfer_has_one_leg(bench: Bench) -> None:
    asked = bench.send(transfer())
    bench.core.say("00")
    assert asked.code == "00"
    assert bench.net_minor("customer:10000000000002") == 50_000
    assert not bench.biller.asked


def test_a_decline_of_the_core_is_passed_on_and_the_money_is_free(bench: Bench) -> None:
    asked = bench.send(bill_payment())
    bench.core.say("51")
    assert asked.code == "51"
    assert bench.held_minor(CUSTOMER) == 0
    assert bench.states == {"DECLINED": 1}
    assert not bench.biller.asked


def test_a_decline_of_the_biller_is_passed_on_and_the_core_advised_until_it_acknowledges(bench: Bench) -> None:
    asked = bench.send(bill_payment())
    bench.core.say("00")
    debit = bench.core.stamp()[0]
    bench.biller.say("81")
    assert asked.code == "81"
    advice = bench.core.question
    assert advice["t"] == "0420"
    assert advice["90"].startswith("0200000001")
    assert debit != advice["11"]
    bench.core.fall_silent()
    bench.wait(2)
    assert bench.core.question["t"] == "0421"
    bench.core.say("00")
    assert bench.states == {"RELEASED": 1}
    assert bench.net_minor(CUSTOMER) == 0


def test_a_silent_core_is_never_taken_for_a_decline(bench: Bench) -> None:
    asked = bench.send(transfer())
    bench.core.fall_silent()
    assert asked.code == "91"
    assert bench.core.question["t"] == "0420", "the core may have moved the money: it is told to give it back"


def test_an_answer_that_is_no_definite_decline_is_silence(bench: Bench) -> None:
    asked = bench.send(transfer())
    bench.core.say("96")
    assert asked.code == "91"
    assert bench.core.question["t"] == "0420"


def test_a_core_that_was_not_reached_has_nothing_to_give_back(bench: Bench) -> None:
    asked = bench.send(transfer())
    bench.core.be_unreachable()
    assert asked.code == "91"
    assert not bench.core.asked
    assert bench.states == {"DECLINED": 1}


def test_while_a_peer_is_down_the_answer_is_91_at_once(bench: Bench) -> None:
    bench.biller.ready = False
    asked = bench.send(bill_payment())
    assert asked.code == "91"
    assert not bench.core.asked


def test_a_silent_biller_leaves_the_money_held_and_the_channel_with_09(bench: Bench) -> None:
    asked = bench.send(bill_payment())
    bench.core.say("00")
    bench.biller.fall_silent()
    assert asked.code == "09"
    assert bench.held_minor(CUSTOMER) == 125_000
    query = bench.biller.question
    assert query["t"] == "0100"
    assert query["3"][:2] == "39"
    assert "4" not in query
    bench.biller.say("00", de48=tags(("09", "R-1")))
    assert bench.states == {"POSTED": 1}
    assert bench.send(bill_payment(), connection=object()).code == "00"


def test_a_late_approval_completes_an_uncertain_payment(bench: Bench) -> None:
    bench.send(bill_payment())
    bench.core.say("00")
    late = bench.biller.asked[0][1]
    bench.biller.fall_silent()
    bench.biller.asked.clear()
    late(Answered(Message({"t": "0210", "39": "00"}), late=True))
    assert bench.states == {"POSTED": 1}


def test_not_found_early_is_no_proof_so_the_biller_is_told_to_undo(bench: Bench) -> None:
    asked = bench.send(bill_payment())
    bench.core.say("00")
    bench.biller.fall_silent()
    bench.biller.say("25")
    undo = bench.biller.question
    assert undo["t"] == "0420"
    assert bench.held_minor(CUSTOMER) == 125_000, "nothing moves until its word"
    assert not bench.core.asked
    bench.biller.say("25")
    assert bench.core.question["t"] == "0420"
    bench.core.say("00")
    assert asked.code == "09"
    assert bench.send(bill_payment(), connection=object()).code == "91"
    assert bench.states == {"RELEASED": 1}


def test_a_withdrawal_keeps_no_card_number_in_the_books(bench: Bench, tmp_path: Path) -> None:
    asked = bench.send(withdrawal())
    assert bench.core.question["2"] == "4000000000000002"
    assert bench.core.question["52"]
    bench.core.fall_silent()
    assert asked.code == "91"
    assert bench.core.question["2"] == "4000000000000002", "the advice still names the card"
    assert "52" not in bench.core.question
    bench.store.close()
    for file in tmp_path.iterdir():
        assert b"4000000000000002" not in file.read_bytes()


def test_a_pin_block_that_is_none_is_63_and_nobody_is_asked(bench: Bench) -> None:
    assert bench.send(withdrawal(de52="0" * 16)).code == "63"
    assert not bench.core.asked
    assert bench.states == {}


def test_beyond_the_limit_of_one_payment_is_61(tmp_path: Path) -> None:
    bench = Bench(tmp_path, limits=(Limit("pay-bill", amount_max=100_000),))
    assert bench.send(bill_payment(amount=100_001)).code == "61"


def test_beyond_the_days_amount_is_61_and_beyond_its_number_65(tmp_path: Path) -> None:
    limit = Limit("transfer-own", per_day_amount_max=100_000, per_day_count_max=2)
    bench = Bench(tmp_path, limits=(limit,))
    assert bench.send(transfer("000001", 100_001)).code == "61"
    for stan in ("000002", "000003"):
        bench.send(transfer(stan, 10_000))
        bench.core.say("00")
    assert bench.send(transfer("000004", 10_000)).code == "65"


def test_what_is_declined_gives_the_days_use_back(tmp_path: Path) -> None:
    bench = Bench(tmp_path, limits=(Limit("transfer-own", per_day_count_max=1),))
    bench.send(transfer("000001"))
    bench.core.say("51")
    bench.send(transfer("000002"))
    bench.core.say("00")
    assert bench.send(transfer("000003")).code == "65"


def test_a_biller_with_nothing_but_undo_has_a_slow_payment_cancelled(tmp_path: Path) -> None:
    bench = Bench(tmp_path, biller_promises=replace(BEST, status_query=False))
    bench.send(bill_payment())
    bench.core.say("00")
    bench.biller.fall_silent()
    assert bench.biller.question["t"] == "0420"


def test_money_is_not_taken_while_the_books_are_away_and_is_again_after(bench: Bench) -> None:
    bench.books.away = True
    asked = bench.send(transfer())
    assert asked.code == "09"
    assert not bench.core.asked
    bench.books.away = False
    again = bench.send(transfer())
    bench.core.say("00")
    assert again.code == "00"


def test_an_outcome_waits_for_the_books_and_is_not_said_before(bench: Bench) -> None:
    asked = bench.send(transfer())
    bench.books.away = True
    bench.core.say("00")
    assert not asked.answers
    bench.wait(2)
    assert not asked.answers
    bench.books.away = False
    bench.wait(2)
    assert asked.code == "00"
    assert bench.net_minor("customer:10000000000002") == 50_000


def test_the_channel_hears_09_when_its_time_is_up(bench: Bench) -> None:
    asked = bench.send(transfer())
    bench.books.away = True
    bench.core.say("00")
    bench.wait(26)
    assert asked.code == "09"
    bench.books.away = False
    bench.wait(2)
    assert bench.states == {"POSTED": 1}


def test_activation_is_the_same_saga_without_a_transfer(bench: Bench) -> None:
    block = PINS.seal("123456", None)
    pairs = (("01", "963900000001"), ("07", block))
    asked = bench.send(request("0600", "910000", "000001", *pairs, de102="10000000000001"))
    assert "07016" in bench.core.question["48"]
    bench.core.say("00")
    assert asked.code == "00"
    assert "38" not in asked.answers[0]
    assert bench.states == {"POSTED": 1}


@pytest.mark.parametrize("make", [transfer, bill_payment, withdrawal])
def test_a_channel_never_names_a_payment_to_the_core(bench: Bench, make: Callable[[], dict[str, str]]) -> None:
    fields = make()
    bench.send(fields | {"48": fields.get("48", "") + tags(("14", "AB" * 16))})
    assert "AB" * 16 not in bench.core.question.get("48", "")
    assert bench.core.question.get("48") == fields.get("48")


def test_no_tag_14_slips_through_beside_a_secret_or_in_an_inquiry(bench: Bench) -> None:
    block = PINS.seal("123456", None)
    named = ("14", "AB" * 16)
    bench.send(request("0600", "910000", "000001", SUBSCRIBER, ("07", block), named, de102="10000000000001"))
    bench.send(request("0200", "310000", "000002", SUBSCRIBER, named, de102="10000000000001"))
    assert [fields["48"].count("AB" * 16) for fields, _ in bench.core.asked] == [0, 0]


@pytest.mark.parametrize(("tls", "code"), [("switch", None), (None, "63")])
def test_an_activation_code_in_clear_is_taken_inside_tls_alone(bench: Bench, tls: str | None, code: str | None) -> None:
    bench.endpoint = replace(bench.endpoint, tls=tls)
    asked = bench.send(request("0600", "910000", "000001", SUBSCRIBER, ("07", "123456"), de102="10000000000001"))
    if code is not None:
        assert asked.code == code
        assert bench.core.asked == []
        return
    (told,) = [value for tag, value in tlv.parse(bench.core.question["48"]) if tag == "07"]
    assert PINS.open(told, None) == "123456", "under the core's key, in a block"
