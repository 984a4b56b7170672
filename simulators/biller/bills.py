"""A biller's bills as they stand: what was issued, what was paid of it, what is left.

Rule: what was paid of a bill is the balance of the bill's own account in the biller's books
(`biller:CODE/BILL`), so no state can disagree with the money. A renewing biller has issued one bill more than
were ever paid.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from simulators.hosts.journal import Journal
from simulators.people.population import Bill, BillStatus, Population

RENEWED_SHOWN = 5  # how far back an inquiry looks for a bill whose payment was undone


class Standing(msgspec.Struct, frozen=True):
    """A bill now: after a part payment the amount is the rest, and the least is the smaller of least and rest."""

    bill: Bill
    rest_minor: int
    least_minor: int
    status: BillStatus


class Bills:
    """The bills of the billers `codes`."""

    def __init__(self, population: Population, journal: Journal, codes: frozenset[str]) -> None:
        self._journal = journal
        self._drawn = {key: bills for key, bills in population.bills_by_number.items() if key[0] in codes}
        self._issued: dict[str, int] = {}  # bills issued so far, by the first one's id

    def knows(self, biller: str, customer_number: str) -> bool:
        return (biller, customer_number) in self._drawn

    def of(self, biller: str, customer_number: str) -> list[Standing]:
        """The customer's bills, those to be paid first."""
        bills = [bill for drawn in self._drawn.get((biller, customer_number), ()) for bill in self._recent(drawn)]
        standing = [self.standing(bill) for bill in bills]
        return sorted(standing, key=lambda found: found.status is BillStatus.PAID)

    def find(self, biller: str, customer_number: str, bill_id: str) -> Bill | None:
        """The bill of this id, if it was issued to this customer."""
        for drawn in self._drawn.get((biller, customer_number), ()):
            if drawn.bill_id == bill_id:
                return drawn
            if drawn.renewing and 1 < (number := _number_in(bill_id)) <= self._count(drawn):
                bill = drawn.renewed(number - 1)
                return bill if bill.bill_id == bill_id else None
        return None

    def standing(self, bill: Bill) -> Standing:
        rest = bill.amount_minor - self._journal.balance(bill_account(bill))
        if bill.status is BillStatus.PAID or rest <= 0:
            return Standing(bill, 0, 0, BillStatus.PAID)
        return Standing(bill, rest, min(bill.least_minor, rest), bill.status)

    def paid(self, bill: Bill) -> None:
        """Called when a bill is about to be paid: a renewing biller issues the next one."""
        if bill.renewing:
            number = _number_in(bill.bill_id)
            first = bill.renewed(1 - number)
            self._issued[first.bill_id] = max(self._count(first), number + 1)

    def _recent(self, drawn: Bill) -> Iterator[Bill]:
        """The bill itself; of a renewing one the newest, and those before it whose payment was undone."""
        if not drawn.renewing:
            yield drawn
            return
        count = self._count(drawn)
        for number in range(max(1, count - RENEWED_SHOWN), count + 1):
            bill = drawn.renewed(number - 1)
            if self.standing(bill).status is not BillStatus.PAID:
                yield bill

    def _count(self, first: Bill) -> int:
        """How many bills this one has become; read from the books once."""
        if first.bill_id not in self._issued:
            count = 1
            while self._journal.is_open(bill_account(first.renewed(count - 1))):
                count += 1
            self._issued[first.bill_id] = count
        return self._issued[first.bill_id]


def bill_account(bill: Bill) -> str:
    """The bill's account; what stands before the slash is the biller's, as in the switch's ledger."""
    return f"biller:{bill.biller}/{bill.bill_id}"


def bill_tags(standing: Standing) -> list[tuple[str, str]]:
    """Tag 05, and 31 where the biller tells old pounds. What is paid shows what was billed."""
    bill = standing.bill
    paid = standing.status is BillStatus.PAID
    amount = bill.amount_minor if paid else standing.rest_minor
    line = f"{bill.bill_id}|{bill.period}|{bill.due}|{amount:012d}|{standing.status}|{standing.least_minor:012d}"
    old = [] if bill.amount_old_minor is None else [("31", f"{bill.amount_old_minor:012d}")]
    return [("05", line), *old]


def _number_in(bill_id: str) -> int:
    """The running number that a bill's id ends in; 0 if it has none."""
    digits = bill_id.rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else 0
