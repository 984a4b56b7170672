"""A simulated host's memory: what it was asked, how it answered, what moved, all in a ledger of its own.

Rule: whatever an answer promises is committed here before the answer leaves, in one group: the claim on the key,
the move of money, and the record with the answer. Facts that change with it travel in the same commit. There is
one writer, this process, so what was read just before a commit still holds in it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import msgspec

from ledger.model import (
    Claim,
    Committed,
    Found,
    Group,
    Opening,
    PaymentRow,
    StatementLine,
    Transfer,
    TransferKind,
)
from ledger.queries import FindClaim, GetPayment, GetStatement, Query, Statement
from ledger.store import Store
from simulators.identity import Identity, payment_key
from simulators.records import Decision, Fact, Move, Record, Undone, from_bytes, to_bytes

CURRENCY = "760"
FACT = "fact"
OPENING_EQUITY = "equity:opening"
OPENINGS_PER_GROUP = 500
PAGE = 40  # lines read at a time: two pages of a statement

Clock = Callable[[], dt.datetime]
T = TypeVar("T")


class JournalError(Exception):
    """The books refused what this process had checked before: its own bug, or someone else writes to its file."""


class Remembered(msgspec.Struct, frozen=True):
    """A question found again: the claim that was found, and the record behind it as it is now."""

    claim: Claim
    row: PaymentRow
    record: Record


class Journal:
    """`clock` gives aware UTC moments; `zone` is where the host keeps its calendar."""

    def __init__(self, store: Store, clock: Clock, zone: dt.tzinfo = dt.UTC) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone

    def now(self) -> dt.datetime:
        """The local moment."""
        return self._clock().astimezone(self._zone)

    @property
    def day(self) -> str:
        """The business day, YYYYMMDD: it follows the calendar, and never goes back."""
        today, current = f"{self.now():%Y%m%d}", self._store.current_day()
        if today > current:
            self._store.open_day(today)
        return max(today, current)

    def find(self, identity: Identity) -> Remembered | None:
        """The question itself if it was asked before; by its alias only where repeats are concerned."""
        for key in identity.keys:
            found = self._find(key, "")
            if found is not None:
                return found
        found = self._find(identity.key, identity.alias)
        return found if found is not None and (identity.repeat or found.claim.repeat) else None

    def find_payment(self, payment: str) -> Remembered | None:
        """By the asker's own id of it."""
        return self._find(payment_key(payment), "")

    def balance(self, account: str) -> int:
        """What the account's holder has; zero if there is no such account yet."""
        found = self._statement(account, b"", 1)
        return 0 if found is None or found.account is None else found.account.balance_minor

    def is_open(self, account: str) -> bool:
        """Whether money ever moved to or from the account."""
        return self._statement(account, b"", 1) is not None

    def lines(self, account: str, before: bytes = b"") -> Iterator[StatementLine]:
        """The account's movements, newest first, after the one with the id `before`."""
        while (page := self._statement(account, before, PAGE)) is not None and page.lines:
            yield from page.lines
            before = page.lines[-1].transfer.id

    def fact(self, name: str) -> bytes | None:
        """What was last noted under this name."""
        row = self._fact_row(name)
        return None if row is None else row.record

    def note(self, *facts: Fact) -> None:
        """Commit facts by themselves: a wrong try counts whatever becomes of the question."""
        self._commit([self._fact_group(fact) for fact in facts])

    def open_accounts(self, openings: Iterable[tuple[str, int]]) -> None:
        """Give each account that is not there yet its opening balance."""
        day = self.day
        pending = [(name, minor) for name, minor in openings if not self.is_open(name)]
        groups = []
        for start in range(0, len(pending), OPENINGS_PER_GROUP):
            part = pending[start : start + OPENINGS_PER_GROUP]
            groups.append(
                Group(
                    id=_digest("openings", part[0][0]),
                    openings=(Opening(OPENING_EQUITY, CURRENCY), *(Opening(name, CURRENCY) for name, _ in part)),
                    transfers=tuple(_opening(name, amount, day) for name, amount in part if amount),
                )
            )
        self._commit(groups)

    def remember(self, identity: Identity, content: bytes, decision: Decision, service: str, reference: str) -> Record:
        """Make a decision durable under the question's keys."""
        id_, move = self._new_id(identity.key), decision.move
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
        )
        group = Group(
            id=id_,
            payment=self._row(id_, 1, record),
            claims=_claims(identity, content, "original"),
            openings=_openings(move),
            transfers=(self._transfer(record, move, reference),) if move else (),
        )
        self._commit([group, *(self._fact_group(fact) for fact in decision.facts)])
        return record

    def bury(self, original: Identity, reversal: Identity, content: bytes, code: str) -> Record:
        """Remember a reversal whose original is not known: the original that comes later is too late."""
        id_ = self._new_id(original.key)
        record = Record(service="", undone=Undone("", code))
        claims = (*_claims(original, b"", "original"), *_claims(reversal, content, "reversal"))
        self._commit([Group(id=id_, payment=self._row(id_, 1, record), claims=claims)])
        return record

    def undo(
        self,
        found: Remembered,
        reversal: Identity,
        content: bytes,
        *,
        back_minor: int,
        undone: Undone,
        facts: tuple[Fact, ...] = (),
        reference: str = "",
    ) -> None:
        """Give back `back_minor` of what a question moved (0: nothing moved), and remember that it was undone."""
        record = msgspec.structs.replace(found.record, undone=undone)
        group = Group(
            id=self._new_id(reversal.key),
            payment=self._row(found.row.id, found.row.version + 1, record),
            claims=_claims(reversal, content, "reversal"),
            transfers=(self._contra(record, back_minor, reference),) if back_minor else (),
        )
        self._commit([group, *(self._fact_group(fact) for fact in facts)])

    def _commit(self, groups: list[Group]) -> None:
        for outcome in self._store.apply_groups(groups):
            if not isinstance(outcome, Committed):
                raise JournalError(f"the books said {type(outcome).__name__.lower()}")

    def _find(self, key: str, alias: str) -> Remembered | None:
        found = self._ask(FindClaim(key, alias), Found)
        if found is None or found.claim is None or found.payment is None:
            return None
        return Remembered(found.claim, found.payment, from_bytes(found.payment.record))

    def _statement(self, account: str, before: bytes, limit: int) -> Statement | None:
        return self._ask(GetStatement(account, limit, before, posted_only=True), Statement)

    def _fact_row(self, name: str) -> PaymentRow | None:
        return self._ask(GetPayment(_digest(FACT, name)), PaymentRow)

    def _ask(self, query: Query, kind: type[T]) -> T | None:
        found = self._store.answer(query)
        if found is not None and not isinstance(found, kind):
            raise JournalError(f"the books said {type(found).__name__.lower()}")
        return found

    def _fact_group(self, fact: Fact) -> Group:
        row = self._fact_row(fact.name)
        version = 1 if row is None else row.version + 1
        kind = fact.name.partition(":")[0]
        changed = PaymentRow(_digest(FACT, fact.name), version, FACT, kind, self.day, None, fact.value)
        return Group(id=_digest(FACT, f"{fact.name}:{version}"), payment=changed)

    def _row(self, id_: bytes, version: int, record: Record) -> PaymentRow:
        state = "buried" if record.is_tombstone else "undone" if record.undone else record.code
        return PaymentRow(id_, version, state, record.service, self.day, None, to_bytes(record))

    def _transfer(self, record: Record, move: Move, reference: str) -> Transfer:
        return Transfer(
            id=record.transfer,
            kind=TransferKind.DIRECT,
            debit=move.debit,
            credit=move.credit,
            amount_minor=move.amount_minor,
            currency=CURRENCY,
            day=self.day,
            memo=f"{move.kind}|{reference}",
        )

    def _contra(self, record: Record, amount_minor: int, reference: str) -> Transfer:
        assert record.move is not None
        return Transfer(
            id=_part(self._new_id(f"contra:{record.transfer.hex()}"), 2),
            kind=TransferKind.CONTRA,
            debit=record.move.credit,
            credit=record.move.debit,
            amount_minor=amount_minor,
            currency=CURRENCY,
            day=self.day,
            original=record.transfer,
            memo=f"reversal|{reference}",
        )

    def _new_id(self, about: str) -> bytes:
        """16 bytes, the time in ms first."""
        ms = int(self._clock().timestamp() * 1000)
        return ms.to_bytes(6) + _digest("id", about)[:9] + b"\x00"


def _claims(identity: Identity, content: bytes, role: str) -> tuple[Claim, ...]:
    key, *more = reversed(identity.keys)
    alias = Claim(key, identity.alias, content, role, identity.repeat and bool(content))
    return (alias, *(Claim(other, "", content, role) for other in more))


def _openings(move: Move | None) -> tuple[Opening, ...]:
    return (Opening(move.debit, CURRENCY), Opening(move.credit, CURRENCY)) if move else ()


def _opening(account: str, amount_minor: int, day: str) -> Transfer:
    return Transfer(
        id=_digest("opening", account),
        kind=TransferKind.DIRECT,
        debit=OPENING_EQUITY,
        credit=account,
        amount_minor=amount_minor,
        currency=CURRENCY,
        day=day,
        memo="opening|",
    )


def _part(id_: bytes, number: int) -> bytes:
    return id_[:-1] + bytes([number])


def _digest(*parts: str) -> bytes:
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).digest()
