"""A biller's bills as they stand: what was issued, what was paid of it, what is left.

Rule: what was paid of a bill is the balance of the bill's own account in the biller's books
(`biller:CODE/BILL`), so no state can disagree with the money. A renewing biller has issued one bill more than
were ever paid.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ledger.scale import Scale, whole
from simulators.hosts.journal import Journal
from simulators.people.population import Bill, BillStatus, Population

RENEWED_SHOWN = 5  # how far back an inquiry looks for a bill whose payment was undone


class Standing(msgspec.Struct, frozen=True):
    """A bill now, in the pound of the question: after a part payment the amount is the rest, and the least is the
    smaller of least and rest. What is paid shows what was billed."""

    bill: Bill
    rest_minor: int
    least_minor: int
    status: BillStatus
    shown_minor: int
    old_minor: int | None  # the same in old pounds, where the biller tells it


class Bills:
    """The bills of the billers `codes`."""

    def __init__(self, population: Population, journal: Journal, codes: frozenset[str]) -> None:
        self._journal = journal
        self._drawn = {key: bills for key, bills in population.bills_by_number.items() if key[0] in codes}
        self._issued: dict[str, int] = {}  # bills issued so far, by the first one's id

    def knows(self, biller: str, customer_number: str) -> bool:
        return (biller, customer_number) in self._drawn

    def of(self, biller: str, customer_number: str, day: str) -> list[Standing]:
        """The customer's bills, those to be paid first, in the pound of a business day."""
        bills = [bill for drawn in self._drawn.get((biller, customer_number), ()) for bill in self._recent(drawn, day)]
        standing = [self.standing(bill, day) for bill in bills]
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

    def standing(self, bill: Bill, day: str) -> Standing:
        """Any fraction of a unit that is left is dropped: what is less than a unit is paid."""
        scale = self._journal.scale
        units, billed = scale.units(day), _billed(bill, scale)
        left = billed - self._journal.balance(bill_account(bill))
        rest = whole(left, units)
        if bill.status is BillStatus.PAID or rest <= 0:
            return Standing(bill, 0, 0, BillStatus.PAID, whole(billed, units), _told_old(bill, billed, day, scale))
        least = min(bill.least_minor * (scale.old_per_new // units), rest)
        return Standing(bill, rest, least, bill.status, rest, _told_old(bill, left, day, scale))

    def paid(self, bill: Bill) -> None:
        """Called when a bill is about to be paid: a renewing biller issues the next one."""
        if bill.renewing:
            number = _number_in(bill.bill_id)
            first = bill.renewed(1 - number)
            self._issued[first.bill_id] = max(self._count(first), number + 1)

    def _recent(self, drawn: Bill, day: str) -> Iterator[Bill]:
        """The bill itself; of a renewing one the newest, and those before it whose payment was undone."""
        if not drawn.renewing:
            yield drawn
            return
        count = self._count(drawn)
        for number in range(max(1, count - RENEWED_SHOWN), count + 1):
            bill = drawn.renewed(number - 1)
            if self.standing(bill, day).status is not BillStatus.PAID:
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
    """Tag 05, and 31 where the biller tells old pounds."""
    bill, amount, least = standing.bill, standing.shown_minor, standing.least_minor
    line = f"{bill.bill_id}|{bill.period}|{bill.due}|{amount:012d}|{standing.status}|{least:012d}"
    old = [] if standing.old_minor is None else [("31", f"{standing.old_minor:012d}")]
    return [("05", line), *old]


def _billed(bill: Bill, scale: Scale) -> int:
    """In units of the books: what it was in old pounds, where it came from them."""
    if scale.changes and bill.amount_old_minor is not None:
        return bill.amount_old_minor
    return bill.amount_minor * scale.old_per_new


def _told_old(bill: Bill, minor: int, day: str, scale: Scale) -> int | None:
    """In the months of both. A biller that knows of no change tells of its old pounds for ever."""
    if scale.changes:
        return minor if scale.shows_both(day) else None
    return bill.amount_old_minor


def _number_in(bill_id: str) -> int:
    """The running number that a bill's id ends in; 0 if it has none."""
    digits = bill_id.rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else 0
