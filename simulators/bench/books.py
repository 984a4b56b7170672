"""How fast the books are, on the disk they would lie on: two-phase transfers a second, and the CPU of a bill payment.

Rule: the real store at synchronous=FULL, groups as the switch sends them, nothing left out. Wall time and CPU are told
apart: on a shared machine only the second is worth comparing.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import msgspec

from ledger.model import Claim, Committed, Group, Opening, PaymentRow, Transfer, TransferKind
from ledger.store import Store

DAY = "20260302"
CURRENCY = "760"
CUSTOMERS = 10_000
BILLERS = ("ELEC", "WATER", "TEL", "MOBILE1", "MOBILE2", "UNI-DAM")
RECORD = bytes(range(256)) + bytes(344)  # about what the saga stores with a payment
HELD, POSTED = 1, 2  # in the low bits of a transfer's id

_encode = msgspec.msgpack.Encoder().encode
_ids = count(1)


def measure(directory: Path | None = None, seconds: float = 1.0) -> dict[str, float]:
    """Transfers a second at batches of 1, 10, 100 and 1000, and CPU microseconds of a payment at a batch of 50."""
    with tempfile.TemporaryDirectory(dir=directory, prefix="barada-bench-") as place:
        store = Store(Path(place) / "bench.db", day=DAY)
        try:
            _open_accounts(store)
            figures = {f"transfers_per_s_batch_{size}": _transfers(store, size, seconds) for size in (1, 10, 100, 1000)}
            figures["payment_cpu_us_batch_50"] = _payments(store, 50, seconds)
        finally:
            store.close()
    return figures


def _transfers(store: Store, size: int, seconds: float) -> float:
    """Pending and post alternate, each its own group, `size` of them in a transaction."""
    batches = _two_phase(size)
    applied, spent = 0, 0.0
    while spent < seconds:
        batch = next(batches)
        started = time.perf_counter()
        outcomes = store.apply(batch)
        spent += time.perf_counter() - started
        assert all(type(outcome) is Committed for outcome in outcomes), outcomes[0]
        applied += size
    return applied / spent


def _payments(store: Store, size: int, seconds: float) -> float:
    """CPU of both groups of a bill payment: half of each batch are intents, half outcomes of the batch before."""
    payments, spent, held = 0, 0.0, list[Transfer]()
    while spent < seconds:
        outcomes = [_outcome(transfer) for transfer in held]
        held = [_pending(_id()) for _ in range(size // 2)]
        batch = [_intent(transfer) for transfer in held] + outcomes
        started = time.process_time()
        results = store.apply(batch)
        spent += time.process_time() - started
        assert all(type(result) is Committed for result in results), results[0]
        payments += size // 2
    return spent / payments * 1e6


def _two_phase(size: int) -> Iterator[list[bytes]]:
    while True:
        held = [_pending() for _ in range(size)]
        yield [_encode(Group(_id(), transfers=(transfer,))) for transfer in held]
        yield [_encode(Group(_id(), transfers=(_post(transfer),))) for transfer in held]


def _intent(held: Transfer) -> bytes:
    """What the switch commits before it asks anyone: the claim, the payment, the hold."""
    number = next(_ids)
    row = PaymentRow(held.payment, 1, "HELD", "pay-bill", DAY, 1_772_400_000.0 + number, RECORD)
    claim = Claim(
        f"0302{number:010d}|000123|GW000001|2", f"0302|000123|GW000001|{number:012d}", RECORD[:16], "original"
    )
    openings = (Opening(held.debit, CURRENCY), Opening(held.credit, CURRENCY))
    return _encode(Group(_id(), row, (claim,), openings, (held,)))


def _outcome(held: Transfer) -> bytes:
    """And before it answers: the answer with the payment, the posting."""
    row = PaymentRow(held.payment, 2, "POSTED", "pay-bill", DAY, None, RECORD + RECORD[:100])
    return _encode(Group(_id(), row, transfers=(_post(held),)))


def _pending(payment: bytes = b"") -> Transfer:
    number = next(_ids)
    debit = f"customer:100{number * 7919 % CUSTOMERS:011d}"
    credit = f"biller:{BILLERS[number % len(BILLERS)]}"
    id_, amount_minor = _numbered(payment or _id(), HELD), 1 + number % 9_999
    return Transfer(id_, TransferKind.PENDING, debit, credit, amount_minor, CURRENCY, DAY, b"", payment, "pay-bill")


def _post(held: Transfer) -> Transfer:
    return msgspec.structs.replace(held, id=_numbered(held.id, POSTED), kind=TransferKind.POST, original=held.id)


def _numbered(id_: bytes, part: int) -> bytes:
    return id_[:-1] + bytes([id_[-1] & 0xF0 | part])


def _open_accounts(store: Store) -> None:
    names = [f"customer:100{number:011d}" for number in range(CUSTOMERS)] + [f"biller:{name}" for name in BILLERS]
    for start in range(0, len(names), 1000):
        openings = tuple(Opening(name, CURRENCY) for name in names[start : start + 1000])
        store.apply_groups([Group(_id(), openings=openings)])


def _id() -> bytes:
    """16 bytes, the time first, then what makes it unique, the low four bits zero: as the switch makes them."""
    return time.time_ns().to_bytes(8, "big") + (next(_ids) << 4).to_bytes(8, "big")
