"""What is in the journal and not yet in the tables: the newest state of everything that the last groups touched.

Rule: plain dicts, one entry for each row to be written, however often it changed: a payment that began and ended
meanwhile is one row, an account that was moved a hundred times one more. `writer` writes it all, then it is empty.
Nothing here is lost by a crash: the journal's newest entries make it again.
"""

from __future__ import annotations

from ledger.model import Advice, BusinessDay, Claim, DayTotal, PaymentRow, RegisterRow, Transfer

Held = tuple[Claim, bytes, int]  # a claim, the payment behind it, and its batch
Kept = tuple[PaymentRow, bytes, int]  # a payment, the group that made it so, that group's batch
Moved = tuple[
    Transfer, int, bytes, bytes
]  # a transfer, its batch, the one before it of the debited, the credited account
UsageKey = tuple[str, str]  # scope and day
AdviceKey = tuple[bytes, str]  # payment and kind
TotalKey = tuple[str, str, str]  # day, heading and currency
RegisterKey = tuple[str, str]  # register and key


class Ahead:
    __slots__ = (
        "advices",
        "aliases",
        "claims",
        "days",
        "opened",
        "payments",
        "registers",
        "totals",
        "transfers",
        "usages",
    )

    def __init__(self) -> None:
        self.opened: dict[str, int] = {}  # account names in order of opening, with their numbers
        self.transfers: dict[bytes, Moved] = {}
        self.payments: dict[bytes, Kept] = {}
        self.claims: dict[str, Held] = {}
        self.aliases: dict[str, tuple[Held, ...]] = {}
        self.usages: dict[UsageKey, bool] = {}
        self.advices: dict[AdviceKey, Advice] = {}
        self.days: dict[str, BusinessDay] = {}
        self.totals: dict[TotalKey, DayTotal] = {}
        self.registers: dict[RegisterKey, RegisterRow] = {}

    @property
    def size(self) -> int:
        """About how many rows will be written."""
        rows = len(self.payments) + len(self.transfers) + len(self.opened) + len(self.usages) + len(self.advices)
        return rows + len(self.days) + len(self.totals) + len(self.registers)

    def touched_accounts(self) -> set[str]:
        """Names of those that were there before and changed."""
        names = {moved[0].debit for moved in self.transfers.values()}
        names.update(moved[0].credit for moved in self.transfers.values())
        return names.difference(self.opened)

    def clear(self) -> None:
        for slot in self.__slots__:
            getattr(self, slot).clear()
