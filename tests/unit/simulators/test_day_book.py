"""What a channel counts of what it was told, and how it judges what the switch says to it."""

from __future__ import annotations

import pytest
from trio.testing import MockClock

from simulators.channels.day_book import DayBook, reconcile
from simulators.channels.terminal import reversal
from switch.wire.figures import Figures, figure_fields, parse_figures
from switch.wire.message import Message
from tests.unit.simulators.fake_switch import TERMINAL, FakeSwitch, answer_with, channel_to, in_turn

DAY, NEXT = "1122", "1123"


def payment(stan: str, code: str, minor: int) -> dict[str, str]:
    fields = {"t": "0200", "3": f"{code}0000", "4": f"{minor:012d}", "7": "1122090000", "11": stan, "32": "000123"}
    return fields | {"12": "120000", "13": DAY, "37": f"REF{stan}ABC", "41": "GW000001", "42": " " * 15, "49": "760"}


def heard(book: DayBook, request: dict[str, str], code: str = "00", day: str | None = DAY) -> None:
    fields = {"t": "0210", "39": code} | ({"15": day} if day else {})
    book.hear(request, Message(fields))


def undone(original: dict[str, str], stan: str = "900001", stands_minor: int = 0) -> dict[str, str]:
    at = DayStamp(stan)
    return reversal(original, at, stands_minor=stands_minor)  # type: ignore[arg-type]


class DayStamp:
    transmitted_at = "1122090100"

    def __init__(self, stan: str) -> None:
        self.stan = stan


@pytest.mark.parametrize("code", ["01", "50", "54"])
def test_a_debit_has_a_number_and_a_sum(code: str) -> None:
    book = DayBook()
    heard(book, payment("000001", code, 500))
    assert book.figures(DAY) == Figures(debits=1, debits_minor=500).netted()
    assert book.figures(NEXT) == Figures()


@pytest.mark.parametrize("code", ["40", "42"])
def test_a_transfer_has_a_number_only(code: str) -> None:
    book = DayBook()
    heard(book, payment("000001", code, 500))
    heard(book, undone(payment("000001", code, 500)), day=NEXT)
    assert (book.figures(DAY), book.figures(NEXT)) == (Figures(transfers=1), Figures(transfer_reversals=1))


def test_what_is_not_approved_moves_no_money_or_has_no_day_is_not_counted() -> None:
    book = DayBook()
    heard(book, payment("000001", "50", 500), "51")
    heard(book, payment("000002", "31", 0))
    heard(book, payment("000003", "50", 500), day=None)
    assert book.figures(DAY) == Figures()


def test_a_part_that_came_out_gives_back_the_rest() -> None:
    book = DayBook()
    withdrawn = payment("000001", "01", 500)
    heard(book, withdrawn)
    heard(book, undone(withdrawn, stands_minor=200))
    counted = Figures(debits=1, debits_minor=500, debit_reversals=1, debit_reversals_minor=300)
    assert book.figures(DAY) == counted.netted()


def test_a_reversal_counts_once_and_only_of_what_was_approved() -> None:
    book = DayBook()
    declined, silent, paid = (payment(stan, "50", 500) for stan in ("000001", "000002", "000003"))
    heard(book, declined, "51")
    heard(book, paid)
    for original in (declined, silent, paid, paid):
        heard(book, undone(original))
    heard(book, undone(paid, "900002"))
    counted = Figures(debits=1, debits_minor=500, debit_reversals=1, debit_reversals_minor=500)
    assert book.figures(DAY) == counted


def test_one_that_miscounts_is_wrong_by_one() -> None:
    assert DayBook(miscounts=True).figures(DAY) == Figures(debits=1, debits_minor=1).netted()


async def test_in_balance_is_what_the_switch_says_is() -> None:
    switch = FakeSwitch(lambda request: answer_with("00", request) | {"66": "1"})
    async with channel_to(switch) as channel:
        found = await reconcile(channel, channel.stamp(), TERMINAL, "100", DAY, Figures())
    assert found.in_balance
    _, asked = switch.heard[-1]
    assert (asked.mti, asked.business_date, asked.acquirer, asked.get("99")) == ("0500", DAY, TERMINAL.acquirer, "100")
    assert parse_figures(asked.fields) == Figures()


async def test_out_of_balance_brings_the_switchs_figures() -> None:
    other = Figures(transfers=4)
    switch = FakeSwitch(lambda request: answer_with("95", request) | {"66": "2", **figure_fields(other)})
    async with channel_to(switch) as channel:
        found = await reconcile(channel, channel.stamp(), TERMINAL, "100", DAY, Figures())
    assert not found.in_balance
    assert found.theirs == other


async def test_too_early_is_asked_again_as_it_was(autojump_clock: MockClock) -> None:
    switch = FakeSwitch(in_turn("09", "00"))
    async with channel_to(switch) as channel:
        found = await reconcile(channel, channel.stamp(), TERMINAL, "100", DAY, Figures())
    assert found.code == "00"
    assert not found.in_balance  # nothing said that it is
    first, second = (dict(request.fields) for _, request in switch.heard[-2:])
    assert (first.pop("t"), second.pop("t")) == ("0500", "0501")
    for fields in (first, second):
        for of_the_frame in ("p", "1", "64", "128"):
            fields.pop(of_the_frame, None)
    assert first == second


async def test_silence_is_no_balance(autojump_clock: MockClock) -> None:
    switch = FakeSwitch(lambda _: None)
    async with channel_to(switch) as channel:
        found = await reconcile(channel, channel.stamp(), TERMINAL, "100", DAY, Figures())
    assert (found.code, found.in_balance) == ("", False)
