"""How fast the books are, on the disk they would lie on: two-phase transfers a second, and the CPU of a bill payment.

Rule: the real store at synchronous=FULL, groups as the switch sends them, nothing left out. Wall time and CPU are told
apart: on a shared machine only the second is worth comparing.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import count
from pathlib import Path

import msgspec

from ledger.model import Claim, Committed, Group, Opening, Outcome, PaymentRow, Transfer, TransferKind
from ledger.process import calm_collector
from ledger.queries import GetStatement, ListAccounts, Query
from ledger.spawn import serve_command
from ledger.store import Store

DAY = "20260302"
CURRENCY = "760"
CUSTOMERS = 10_000
BILLERS = ("ELEC", "WATER", "TEL", "MOBILE1", "MOBILE2", "UNI-DAM")
RECORD = bytes(range(256)) + bytes(344)  # about what the saga stores with a payment
PAGE = 50
SAMPLES = 5
HELD, POSTED = 1, 2  # in the low bits of a transfer's id

_encode = msgspec.msgpack.Encoder().encode
_ids = count(1)


def measure(directory: Path | None = None, seconds: float = 1.0) -> dict[str, float]:
    """Transfers a second at batches of 1, 10, 100 and 1000, and CPU microseconds of a payment at a batch of 50."""
    calm_collector()
    with _books(directory) as store:
        figures = {f"transfers_per_s_batch_{size}": _transfers(store, size, seconds) for size in (1, 10, 100, 1000)}
        figures["payment_cpu_us_batch_50"] = _payments(store, 50, seconds)
    return figures


def growth(
    sizes: Sequence[int] = (1_000, 10_000, 100_000, 1_000_000, 10_000_000),
    directory: Path | None = None,
    *,
    customers: int = 100_000,
    sample: int = 8_000,
) -> dict[str, float]:
    """CPU microseconds of a two-phase transfer at a batch of 100 once so many are stored: `at_SIZE`, the median of some
    samples, by customers in no order, writing of the tables included. `ratio`: the last to the first."""
    calm_collector()
    figures: dict[str, float] = {}
    with _books(directory, customers) as store:
        stored = 0
        for size in sorted(sizes):
            _apply_all(store, _two_phase(1_000, customers), size - stored)
            store.write_tables()
            figures[f"at_{size}"] = statistics.median(_sample_us(store, sample, customers) for _ in range(SAMPLES))
            stored = size + SAMPLES * sample
    figures["ratio"] = figures[f"at_{max(sizes)}"] / figures[f"at_{min(sizes)}"]
    return figures


def _sample_us(store: Store, transfers: int, customers: int) -> float:
    started = time.process_time()
    made_us = _apply_all(store, _two_phase(100, customers), transfers)
    store.write_tables()
    return (time.process_time() - started) * 1e6 / transfers - made_us


def statement(lines: int = 100_000, directory: Path | None = None, *, runs: int = 20) -> dict[str, float]:
    """Milliseconds of the balance of an account with so many lines, of its newest page of 50, and of one half way down;
    medians."""
    with _books(directory, customers=1) as store:
        _apply_all(store, _two_phase(1_000, customers=1), lines)
        account = _customer(0)
        half_way = store.answer(GetStatement(account, lines // 2)).lines[-1]
        below = GetStatement(account, PAGE, half_way.transfer.id, before_balance_minor=half_way.balance_minor)
        asked: dict[str, Query] = {
            "balance_ms": ListAccounts(account),
            "newest_page_ms": GetStatement(account, PAGE),
            "page_half_way_ms": below,
        }
        return {name: _median_ms(partial(store.answer, query), runs) for name, query in asked.items()}


def restart(payments: int = 1_000_000, directory: Path | None = None) -> dict[str, float]:
    """Seconds until the ledger process says that it is ready, on the books of so many payments that a kill left behind;
    and how many entries of the journal it had to apply again."""
    with tempfile.TemporaryDirectory(dir=directory, prefix="barada-bench-") as place:
        database = Path(place) / "bench.db"
        store = Store(database, day=DAY)
        _open_accounts(store, CUSTOMERS)
        _apply_all(store, _bill_payments(1_000), 2 * payments)
        behind = store.behind
        store.abandon()
        started = time.perf_counter()
        command = serve_command(database, Path(place) / "bench.sock")
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            ready_s = time.perf_counter() - started
            process.terminate()
    return {"ready_s": ready_s, "entries_applied_again": behind}


@contextmanager
def _books(directory: Path | None, customers: int = CUSTOMERS) -> Iterator[Store]:
    with (
        tempfile.TemporaryDirectory(dir=directory, prefix="barada-bench-") as place,
        closing(Store(Path(place) / "bench.db", day=DAY)) as store,
    ):
        _open_accounts(store, customers)
        yield store


def _apply_all(store: Store, batches: Iterator[list[bytes]], groups: int) -> float:
    """Until there are so many; CPU microseconds of a group that went into making it, which is not the books'."""
    applied, made_s = 0, 0.0
    while applied < groups:
        started = time.process_time()
        batch = next(batches)
        made_s += time.process_time() - started
        _check(store.apply(batch))
        applied += len(batch)
    return made_s * 1e6 / max(1, applied)


def _check(outcomes: list[Outcome]) -> None:
    assert all(type(outcome) is Committed for outcome in outcomes), outcomes[0]


def _median_ms(ask: Callable[[], object], runs: int) -> float:
    spent = []
    for _ in range(runs):
        started = time.perf_counter()
        ask()
        spent.append(time.perf_counter() - started)
    return statistics.median(spent) * 1000


def _transfers(store: Store, size: int, seconds: float) -> float:
    """Pending and post alternate, each its own group, `size` of them in a transaction."""
    batches = _two_phase(size)
    applied, spent = 0, 0.0
    while spent < seconds:
        batch = next(batches)
        started = time.perf_counter()
        outcomes = store.apply(batch)
        spent += time.perf_counter() - started
        _check(outcomes)
        applied += size
    return applied / spent


def _payments(store: Store, size: int, seconds: float) -> float:
    """CPU of both groups of a bill payment."""
    batches = _bill_payments(size)
    groups, spent = 0, 0.0
    while spent < seconds:
        batch = next(batches)
        started = time.process_time()
        outcomes = store.apply(batch)
        spent += time.process_time() - started
        _check(outcomes)
        groups += len(batch)
    return spent / groups * 2e6


def _two_phase(size: int, customers: int = CUSTOMERS) -> Iterator[list[bytes]]:
    while True:
        held = [_pending(customers=customers) for _ in range(size)]
        yield [_encode(Group(_id(), transfers=(transfer,))) for transfer in held]
        yield [_encode(Group(_id(), transfers=(_post(transfer),))) for transfer in held]


def _bill_payments(size: int) -> Iterator[list[bytes]]:
    """Half of each batch are intents, half outcomes of the batch before."""
    held: list[Transfer] = []
    while True:
        outcomes = [_outcome(transfer) for transfer in held]
        held = [_pending(_id()) for _ in range(size // 2)]
        yield [_intent(transfer) for transfer in held] + outcomes


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


def _pending(payment: bytes = b"", customers: int = CUSTOMERS) -> Transfer:
    number = next(_ids)
    debit = _customer(number * 7919 % customers)
    credit = f"biller:{BILLERS[number % len(BILLERS)]}"
    id_, amount_minor = _numbered(payment or _id(), HELD), 1 + number % 9_999
    return Transfer(id_, TransferKind.PENDING, debit, credit, amount_minor, CURRENCY, DAY, b"", payment, "pay-bill")


def _post(held: Transfer) -> Transfer:
    return msgspec.structs.replace(held, id=_numbered(held.id, POSTED), kind=TransferKind.POST, original=held.id)


def _numbered(id_: bytes, part: int) -> bytes:
    return id_[:-1] + bytes([id_[-1] & 0xF0 | part])


def _customer(number: int) -> str:
    return f"customer:100{number:011d}"


def _open_accounts(store: Store, customers: int) -> None:
    names = [_customer(number) for number in range(customers)] + [f"biller:{name}" for name in BILLERS]
    for start in range(0, len(names), 1000):
        openings = tuple(Opening(name, CURRENCY) for name in names[start : start + 1000])
        store.apply_groups([Group(_id(), openings=openings)])


def _id() -> bytes:
    """16 bytes, the time first, then what makes it unique, the low four bits zero: as the switch makes them."""
    return time.time_ns().to_bytes(8, "big") + (next(_ids) << 4).to_bytes(8, "big")
