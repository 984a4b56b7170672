"""The billers' invented bills.

Rule: a bill here is as it was issued; what has been paid of it since is in the biller's books. Ids don't
depend on the date, so the books of an earlier day still fit. A biller of `RENEWING` issues the next bill
as soon as one is paid, under an id that anybody can work out (`Bill.renewed`), so traffic never runs out.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from enum import Enum, StrEnum

import msgspec

from simulators.people.customers import Customer, month_after

UNIVERSITY = "UNI-DAM"
RENEWING = frozenset({"MOBILE1", "MOBILE2"})


class BillStatus(StrEnum):
    """How a bill may be paid: the letters of tag 05."""

    UNPAID = "U"  # the whole amount only
    PAID = "P"
    PART = "T"  # from the least amount to the whole


class Manner(Enum):
    """What the biller does when this bill is paid: most are ordinary, a few exist to be difficult."""

    ORDINARY = "ordinary"
    REFUSED = "refused"  # 83
    SILENT = "silent"  # paid, but the answer is never sent
    LOST = "lost"  # the payment never arrives
    FINAL = "final"  # paid, and an undo is refused


class Bill(msgspec.Struct, frozen=True):
    """One bill as issued, in new pounds; `amount_old_minor`: in old pounds, where the biller shows it."""

    biller: str
    customer_number: str
    bill_id: str
    period: str  # YYYYMM
    due: str  # YYYYMMDD
    amount_minor: int
    least_minor: int
    status: BillStatus = BillStatus.UNPAID
    amount_old_minor: int | None = None
    manner: Manner = Manner.ORDINARY

    @property
    def renewing(self) -> bool:
        """Whether another bill follows once this one is paid."""
        return self.biller in RENEWING and self.manner is Manner.ORDINARY

    def renewed(self, times: int = 1) -> Bill:
        """The bill that follows after `times` payments: the same amount under the next id."""
        stem, _, number = self.bill_id.rpartition("-")
        return msgspec.structs.replace(self, bill_id=f"{stem}-{int(number) + times:05d}")


class _Tariff(msgspec.Struct, frozen=True):
    letter: str
    number: str  # how this biller numbers its customers
    lowest_minor: int
    highest_minor: int
    bills: int
    every: int = 1  # only every n-th customer has bills here
    part: int | None = None  # the bill that may be paid in parts, counted from 0
    old_pounds: bool = False


_TARIFFS = {
    "ELEC": _Tariff("E", "1{:07d}", 2_000, 60_000, 4),
    "WATER": _Tariff("W", "2{:07d}", 1_000, 20_000, 4, part=3, old_pounds=True),
    "TEL": _Tariff("T", "011{:07d}", 1_500, 25_000, 4),
    "MOBILE1": _Tariff("M", "093{:07d}", 500, 10_000, 1),
    "MOBILE2": _Tariff("N", "098{:07d}", 500, 10_000, 1),
    UNIVERSITY: _Tariff("U", "2026{:07d}", 50_000, 300_000, 1, every=2, part=0),
}
BILLERS = tuple(_TARIFFS)


def customer_number(biller: str, index: int) -> str:
    """The number under which `biller` knows the customer `index`."""
    return _TARIFFS[biller].number.format(index)


def draw_bills(seed: int, customer: Customer, today: dt.date) -> Iterator[Bill]:
    """All the bills of one customer, at every biller that knows them."""
    rng = random.Random(f"{seed}:bills:{customer.index}")
    for biller, tariff in _TARIFFS.items():
        if customer.index % tariff.every == 0:
            for sequence in range(tariff.bills):
                yield _draw_bill(rng, biller, tariff, customer.index, sequence, today)


def bill_of(biller: str, index: int, sequence: int, amount_minor: int, today: dt.date) -> Bill:
    """A bill of a round amount: bill `sequence` of customer `index`, the newest period first."""
    return Bill(
        biller=biller,
        customer_number=customer_number(biller, index),
        bill_id=f"{_TARIFFS[biller].letter}{index:07d}-{sequence + 1:05d}",
        period=f"{month_after(today, -1 - sequence):%Y%m}",
        due=f"{month_after(today, 2):%Y%m%d}",
        amount_minor=amount_minor,
        least_minor=amount_minor,
    )


def _draw_bill(rng: random.Random, biller: str, tariff: _Tariff, index: int, sequence: int, today: dt.date) -> Bill:
    amount = rng.randrange(tariff.lowest_minor, tariff.highest_minor)
    bill = bill_of(biller, index, sequence, amount, today)
    if sequence == tariff.part:
        bill = msgspec.structs.replace(bill, status=BillStatus.PART, least_minor=amount // 10)
    if tariff.old_pounds:  # 100 old pounds are one new; the biller drops what is left over
        bill = msgspec.structs.replace(bill, amount_old_minor=amount * 100 + rng.randrange(100))
    return bill
