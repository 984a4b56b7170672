"""Writes requests the way an ATM driver or a mobile gateway does: the fields of the law, nothing guessed.

Rule: a request is a plain dictionary that the test may bend before it is sent. STANs and references are new for
every request of the whole run, so that no two tests ever share a key.
"""

import itertools
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from tests.conformance import dialects, secure, tlv
from tests.conformance.card import Account, Bill, Listener, Loan, Plastic, Subscriber
from tests.conformance.client import Client, Fields, Received

KEPT_BY_A_REVERSAL = ("2", "3", "4", "12", "13", "22", "25", "32", "33", "37", "41", "42", "49", "98", "102", "103")
CURRENCY = "760"

Connect = Callable[..., Client]
D = TypeVar("D", bound="Desk")

_stans = itertools.count(500_000)
_references = itertools.count(1)
_run = uuid.uuid4().hex[:6].upper()


class Desk:
    """One connection and the requests of whoever stands behind it."""

    entry_mode = "010"
    condition = "00"

    def __init__(self, client: Client, zone: str, *, terminal: str = "") -> None:
        self.client = client
        self.listener: Listener = client.listener
        self.zone = ZoneInfo(zone)
        self.terminal = terminal or self.listener.terminals[0]

    def ask(self, request: Fields, *, within_s: float = 10.0) -> Received:
        return self.client.ask(request, within_s=within_s)

    def request(self, mti: str, code: str, more: Fields | None = None) -> Fields:
        """What every request but 0800 and 0500 carries, and `more`."""
        moment = datetime.now(UTC)
        local = moment.astimezone(self.zone)
        return {
            "t": mti,
            "3": code.ljust(6, "0"),
            "7": moment.strftime("%m%d%H%M%S"),
            "11": new_stan(),
            "12": local.strftime("%H%M%S"),
            "13": local.strftime("%m%d"),
            "22": self.entry_mode,
            "25": self.condition,
            "32": self.listener.acquirer,
            "37": new_reference(),
            "41": self.terminal.ljust(8),
            "42": self.listener.merchant.ljust(15),
            **(more or {}),
        }

    def network(self, code: str, more: Fields | None = None) -> Fields:
        moment = datetime.now(UTC).strftime("%m%d%H%M%S")
        return {"t": "0800", "7": moment, "11": new_stan(), "70": code, **(more or {})}

    def sign_on(self) -> Received:
        received = self.ask(self.network("001"))
        assert received.code == "00", f"sign-on at {self.listener.name}: {received.code}"
        return received

    def echo(self) -> Received:
        return self.ask(self.network("301"))

    def pin_key(self) -> bytes:
        assert self.listener.pin_key is not None, f"the card gives no PIN key for {self.listener.name}"
        return self.listener.pin_key

    def letters(self, value: str) -> str:
        """Text that people read, as the string of single-byte characters that a field holds."""
        return value.encode(self.listener.charset).decode(dialects.single_byte(self.listener.dialect))

    def text(self, letters: str) -> str:
        """The other way; a text that was cut inside a character does not decode."""
        return letters.encode(dialects.single_byte(self.listener.dialect)).decode(self.listener.charset)


class Gateway(Desk):
    """A mobile or web gateway: names accounts and, in tag 01, the subscriber."""

    def message(self, mti: str, code: str, who: Subscriber, tags: tlv.Pairs, more: Fields) -> Fields:
        private = tlv.build(("01", who.number), ("02", "en"), *tags)
        return self.request(mti, code, {"48": private, **more})

    def money(self, code: str, who: Subscriber, minor: int, tags: tlv.Pairs, more: Fields) -> Fields:
        return self.message("0200", code, who, tags, {"4": n12(minor), "49": CURRENCY, **more})

    def activate(self, who: Subscriber, account: Account, block: str) -> Fields:
        return self.message("0600", "91", who, [("07", block)], {"102": account.number})

    def activation_block(self, digits: str) -> str:
        """The activation code as an ISO 9564-1 format 1 block under the endpoint's PIN key."""
        return secure.tdes(self.pin_key(), secure.pin_block_1(digits)).hex().upper()

    def balance(self, who: Subscriber, account: Account, *, mti: str = "0200", code: str = "31") -> Fields:
        return self.message(mti, code + account.type, who, [], {"102": account.number})

    def mini_statement(self, who: Subscriber, account: Account, *, mti: str = "0200") -> Fields:
        return self.message(mti, "38" + account.type, who, [], {"102": account.number})

    def statement(self, who: Subscriber, account: Account, first: str, last: str, token: str = "") -> Fields:
        tags = [("10", first), ("11", last), *([("13", token)] if token else [])]
        return self.message("0200", "35" + account.type, who, tags, {"102": account.number})

    def owner(self, who: Subscriber, account: Account) -> Fields:
        return self.message("0100", "33", who, [], {"103": account.number})

    def transfer(self, who: Subscriber, source: Account, to: Account, minor: int, *, own: bool = False) -> Fields:
        code = ("40" if own else "42") + source.type + to.type
        return self.money(code, who, minor, [], {"102": source.number, "103": to.number})

    def bills(self, who: Subscriber, biller: str, customer: str, token: str = "") -> Fields:
        tags = [("03", customer), *([("13", token)] if token else [])]
        return self.message("0100", "32", who, tags, {"98": biller.ljust(25)})

    def pay_bill(self, who: Subscriber, source: Account, bill: Bill, minor: int) -> Fields:
        tags = [("03", bill.customer_number), ("04", bill.bill_id)]
        return self.money("50" + source.type, who, minor, tags, {"98": bill.biller.ljust(25), "102": source.number})

    def loan(self, who: Subscriber, loan: Loan) -> Fields:
        return self.message("0100", "360092", who, [], {"103": loan.account})

    def pay_loan(self, who: Subscriber, source: Account, loan: Loan, minor: int) -> Fields:
        more = {"102": source.number, "103": loan.account}
        return self.money(f"54{source.type}92", who, minor, [("04", loan.bill_id)], more)

    def holds(self, who: Subscriber, account: Account) -> int:
        """The account's ledger balance, asked over the wire."""
        received = self.ask(self.balance(who, account))
        assert received.code == "00", f"balance inquiry: {received.code}"
        return tlv.balances(received.fields["54"])[0].minor


class Machine(Desk):
    """An ATM: a card, its PIN block, and track 2 on withdrawals."""

    entry_mode = "021"
    condition = "02"

    def card_request(self, mti: str, code: str, plastic: Plastic, more: Fields | None = None) -> Fields:
        given = {"2": plastic.pan, "52": self.pin_block(plastic.pin, plastic.pan), **(more or {})}
        return self.request(mti, code, given)

    def pin_block(self, pin: str, pan: str) -> str:
        return secure.tdes(self.pin_key(), secure.pin_block_0(pin, pan)).hex().upper()

    def balance(self, plastic: Plastic, *, mti: str = "0200", code: str = "31") -> Fields:
        return self.card_request(mti, code, plastic)

    def mini_statement(self, plastic: Plastic) -> Fields:
        return self.card_request("0200", "38", plastic)

    def withdraw(self, plastic: Plastic, minor: int) -> Fields:
        return self.card_request("0200", "01", plastic, {"4": n12(minor), "35": plastic.track2, "49": CURRENCY})

    def change_pin(self, plastic: Plastic, new_pin: str) -> Fields:
        private = tlv.build(("12", self.pin_block(new_pin, plastic.pan)))
        return self.card_request("0600", "92", plastic, {"48": private})

    def status(self, *tags: tuple[str, str]) -> Fields:
        return self.request("0620", "97", {"48": tlv.build(*tags)})

    def holds(self, plastic: Plastic) -> int:
        received = self.ask(self.balance(plastic))
        assert received.code == "00", f"balance inquiry: {received.code}"
        return tlv.balances(received.fields["54"])[0].minor


def signed_on(desk: D) -> D:
    desk.sign_on()
    return desk


def reversal_of(original: Fields, *, mti: str = "0400", stands_minor: int | None = None) -> Fields:
    """The reversal of a request: its own 7 and 11, the original's data elements in 90."""
    moment = datetime.now(UTC).strftime("%m%d%H%M%S")
    kept = {de: original[de] for de in KEPT_BY_A_REVERSAL if de in original}
    partial = {} if stands_minor is None else {"95": n12(stands_minor).ljust(42, "0")}
    return {"t": mti, **kept, "7": moment, "11": new_stan(), "90": original_elements(original), **partial}


def original_elements(original: Fields) -> str:
    """90: MTI 4 (of the first message even if a repeat was sent), 11, 7, 32, 33."""
    mti = original["t"][:3] + "0"
    return mti + original["11"] + original["7"] + original["32"].zfill(11) + original.get("33", "").zfill(11)


def repeat_of(request: Fields) -> Fields:
    """The original again with the last digit of its MTI set."""
    return {**request, "t": request["t"][:3] + "1"}


def n12(minor: int) -> str:
    return f"{minor:012d}"


def new_stan() -> str:
    return f"{next(_stans):06d}"


def new_reference() -> str:
    """37: twelve letters or digits that nobody used before."""
    return f"{_run}{next(_references):06d}"
