"""A ledger with payments that were made, for what is done to them afterwards."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from msgspec.structs import replace

from ledger.model import Committed, DayChange, Group, Outcome, Transfer
from ledger.queries import GetPayment, GetStatement, ListAccounts
from ledger.store import Store
from switch.flow.entries import group_for
from switch.flow.opening import new_payment
from switch.flow.payment import Part, Payment, Question, Reversal, State, from_record
from switch.settlement.resolution import Known
from tests.unit.settlement.making import CORE, DAY, NEXT, POWER, SYP

TRANSMITTED_AT = "1122100000"


class Ledger:
    """Ids count up as the time would."""

    def __init__(self, path: Path | str = ":memory:", day: str = DAY) -> None:
        self.store = Store(path, lambda: 0.0, day=day, synchronous="OFF")
        self._ids = count(1)
        self.payments: dict[bytes, Payment] = {}

    def new_id(self, at_ms: int = 1) -> bytes:
        return at_ms.to_bytes(6) + next(self._ids).to_bytes(9) + b"\x00"

    def submit(self, group: Group) -> Outcome:
        return self.store.apply_groups([group])[0]

    def commit(self, group: Group) -> None:
        outcome = self.submit(group)
        assert isinstance(outcome, Committed), outcome

    def open_next(self, day: str = NEXT, closes: str = DAY) -> None:
        self.commit(Group(self.new_id(), days=(DayChange(day, "open", 900.0),)))
        self.commit(Group(self.new_id(), days=(DayChange(closes, "closed", 1000.0),)))

    def pay(
        self, minor: int, *, two_legs: bool = True, day: str = DAY, stan: int | None = None, units: int = 1
    ) -> Payment:
        """A payment that was posted."""
        number = stan if stan is not None else len(self.payments) + 1
        payment = new_payment(
            self.new_id(),
            service="pay-bill" if two_legs else "pay-loan",
            key=f"key {number}",
            day=day,
            endpoint="mobile",
            language="ar",
            fields={"37": f"R{number:011d}", "49": SYP, "102": f"100{number:011d}"},
            amount_minor=minor,
            accounts=("customer:1", "biller:ELEC" if two_legs else "loan:1001"),
            core=Question(CORE, f"{number:06d}", TRANSMITTED_AT),
            biller=Question(POWER, f"{number:06d}", TRANSMITTED_AT) if two_legs else None,
            accepted_at=100.0,
            answer_within_s=25.0,
            units=units,
        )
        held = self.step(payment, (Part.HOLD,), state=State.HELD, held=True, next_at=1.0)
        return self.step(held, (Part.POST,), state=State.POSTED, posted=True, answer="00", next_at=None)

    def give_back(self, payment: Payment, minor: int, today: str, *, advised: bool = True) -> Payment:
        """As a reversal does it."""
        reversal = Reversal("reversal", minor, "00", today)
        next_at = None if advised else 1.0
        return self.step(
            payment, (Part.CONTRA,), state=State.REVERSED, reversal=reversal, advised=advised, next_at=next_at
        )

    def step(self, payment: Payment, parts: tuple[Part, ...], **changes: object) -> Payment:
        after = replace(payment, version=payment.version + 1, **changes)
        self.commit(group_for(self.new_id(), payment, after, parts, ()))
        self.payments[after.id] = after
        return after

    def payment(self, id_: bytes) -> Payment:
        return from_record(self.store.answer(GetPayment(id_)).record)

    def known(self, payment: Payment) -> Known:
        """As the books have it now."""
        return Known(self.payment(payment.id), self.transfers(payment))

    def transfers(self, payment: Payment) -> list[Transfer]:
        """Those that name it."""
        return [one for one in self.all_transfers() if one.payment == payment.id]

    def all_transfers(self) -> list[Transfer]:
        found = {}
        for account in self.store.answer(ListAccounts()):
            for line in self.store.answer(GetStatement(account.name, 10_000)).lines:
                found[line.transfer.id] = line.transfer
        return [found[id_] for id_ in sorted(found)]

    def balance(self, name: str) -> int:
        return sum(one.balance_minor for one in self.store.answer(ListAccounts()) if one.name == name)
