"""A payment's card number is kept concealed while an advice to the core may have to name it, and then not at all."""

from __future__ import annotations

from datetime import date

from ledger.model import Found
from switch.flow.keys import identify
from switch.flow.payment import Payment, from_record
from switch.flow.reply import Answered
from switch.wire.message import Message
from tests.unit.engine.bench import Bench, bill_payment, reversal_of, transfer, withdrawal

CASH = withdrawal()
PAN = CASH["2"]
MASKED = "400000••••••0002"


def key_of(request: dict[str, str]) -> str:
    return identify(Message(request), date(2026, 11, 22)).key


def kept(bench: Bench, request: dict[str, str] = CASH) -> Payment:
    """The request's payment, as the books have it."""
    found: list[Found] = []
    bench.books.find(key_of(request), "", found.append)  # type: ignore[arg-type]
    assert found[0].payment is not None
    return from_record(found[0].payment.record)


def is_concealed(bench: Bench) -> bool:
    """Whether it can be revealed; nothing else of it may be there."""
    payment = kept(bench)
    assert payment.masked_pan == MASKED
    if not payment.concealed_pan:
        return False
    return bench.keys.vault.reveal(payment.concealed_pan, payment.id) == PAN


def test_a_withdrawal_keeps_it_while_it_is_open_and_while_it_may_be_reversed(bench: Bench) -> None:
    bench.send(withdrawal())
    assert is_concealed(bench)
    bench.core.say("00")
    assert bench.states == {"POSTED": 1}
    assert is_concealed(bench)


def test_what_the_core_refuses_keeps_none(bench: Bench) -> None:
    bench.send(withdrawal())
    bench.core.say("55")
    assert bench.states == {"DECLINED": 1}
    assert not is_concealed(bench)


def test_what_the_switch_refuses_keeps_none(bench: Bench) -> None:
    bench.core.ready = False
    bench.send(withdrawal())
    assert bench.states == {"DECLINED": 1}
    assert not is_concealed(bench)


def test_a_reversal_names_the_card_until_the_core_acknowledges_it(bench: Bench) -> None:
    bench.send(withdrawal())
    bench.core.say("00")
    bench.send(reversal_of(withdrawal()))
    assert bench.core.question["2"] == PAN
    bench.core.fall_silent()
    assert is_concealed(bench)
    bench.restart()
    bench.wait(60)
    assert bench.core.question["2"] == PAN
    bench.core.say("00")
    assert bench.states == {"REVERSED": 1}
    assert not is_concealed(bench)


def test_what_was_released_keeps_it_since_the_core_may_have_debited_after_all(bench: Bench) -> None:
    bench.send(withdrawal())
    late = bench.core.fall_silent()
    bench.core.say("00")
    assert bench.states == {"RELEASED": 1}
    late(Answered(Message({"t": "0210", "39": "00"}), late=True))
    assert bench.core.question["t"] == "0420"
    assert bench.core.question["2"] == PAN


def test_a_reversal_that_names_the_card_where_it_would_be_kept_as_it_is_is_refused(bench: Bench) -> None:
    bench.send(withdrawal())
    bench.core.say("00")
    (answer,) = bench.send(reversal_of(withdrawal(), de102=PAN)).answers
    assert (answer["39"], answer["63"][-5:]) == ("30", "(102)")
    assert bench.states == {"POSTED": 1}


def test_a_card_number_that_was_typed_where_an_account_belongs_is_kept_by_its_end(bench: Bench) -> None:
    to_a_card, from_a_card = transfer("000011", de103=PAN), bill_payment("000012", de102=PAN)
    for typed, code, place in ((to_a_card, "76", "103"), (from_a_card, "14", "102")):
        assert bench.send(typed).code == code
        payment = kept(bench, typed)
        assert payment.fields[place] == "•0002"
        assert (payment.debit, payment.credit) == ("", "")
        assert bench.send(typed).code == code  # what it is known by is not what is kept
    assert not bench.core.asked


def test_so_is_one_in_a_reversal_of_what_never_came(bench: Bench) -> None:
    original = transfer("000013", de103=PAN)
    assert bench.send(reversal_of(original)).code == "25"
    assert kept(bench, original).fields["103"] == "•0002"
