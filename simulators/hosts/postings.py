"""What a host commits, as its books take it: groups of claims, transfers and a record.

Rule: pure. An amount of the wire becomes one of the books here, by the units of its question. Ids and days are
arguments; ids begin with the time, which the books like, but for those that must come out the same at every start
(openings, facts).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ledger.model import Claim, Group, Opening, PaymentRow, Transfer, TransferKind
from simulators.hosts.identity import Identity
from simulators.hosts.records import Decision, Fact, Move, Record, Undone, to_bytes

CURRENCY = "760"
FACT = "fact"
OPENING_EQUITY = "equity:opening"
ORIGINAL, REVERSAL = "original", "reversal"


def openings_group(balances: Sequence[tuple[str, int]], day: str) -> Group:
    """Accounts that are new, and what is in them at first."""
    return Group(
        id=digest("openings", balances[0][0]),
        openings=(Opening(OPENING_EQUITY, CURRENCY), *(Opening(name, CURRENCY) for name, _ in balances)),
        transfers=tuple(_opening(name, minor, day) for name, minor in balances if minor),
    )


def question_group(
    id_: bytes,
    day: str,
    identity: Identity,
    content: bytes,
    decision: Decision,
    service: str,
    reference: str,
    heading: str,
    *,
    units: int,
) -> Group:
    """A question that was decided: its claims, its record, and the money it moves."""
    move = decision.move
    record = Record(
        service=service,
        code=decision.code,
        fields=decision.fields,
        amount_minor=move.amount_minor if move else 0,
        move=move,
        transfer=_part(id_, 1) if move else b"",
        subject=decision.subject,
        before=decision.before,
        after=decision.after,
        units=units,
    )
    return Group(
        id=id_,
        payment=_row(id_, 1, record, day),
        claims=_claims(identity, content, ORIGINAL),
        openings=(Opening(move.debit, CURRENCY), Opening(move.credit, CURRENCY)) if move else (),
        transfers=(_moved(record.transfer, move, units, day, reference, heading),) if move else (),
    )


def tombstone_group(id_: bytes, day: str, original: Identity, reversal: Identity, content: bytes, code: str) -> Group:
    """A reversal whose original is not known, under the original's own keys: whatever comes under them is too late."""
    return Group(
        id=id_,
        payment=_row(id_, 1, Record(service="", undone=Undone("", code)), day),
        claims=(*_claims(original, b"", ORIGINAL), *_claims(reversal, content, REVERSAL)),
    )


def undo_group(
    id_: bytes,
    day: str,
    row: PaymentRow,
    record: Record,
    reversal: Identity,
    content: bytes,
    back_minor: int,
    reference: str,
    heading: str,
) -> Group:
    """`record` says already that it is undone; `back_minor` of what it moved goes back, perhaps nothing."""
    return Group(
        id=id_,
        payment=_row(row.id, row.version + 1, record, day),
        claims=_claims(reversal, content, REVERSAL),
        transfers=(_given_back(_part(id_, 2), record, back_minor, day, reference, heading),) if back_minor else (),
    )


def fact_group(fact: Fact, known: PaymentRow | None, day: str) -> Group:
    """A fact as it is from now on. `known` is the row that held it so far."""
    version = 1 if known is None else known.version + 1
    kind = fact.name.partition(":")[0]
    return Group(
        id=digest(FACT, f"{fact.name}:{version}"),
        payment=PaymentRow(fact_id(fact.name), version, FACT, kind, day, None, fact.value),
    )


def fact_id(name: str) -> bytes:
    return digest(FACT, name)


def new_id(ms: int, about: str) -> bytes:
    """16 bytes, the time first; the last one numbers what belongs together."""
    return ms.to_bytes(6) + digest("id", about)[:9] + b"\x00"


def digest(*parts: str) -> bytes:
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).digest()


def _row(id_: bytes, version: int, record: Record, day: str) -> PaymentRow:
    state = "buried" if record.is_tombstone else "undone" if record.undone else record.code
    return PaymentRow(id_, version, state, record.service, day, None, to_bytes(record))


def _claims(identity: Identity, content: bytes, role: str) -> tuple[Claim, ...]:
    """The key with its alias, and the asker's own id of the payment where there is one."""
    key, *more = reversed(identity.keys)
    alias = Claim(key, identity.alias, content, role, identity.repeat and bool(content))
    return (alias, *(Claim(other, "", content, role) for other in more))


def _moved(id_: bytes, move: Move, units: int, day: str, reference: str, heading: str) -> Transfer:
    direct, memo, minor = TransferKind.DIRECT, f"{move.kind}|{reference}", move.amount_minor * units
    return Transfer(id_, direct, move.debit, move.credit, minor, CURRENCY, day, memo=memo, heading=heading)


def _given_back(id_: bytes, record: Record, minor: int, day: str, reference: str, heading: str) -> Transfer:
    move, contra, memo = record.move, TransferKind.CONTRA, f"reversal|{reference}"
    assert move is not None
    original, back = record.transfer, minor * record.units
    return Transfer(
        id_, contra, move.credit, move.debit, back, CURRENCY, day, original=original, memo=memo, heading=heading
    )


def _opening(account: str, minor: int, day: str) -> Transfer:
    id_, direct = digest("opening", account), TransferKind.DIRECT
    return Transfer(id_, direct, OPENING_EQUITY, account, minor, CURRENCY, day, memo="opening|")


def _part(id_: bytes, number: int) -> bytes:
    return id_[:-1] + bytes([number])
