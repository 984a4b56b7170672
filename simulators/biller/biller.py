"""A simulated biller: tells the bills of its customers, takes payments, undoes them, and knows what became of each.

Rule: a payment is known by the switch's id of it (tag 14) and by its key; whichever comes again gets the stored
answer. What an undo overtook is remembered, and refused when it comes. One process can serve several billers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from simulators.biller.bills import Bills, Standing, bill_account, bill_tags
from simulators.hosts.host import NOT_FOUND, Host
from simulators.hosts.journal import Journal
from simulators.hosts.pages import PRIVATE_MAX, Tokens, page
from simulators.hosts.postings import CURRENCY
from simulators.hosts.records import APPROVED, Decision, Move, Record
from simulators.hosts.terms import Service, Terms
from simulators.people.population import Bill, BillStatus, Manner, Population
from switch.wire import amounts
from switch.wire.message import Message

BANK = "bank:settlement"  # what the bank owes this biller


class Biller(Host):
    """`codes` are the billers (DE 98) that this host answers for; `text_out` writes a name in its dialect."""

    def __init__(
        self,
        population: Population,
        journal: Journal,
        codes: frozenset[str],
        text_out: Callable[[str], str],
        terms: Terms,
    ) -> None:
        self._codes = codes
        self._bills = Bills(population, journal, codes)
        self._names = {f"{customer.index:07d}": customer.name for customer in population.customers}
        self._tokens = Tokens(hashlib.blake2b(b"tokens", key=terms.secret[:64], digest_size=32).digest())
        self._text_out = text_out
        super().__init__(journal, terms)

    def services(self) -> Mapping[tuple[str, str], Service]:
        table = {
            ("1", "32"): Service("bill-inquiry", self.inquire, ("98", "48.03"), inquiry=True),
            ("2", "50"): Service("pay-bill", self.pay, ("4", "49", "98", "48.03", "48.04")),
        }
        if self.habits.status_query:
            table["1", "39"] = Service("status", self.status, ("48.14",), inquiry=True)
        return table

    def inquire(self, message: Message) -> Decision:
        """32: the customer's name and bills, as many as fit; with tag 13, those after the page before."""
        biller, number = message.payee or "", message.tag("03") or ""
        if not self._bills.knows(biller, number):
            return Decision("84")
        scope, token, now = f"{biller}/{number}", message.tag("13"), self.journal.now()
        after = "" if token is None else self._tokens.open(scope, token, now)
        if after is None:
            return Decision("12")
        bills = _after(self._bills.of(biller, number, self.journal.day_of(message)), after)

        def token_after(shown: Standing) -> str:
            return self._tokens.issue(scope, shown.bill.bill_id, now)

        name = ("06", self._text_out(self._name(biller, number)))
        room = PRIVATE_MAX - 5 - len(name[1])
        return Decision(APPROVED, tags=(name, *page(bills, bill_tags, token_after, room)))

    def pay(self, message: Message) -> Decision:
        """50: in a fixed precedence 12 currency, 84, 83, 81, 13 or 82; then the money is ours."""
        if message.currency != CURRENCY:
            return Decision("12")
        bill = self._bills.find(message.payee or "", message.tag("03") or "", message.tag("04") or "")
        if bill is None or bill.due < self.journal.day:
            return Decision("84")
        if bill.manner is Manner.LOST:
            return Decision("")
        minor = _minor(message)
        code = self._refusal(bill, minor, self.journal.day_of(message))
        if code != APPROVED:
            return Decision(code)
        self._bills.paid(bill)
        return Decision(
            APPROVED,
            tags=(("09", _receipt(message)),),
            move=Move(BANK, bill_account(bill), minor, "bill"),
            subject=bill.manner.value,
            silent=bill.manner is Manner.SILENT,
        )

    def status(self, message: Message) -> Decision:
        """39: 00 and the receipt if the payment of tag 14 stands, its code if it was refused, else 25."""
        found = self.journal.find_payment(message.tag("14") or "")
        if found is None or found.record.is_tombstone or found.record.undone is not None:
            return Decision(NOT_FOUND)
        return Decision(found.record.code, {de: v for de, v in found.record.fields.items() if de == "48"})

    def may_undo(self, record: Record) -> str:
        """12: paid, and final."""
        final = record.subject == Manner.FINAL.value or not self.habits.undoes_paid
        return "12" if final else APPROVED

    def _refusal(self, bill: Bill, minor: int, day: str) -> str:
        standing = self._bills.standing(bill, day)
        if bill.manner is Manner.REFUSED:
            return "83"
        if standing.status is BillStatus.PAID:
            return "81"
        if not 0 < minor <= standing.rest_minor:
            return "13"
        least = standing.rest_minor if standing.status is BillStatus.UNPAID else standing.least_minor
        return "82" if minor < least else APPROVED

    def _name(self, biller: str, number: str) -> str:
        """The customer's name; every biller's numbers end in the seven digits of the person."""
        return self._names[number[-7:]]


def _after(bills: list[Standing], bill_id: str) -> list[Standing]:
    """The bills after that one; all of them if it is gone."""
    ids = [standing.bill.bill_id for standing in bills]
    return bills[ids.index(bill_id) + 1 :] if bill_id in ids else bills


def _receipt(message: Message) -> str:
    """Ten digits, the same for the same payment."""
    about = message.tag("14") or f"{message.transmitted_at}{message.stan}{message.terminal}"
    digest = hashlib.blake2b(about.encode(), digest_size=8).digest()
    return f"{int.from_bytes(digest) % 10**10:010d}"


def _minor(message: Message) -> int:
    try:
        return amounts.parse_amount(message.amount or "")
    except ValueError:
        return 0
