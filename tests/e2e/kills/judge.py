"""Holds what the channels believe against the books, payment by payment.

Rule: the ledger's file is read as it is when all is quiet. Each finding is one sentence about one payment, and comes
with the payment's whole story: what the channel saw, what was killed when, what stands in whose books.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from ledger.reader import open_reader
from switch.flow.keys import identify
from switch.flow.payment import Payment, State, from_record
from tests.e2e.kills.witness import APPROVED, STANDS, UNKNOWN, Case, Witness, clock

POSTED = ("pending", "post")
UNDONE = ((), ("pending", "void"))
GIVEN_BACK = ("contra", "pending", "post")


class Entry(NamedTuple):
    """What the ledger holds of a request: its payment, and the transfers by kind with their amounts."""

    payment: Payment | None
    transfers: tuple[tuple[str, int], ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(sorted(kind for kind, _ in self.transfers))


class Finding(NamedTuple):
    what: str
    case: Case
    entry: Entry


def findings(witness: Witness, ledger: Path) -> list[Finding]:
    """Where a channel's belief and the ledger differ."""
    with closing(open_reader(ledger)) as books:
        found = []
        for case in witness.cases.values():
            entry = _entry(books, case)
            found += [Finding(what, case, entry) for what in wrong_with(case, entry)]
        return found


def wrong_with(case: Case, entry: Entry) -> Iterator[str]:
    believed, reversed_with = case.believed, case.reversal_believed
    if len(believed) > 1:
        yield f"one request got different answers: {sorted(believed)}"
    if len(reversed_with) > 1:
        yield f"one reversal got different answers: {sorted(reversed_with)}"
    given_back = bool(reversed_with & {APPROVED, UNKNOWN})
    if entry.payment is not None and entry.payment.next_at is not None:
        yield "it is still open"
    if entry.payment is not None and entry.payment.state is State.DISPUTED:
        yield "it needs an operator"
    if given_back:
        yield from _given_back(case, entry)
    elif APPROVED in believed or STANDS in reversed_with:
        if entry.kinds != POSTED:
            yield f"the channel was told that it stands, and the ledger has {entry.kinds}"
    elif believed and entry.kinds not in UNDONE:
        yield f"the channel was told {sorted(believed)}, and the ledger has {entry.kinds}"
    elif not believed and not reversed_with:
        yield "the channel never learned what became of it"


def _given_back(case: Case, entry: Entry) -> Iterator[str]:
    if entry.kinds not in (*UNDONE, GIVEN_BACK):
        yield f"the channel's reversal was approved, and the ledger has {entry.kinds}"
    elif entry.kinds == GIVEN_BACK:
        amounts = dict(entry.transfers)
        stands_minor = amounts["post"] - amounts["contra"]
        if stands_minor != case.stands_minor:
            yield f"{case.stands_minor} was to stand, and {stands_minor} does"
    elif case.stands_minor:
        yield "a part was to stand, and nothing does"


def _entry(books: sqlite3.Connection, case: Case) -> Entry:
    key = identify(case.request, datetime.now(UTC).date()).key
    row = books.execute("SELECT payment FROM claims WHERE key = ?", (key,)).fetchone()
    if row is None:
        return Entry(None, ())
    record = books.execute("SELECT record FROM payments WHERE id = ?", row).fetchone()
    select = "SELECT kind, amount_minor FROM transfers WHERE id >= ? AND id < ? AND payment = ?"
    transfers = books.execute(select, (row[0], row[0][:-1] + bytes([row[0][-1] | 0xF]), row[0])).fetchall()
    return Entry(from_record(record[0]), tuple(transfers))


def told(found: Sequence[Finding], timeline: Sequence[tuple[float, str]], directory: Path) -> str:
    """The first few findings, each with its story."""
    return "\n\n".join(_told(one, timeline, directory) for one in found[:3]) + f"\n({len(found)} in all)"


def _told(one: Finding, timeline: Sequence[tuple[float, str]], directory: Path) -> str:
    request, payment = one.case.request, one.entry.payment
    lines = [f"{one.what}: {request.processing_code} of {request.amount}, {request.terminal} STAN {request.stan}"]
    own = one.case.story()
    first, last = min(at for at, _ in own) - 5, max(at for at, _ in own) + 15
    around = [(at, f"* {what}") for at, what in timeline if first <= at <= last]
    lines += [f"  {clock(at)} {what}" for at, what in sorted(own + around)]
    if payment is None:
        lines.append("  the ledger knows nothing of it")
        return "\n".join(lines)
    lines.append(f"  ledger: {payment!r} answer {payment.answer!r} {payment.why} {list(one.entry.transfers)}")
    lines.append(
        f"  known: asked biller {payment.biller_asked}, undo sent {payment.undo_sent}, "
        f"advised {payment.advised}, attempts {payment.attempts}, reversal {payment.reversal!r}"
    )
    lines += [f"  {line}" for line in _elsewhere(directory, request.reference or "")]
    return "\n".join(lines)


def _elsewhere(directory: Path, reference: str) -> Iterator[str]:
    """The transfers that bear the payment's reference (field 37) in the core's and the billers' books."""
    for file in sorted(directory.glob("*.db")):
        with closing(open_reader(file)) as books:
            select = "SELECT kind, amount_minor, debit, credit FROM transfers WHERE memo LIKE ?"
            for kind, amount, debit, credit in books.execute(select, (f"%{reference}%",)):
                yield f"{file.stem}: {kind} {amount} {debit} to {credit}"
