"""The journal: one row per committed batch, each hash taken over the one before it.

Rule: append only. The bodies are the groups' own bytes, as they were sent, so that replaying them gives every table
again (`verify`); a row edited, removed or put in between breaks the chain from there on.
"""

# ruff: noqa: S608 - every interpolated name is a constant of ours
from __future__ import annotations

import hashlib
import sqlite3
import struct
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from ledger.model import DayChange, Group

GROUPS = "groups"
DAY = "day"  # of older books: a business day changed by itself; now it does within a group
ORIGIN = bytes(32)

_groups_decoder = msgspec.msgpack.Decoder(list[Group])
_day_decoder = msgspec.msgpack.Decoder(DayChange)


class _Named(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A group as far as its id: the rest is passed over."""

    id: bytes


_names_decoder = msgspec.msgpack.Decoder(list[_Named])


class Entry(NamedTuple):
    sequence: int
    at: float
    kind: str
    body: bytes
    hash: bytes


def entry_hash(previous: bytes, sequence: int, at: float, kind: str, body: bytes) -> bytes:
    head = struct.pack(">32sQd8s", previous, sequence, at, kind.encode())
    return hashlib.sha256(head + body).digest()


def follows(entry: Entry, before: int, previous: bytes) -> bool:
    """Whether an entry is what comes after the one with this sequence and this hash."""
    expected = entry_hash(previous, entry.sequence, entry.at, entry.kind, entry.body)
    return entry.sequence == before + 1 and entry.hash == expected


def append(connection: sqlite3.Connection, entry: Entry) -> None:
    connection.execute("INSERT INTO journal (sequence, at, kind, body, hash) VALUES (?, ?, ?, ?, ?)", entry)


def groups_body(raws: list[bytes]) -> bytes:
    """A msgpack array (array 32) of the groups as they are."""
    return b"".join((struct.pack(">BI", 0xDD, len(raws)), *raws))


def groups_of(entry: Entry) -> list[Group]:
    """Raises msgspec.DecodeError if they are none."""
    if entry.kind == DAY:
        return [Group(entry.hash[:16], days=(_day_decoder.decode(entry.body),))]
    return _groups_decoder.decode(entry.body)


def last(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Sequence and hash of the newest entry."""
    row = connection.execute("SELECT sequence, hash FROM journal ORDER BY sequence DESC LIMIT 1").fetchone()
    return archived(connection) if row is None else (row[0], row[1])


def walk(
    connection: sqlite3.Connection, schema: str = "main", after: int = 0, until: int | None = None
) -> Iterator[Entry]:
    """Entries after one and up to another, in their order."""
    select = f"SELECT sequence, at, kind, body, hash FROM {schema}.journal WHERE sequence > ? AND sequence <= ?"
    last = 2**63 - 1 if until is None else until
    for row in connection.execute(f"{select} ORDER BY sequence", (after, last)):
        yield Entry(*row)


def tables_at(connection: sqlite3.Connection, schema: str = "main") -> int:
    """The entry up to which the tables are written; those after it are applied again at the start."""
    (sequence,) = connection.execute(f"SELECT sequence FROM {schema}.marks WHERE name = 'tables'").fetchone()
    return int(sequence)


def archived(connection: sqlite3.Connection, schema: str = "main") -> tuple[int, bytes]:
    """The newest entry that was moved to an archive, and its hash; where there is none, what the first one follows."""
    row = connection.execute(f"SELECT sequence, hash FROM {schema}.marks WHERE name = 'archived'").fetchone()
    return row[0], row[1]


def hash_at(connection: sqlite3.Connection, sequence: int) -> bytes | None:
    """Of an entry that the books have, or that was the newest one moved to an archive."""
    row = connection.execute("SELECT hash FROM journal WHERE sequence = ?", (sequence,)).fetchone()
    cut, head = archived(connection)
    return row[0] if row is not None else head if sequence == cut else None


def forget(connection: sqlite3.Connection, until: Entry) -> None:
    """What an archive holds, up to this entry. Within a transaction."""
    connection.execute("DELETE FROM journal WHERE sequence <= ?", (until.sequence,))
    connection.execute("UPDATE marks SET sequence = ?, hash = ? WHERE name = 'archived'", (until.sequence, until.hash))


def recent_groups(connection: sqlite3.Connection, most: int) -> dict[bytes, int]:
    """The newest groups' ids and batches, oldest first: what a client may still send again."""
    batches: list[tuple[int, list[_Named]]] = []
    select = "SELECT sequence, body FROM journal WHERE kind = ? ORDER BY sequence DESC"
    for sequence, body in connection.execute(select, (GROUPS,)):
        groups = _names_decoder.decode(body)
        batches.append((sequence, groups))
        most -= len(groups)
        if most <= 0:
            break
    return {group.id: sequence for sequence, groups in reversed(batches) for group in groups}
