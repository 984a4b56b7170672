"""Short ways to say accounts, transfers and groups in tests. Ids count up, as the time would."""

from __future__ import annotations

from itertools import count

from ledger.model import Claim, Group, Opening, PaymentRow, Transfer, TransferKind, Usage

DAY = "20260302"
SYP = "760"

_ids = count(1)


def new_id() -> bytes:
    return next(_ids).to_bytes(16, "big")


def move(
    kind: TransferKind,
    debit: str,
    credit: str,
    amount_minor: int,
    original: bytes = b"",
    *,
    currency: str = SYP,
    day: str = DAY,
    payment: bytes = b"",
) -> Transfer:
    return Transfer(new_id(), kind, debit, credit, amount_minor, currency, day, original, payment)


def direct(debit: str, credit: str, amount_minor: int, *, currency: str = SYP, day: str = DAY) -> Transfer:
    return move(TransferKind.DIRECT, debit, credit, amount_minor, currency=currency, day=day)


def pending(debit: str, credit: str, amount_minor: int, *, payment: bytes = b"") -> Transfer:
    return move(TransferKind.PENDING, debit, credit, amount_minor, payment=payment)


def post(held: Transfer, amount_minor: int | None = None) -> Transfer:
    amount = held.amount_minor if amount_minor is None else amount_minor
    return move(TransferKind.POST, held.debit, held.credit, amount, held.id, payment=held.payment)


def void(held: Transfer) -> Transfer:
    return move(TransferKind.VOID, held.debit, held.credit, held.amount_minor, held.id, payment=held.payment)


def contra(posted: Transfer, amount_minor: int | None = None) -> Transfer:
    amount = posted.amount_minor if amount_minor is None else amount_minor
    return move(TransferKind.CONTRA, posted.credit, posted.debit, amount, posted.id, payment=posted.payment)


def moving(*transfers: Transfer, opening: tuple[Opening, ...] = (), usages: tuple[Usage, ...] = ()) -> Group:
    return Group(new_id(), openings=opening, transfers=transfers, usages=usages)


def opening(*names: str, currency: str = SYP, covered: bool = False) -> Group:
    return Group(new_id(), openings=tuple(Opening(name, currency, covered) for name in names))


def payment_row(
    id_: bytes, version: int = 1, state: str = "HELD", next_at: float | None = 10.0, record: bytes = b"record"
) -> PaymentRow:
    return PaymentRow(id_, version, state, "pay-bill", DAY, next_at, record)


def intent(
    *claims: Claim,
    payment: PaymentRow | None = None,
    transfers: tuple[Transfer, ...] = (),
    usages: tuple[Usage, ...] = (),
) -> Group:
    return Group(new_id(), payment or payment_row(new_id()), claims, transfers=transfers, usages=usages)


def outcome(payment: PaymentRow, *transfers: Transfer, state: str = "POSTED") -> Group:
    row = payment_row(payment.id, payment.version + 1, state, None, b"record with the answer")
    return Group(new_id(), row, transfers=transfers)


def claim(key: str, alias: str = "", *, repeat: bool = False, content: bytes = b"content") -> Claim:
    return Claim(key, alias, content, "original", repeat)
