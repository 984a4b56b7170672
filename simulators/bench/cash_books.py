"""Books full of cash: so many withdrawals at so many machines over so many days, to measure reading them.

Rule: drawn from one seed, and committed through the ledger like any others, many to a batch. A withdrawal is one group
here (held and posted at once): what is measured is reading. Days and nights differ, one in so many is refused, and of
some of the notes a part jams.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from ledger.model import Committed, Group, Opening, PaymentRow, Transfer, TransferKind
from ledger.store import Store
from switch.flow.opening import new_payment
from switch.flow.payment import Part, Payment, Question, State, to_record, transfer_id

CURRENCY = "760"
NOTE_MINOR = 50_000
REFUSED_EVERY, JAMMED_EVERY = 20, 200
GROUPS_A_BATCH = 1000
CARDS = 20_000
REFUSALS = ("51", "51", "51", "55", "91", "61")
HOURS_OF_DAY = (*(1,) * 6, 2, 4, *(8,) * 6, *(6,) * 4, *(8,) * 3, 5, 3, 2)  # how busy each one is
SERVICE = "withdrawal"


def fill(path: str, terminals: Sequence[str], withdrawals: int, first: float, last: float, seed: int) -> None:
    """New books at `path` with so many withdrawals, over the days from `first` to `last` (seconds since 1970)."""
    store = Store(path, lambda: last, day="20260101", synchronous="OFF")
    batch: list[Group] = []
    try:
        for group in _groups(terminals, withdrawals, first, last, seed):
            batch.append(group)
            if len(batch) == GROUPS_A_BATCH:
                _commit(store, batch)
        _commit(store, batch)
    finally:
        store.close()


def _commit(store: Store, batch: list[Group]) -> None:
    outcomes = store.apply_groups(batch)
    assert all(isinstance(outcome, Committed) for outcome in outcomes), outcomes[0]
    batch.clear()


def _groups(terminals: Sequence[str], withdrawals: int, first: float, last: float, seed: int) -> Iterator[Group]:
    rng = random.Random(f"{seed}:cash")
    times = sorted(_moment(rng, first, last) for _ in range(withdrawals))
    for number, at in enumerate(times):
        terminal = rng.choice(terminals)
        payment = _payment(number, at, terminal, NOTE_MINOR * rng.randrange(1, 20), rng.randrange(CARDS))
        if number % REFUSED_EVERY == 7:
            yield _refused(payment, rng.choice(REFUSALS))
        else:
            yield _paid(payment, jammed=number % JAMMED_EVERY == 11)


def _moment(rng: random.Random, first: float, last: float) -> float:
    """Of a day of 24 hours UTC, in the busy ones more often."""
    day = rng.randrange(int((last - first) // 86_400) or 1)
    hour = rng.choices(range(24), HOURS_OF_DAY)[0]
    return min(first + day * 86_400 + (hour + rng.random()) * 3600, last)


def _payment(number: int, at: float, terminal: str, amount_minor: int, card: int) -> Payment:
    fields = {
        "3": "010000",
        "32": "000124",
        "37": f"{number:012d}",
        "41": f"{terminal:<8}",
        "42": " " * 15,
        "49": CURRENCY,
    }
    return new_payment(
        ((int(at * 1000) << 16) + number % 65_536).to_bytes(8) + (number << 4).to_bytes(8),
        service=SERVICE,
        key=f"{number:032d}",
        day="20260101",
        endpoint="atm",
        language="ar",
        fields=fields,
        amount_minor=amount_minor,
        accounts=(f"card:{card:032d}:00", f"atm:{terminal}"),
        core=Question("core", f"{number % 999_999:06d}", "0101000000"),
        biller=None,
        accepted_at=at,
        answer_within_s=25,
        concealed_pan=bytes(44),
        masked_pan="400000••••••0002",
    )


def _paid(payment: Payment, *, jammed: bool) -> Group:
    back = (_transfer(payment, Part.CONTRA, payment.amount_minor - NOTE_MINOR or 1),) if jammed else ()
    state = State.REVERSED if jammed else State.POSTED
    moved = (_transfer(payment, Part.HOLD), _transfer(payment, Part.POST), *back)
    openings = Opening(payment.debit, CURRENCY), Opening(payment.credit, CURRENCY)
    return Group(_group_id(payment), _row(payment, state, "00"), openings=openings, transfers=moved)


def _refused(payment: Payment, code: str) -> Group:
    moved = (_transfer(payment, Part.HOLD), _transfer(payment, Part.VOID))
    openings = Opening(payment.debit, CURRENCY), Opening(payment.credit, CURRENCY)
    return Group(_group_id(payment), _row(payment, State.DECLINED, code), openings=openings, transfers=moved)


def _group_id(payment: Payment) -> bytes:
    return payment.id[:-1] + b"\x0f"


def _row(payment: Payment, state: State, answer: str) -> PaymentRow:
    finished = replace(payment, version=1, state=state, answer=answer, held=True)
    return PaymentRow(payment.id, 1, state.value, payment.service, payment.day, None, to_record(finished))


_KINDS = {
    Part.HOLD: TransferKind.PENDING,
    Part.POST: TransferKind.POST,
    Part.VOID: TransferKind.VOID,
    Part.CONTRA: TransferKind.CONTRA,
}
_ORIGINALS = {Part.POST: Part.HOLD, Part.VOID: Part.HOLD, Part.CONTRA: Part.POST}


def _transfer(payment: Payment, part: Part, amount_minor: int | None = None) -> Transfer:
    original = _ORIGINALS.get(part)
    sides = (payment.credit, payment.debit) if part is Part.CONTRA else (payment.debit, payment.credit)
    return Transfer(
        transfer_id(payment.id, part),
        _KINDS[part],
        *sides,
        amount_minor or payment.amount_minor,
        CURRENCY,
        payment.day,
        transfer_id(payment.id, original) if original is not None else b"",
        payment.id,
        payment.service,
        "000124|debit" if part in (Part.POST, Part.CONTRA) else "",
    )
