"""Field 39: each code that can be provoked from outside, as the table says when."""

import pytest

from tests.conformance import law
from tests.conformance.asking import until_final, until_holds
from tests.conformance.card import Account, Bill, Entry, Subscriber, bill_of, plastic_of
from tests.conformance.client import Fields
from tests.conformance.desk import Desk, Gateway, Machine, repeat_of
from tests.conformance.pools import Card

NOTES = 50_000
# fmt: off
CODES = (
    "12", "13", "14", "40", "51", "54", "55", "57", "58", "61", "62", "65", "76",
    "80", "81", "82", "83", "84", "91", "92",
)
# fmt: on


# --- Every special case of the card ------------------------------------------------------------------------------


class Provoker:
    """Turns an entry of the card's special cases into the request that it describes."""

    def __init__(self, card: Card, mobile: Gateway, atm: Machine) -> None:
        self.card, self.mobile, self.atm = card, mobile, atm

    def request(self, entry: Entry) -> tuple[Desk, Fields] | None:
        """None where the entry tells of something that a test of its own covers."""
        if "pan" in entry:
            return self.atm, self._withdrawal(entry)
        if "bill_id" in entry or "biller" in entry:
            return (self.mobile, self._bill(entry)) if entry.get("service") in (None, "pay-bill") else None
        if "account_to" in entry and entry.get("service") in ("transfer-own", "transfer-other"):
            return self.mobile, self._transfer(entry)
        if entry.get("service") in (None, "balance") and ("account" in entry or "number" in entry):
            return self.mobile, self._balance(entry)
        return None

    def _withdrawal(self, entry: Entry) -> Fields:
        plastic = plastic_of(entry)
        request = self.atm.withdraw(plastic, entry.get("amount_minor", NOTES))
        return {**request, **({"102": entry["account"]} if "account" in entry else {})}

    def _bill(self, entry: Entry) -> Fields:
        who, source = self.payer(entry)
        unknown = {"customer_number": "10000001", "bill_id": "X1", "amount_minor": 1_000}
        bill: Bill = bill_of({**unknown, **entry})
        return self.mobile.pay_bill(who, source, bill, bill.amount_minor)

    def _transfer(self, entry: Entry) -> Fields:
        who, source = self.payer(entry)
        to = Account(entry["account_to"], "00")
        own = entry["service"] == "transfer-own"
        return self.mobile.transfer(who, source, to, entry.get("amount_minor", 1_000), own=own)

    def _balance(self, entry: Entry) -> Fields:
        who, source = self.payer(entry)
        terminal = {"41": entry["terminal"].ljust(8)} if "terminal" in entry else {}
        return {**self.mobile.balance(who, source), **terminal}

    def payer(self, entry: Entry) -> tuple[Subscriber, Account]:
        number = entry.get("account") or entry.get("number")
        if "subscriber" not in entry or not number:
            return self.card.take_account(entry.get("amount_minor", 0))
        who = Subscriber(entry["subscriber"], "", True, "", {}, (), ())
        return who, Account(number, "00")


@pytest.mark.parametrize("code", CODES)
def test_each_special_case_of_the_card_provokes_its_code(card: Card, mobile: Gateway, atm: Machine, code: str) -> None:
    provoker = Provoker(card, mobile, atm)
    asked = 0
    for entry in card.provoking(code):
        found = provoker.request(entry)
        if found is not None:
            desk, request = found
            law.check(request, desk.ask(request, within_s=28), desk.listener, code=code)
            asked += 1
    if not asked:
        pytest.skip(f"the card names nothing that provokes {code}")


def test_09_is_in_progress_and_a_repeat_tells_the_outcome_later(card: Card, mobile: Gateway, atm: Machine) -> None:
    """Bills that leave the switch without an answer, all at once, because each takes the biller's time-out."""
    entries = [entry for entry in card.provoking("09") if "bill_id" in entry]
    if not entries:
        pytest.skip("the card names nothing that provokes 09")
    provoker = Provoker(card, mobile, atm)
    payers = {entry["account"]: provoker.payer(entry) for entry in entries}
    held = {number: mobile.holds(*payer) for number, payer in payers.items()}
    requests = [request for _, request in filter(None, map(provoker.request, entries))]
    mobile.client.send(*requests)
    for request in requests:
        received = mobile.client.answer_to(request, within_s=28)
        law.check(request, received, mobile.listener, code="09")
    for request in requests:
        received = until_final(mobile, repeat_of(request))
        assert mobile.ask(repeat_of(request)).body == received.body
        held[request["102"]] -= int(request["4"]) if received.code == "00" else 0
    for number, payer in payers.items():
        until_holds(mobile, *payer, held[number])


# --- 12 ----------------------------------------------------------------------------------------------------------


def test_12_an_unknown_transaction(card: Card, mobile: Gateway) -> None:
    who, account = card.take_account()
    law.told(mobile, {**mobile.balance(who, account), "3": "990000"}, "12")


def test_12_another_currency_than_760(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(100)
    law.told(mobile, {**mobile.transfer(who, source, to, 100), "49": "840"}, "12")


def test_12_the_two_accounts_of_a_transfer_are_one(card: Card, mobile: Gateway) -> None:
    who, source = card.take_account(100)
    law.told(mobile, mobile.transfer(who, source, source, 100, own=True), "12")


# --- 13 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["000000000000", "-00000000100", "0000000001.0", "00000000ABCD"])
def test_13_amount_zero_negative_or_not_digits(card: Card, mobile: Gateway, amount: str) -> None:
    who, source, to = card.take_strangers(100)
    held = mobile.holds(who, source)
    law.told(mobile, {**mobile.transfer(who, source, to, 100), "4": amount}, "13")
    assert mobile.holds(who, source) == held


def test_13_an_amount_that_the_machines_cassettes_cant_make(card: Card, atm: Machine) -> None:
    plastic, _ = card.take_plastic(NOTES + 1)
    held = atm.holds(plastic)
    law.told(atm, atm.withdraw(plastic, NOTES + 1), "13")
    assert atm.holds(plastic) == held


def test_13_more_than_the_bill_and_82_less_than_it_takes(card: Card, mobile: Gateway) -> None:
    whole = card.take_bill("U", biller="ELEC")
    part = card.take_bill("T")
    who, source = card.take_account(whole.amount_minor + part.amount_minor + 2)
    held = mobile.holds(who, source)
    law.told(mobile, mobile.pay_bill(who, source, whole, whole.amount_minor + 1), "13")
    law.told(mobile, mobile.pay_bill(who, source, whole, whole.amount_minor - 1), "82")
    law.told(mobile, mobile.pay_bill(who, source, part, part.amount_minor + 1), "13")
    law.told(mobile, mobile.pay_bill(who, source, part, part.least_minor - 1), "82")
    until_holds(mobile, who, source, held)


# --- 14, 57, 76: whose account -----------------------------------------------------------------------------------


def test_14_an_account_of_ours_that_does_not_exist(card: Card, mobile: Gateway) -> None:
    who, source = card.take_account(100)
    absent = Account(card.bank["prefix"] + "98765432109", "00")
    law.told(mobile, mobile.transfer(who, source, absent, 100), "14")


def test_14_a_card_that_does_not_exist(card: Card, atm: Machine) -> None:
    plastic = plastic_of({"pan": "4000009999999991", "pin": "1234", "track2": "4000009999999991=29121010000"})
    law.told(atm, atm.withdraw(plastic, NOTES), "14")


def test_76_the_other_account_is_at_another_bank(card: Card, mobile: Gateway) -> None:
    who, source = card.take_account(100)
    prefix = "200" if card.bank["prefix"] != "200" else "300"
    law.told(mobile, mobile.transfer(who, source, Account(prefix + "00000000001", "00"), 100), "76")


def test_57_an_account_that_is_not_the_subscribers(card: Card, mobile: Gateway) -> None:
    who, own = card.take_account()
    other, account = card.other_than(who)
    law.told(mobile, mobile.balance(who, account), "57")
    held = mobile.holds(other, account)
    law.told(mobile, mobile.transfer(who, account, own, 100), "57")
    assert mobile.holds(other, account) == held


def test_57_40_to_anothers_account(card: Card, mobile: Gateway) -> None:
    who, source, to = card.take_strangers(100)
    law.told(mobile, mobile.transfer(who, source, to, 100, own=True), "57")


def test_57_a_102_that_is_not_one_of_the_cards(card: Card, atm: Machine) -> None:
    plastic, mine = card.take_plastic(0)
    owner = next(who for who in card.subscribers if mine in who.accounts)
    _, account = card.other_than(owner)
    law.told(atm, {**atm.balance(plastic), "102": account.number}, "57")


# --- 51 ----------------------------------------------------------------------------------------------------------


def test_51_is_stored_and_repeated_and_a_new_stan_tries_again(card: Card, mobile: Gateway) -> None:
    who, poor = card.take_poor()
    rich, source = card.take_account(1_000)
    held = mobile.holds(who, poor)
    request = mobile.transfer(who, poor, source, held + 500)
    first = law.told(mobile, request, "51")
    gift = mobile.transfer(rich, source, poor, 1_000)
    law.told(mobile, gift)
    assert mobile.ask(request).body == first.body
    assert mobile.ask(repeat_of(request)).body == first.body
    anew = mobile.transfer(who, poor, source, held + 500)
    law.told(mobile, anew)
    assert mobile.holds(who, poor) == 500


# --- 54, 55, 63, 75: cards and PINs ------------------------------------------------------------------------------


def test_54_the_expiry_of_35_comes_before_the_card_files(card: Card, atm: Machine) -> None:
    plastic, _ = card.take_plastic(NOTES)
    pan, _, rest = plastic.track2.partition("=")
    law.told(atm, {**atm.withdraw(plastic, NOTES), "35": f"{pan}=2001{rest[4:]}"}, "54")


def test_54_the_expiry_of_14_where_there_is_no_35(card: Card, atm: Machine) -> None:
    plastic, _ = card.take_plastic(0)
    law.told(atm, {**atm.balance(plastic), "14": "2001"}, "54")


def test_55_a_wrong_pin_75_the_third_in_a_row_and_a_right_one_resets(card: Card, atm: Machine) -> None:
    plastic = card.take_spare_plastic()
    wrong = atm.pin_block("0000" if plastic.pin != "0000" else "1111", plastic.pan)
    for code in ("55", "55", "00", "55", "55", "75"):
        pin = {} if code == "00" else {"52": wrong}
        law.told(atm, {**atm.balance(plastic), **pin}, code)
    law.told(atm, atm.balance(plastic), "75")


def test_63_a_block_that_is_not_format_0_over_field_2_is_no_try(card: Card, atm: Machine) -> None:
    plastic = card.take_spare_plastic()
    wrong = atm.pin_block("0000" if plastic.pin != "0000" else "1111", plastic.pan)
    elsewhere = atm.pin_block(plastic.pin, "4000001234567899")
    for block, code in ((wrong, "55"), (wrong, "55"), ("0123456789ABCDEF", "63"), (elsewhere, "63")):
        law.told(atm, {**atm.balance(plastic), "52": block}, code)
    law.told(atm, atm.balance(plastic), "00")


# --- 58 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("de", "value"), [("32", "00000999999"), ("41", "NOTOURS1")])
def test_58_an_institution_or_terminal_that_is_not_this_endpoints(
    card: Card, mobile: Gateway, de: str, value: str
) -> None:
    who, account = card.take_account()
    law.told(mobile, {**mobile.balance(who, account), de: value}, "58")


def test_58_an_institution_that_speaks_for_another(card: Card, mobile: Gateway, atm: Machine) -> None:
    who, account = card.take_account()
    law.told(mobile, {**mobile.balance(who, account), "32": atm.listener.acquirer}, "58")


# --- 80, 84, 92 (25, 64, 68 are among the reversals; 90, 95, 96 can't be provoked in the middle of a day) ---------


def test_80_a_subscriber_who_is_not_activated(card: Card, mobile: Gateway) -> None:
    who = card.find_sleeper()
    law.told(mobile, mobile.balance(who, who.accounts[0]), "80")
    law.told(mobile, mobile.transfer(who, who.accounts[0], card.take_account()[1], 100), "80")


def test_84_a_bill_that_is_not_found(card: Card, mobile: Gateway) -> None:
    who, source = card.take_account(1_000)
    bill = Bill("ELEC", card.take_bill(biller="ELEC").customer_number, "E9999999-99999", 1_000, 1_000, "U")
    law.told(mobile, mobile.pay_bill(who, source, bill, 1_000), "84")


def test_92_a_biller_that_does_not_exist(card: Card, mobile: Gateway) -> None:
    who, source = card.take_account(1_000)
    held = mobile.holds(who, source)
    bill = Bill("NOWHERE", "1", "1", 1_000, 1_000, "U")
    law.told(mobile, mobile.pay_bill(who, source, bill, 1_000), "92")
    law.told(mobile, mobile.bills(who, "NOWHERE", "1"), "92")
    assert mobile.holds(who, source) == held
