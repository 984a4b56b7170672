"""What came into the accounts of one kind, and when: for whoever asks how an account lives, not what it holds.

Rule: reads only, for a reader's connection beside the serving process. Ids begin with their time, so a span of time is
a span of ids, found by the table's own order; what is added up is added up by SQLite, in one walk over the span. A
transfer is taken at the time of its id; a contra has its original's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import NamedTuple

TIME_BYTES = 6  # milliseconds since 1970
PART_S = 2 * 86_400.0


class Inflow(NamedTuple):
    """What was posted to one account within a part of a span; what was given back later is not taken off."""

    account: str
    times: int
    amount_minor: int
    oldest: float
    newest: float


def id_at(at: float) -> bytes:
    """The smallest id of a moment."""
    return int(at * 1000).to_bytes(TIME_BYTES) + bytes(16 - TIME_BYTES)


def time_of(id_: bytes) -> float:
    return int.from_bytes(id_[:TIME_BYTES]) / 1000


def inflows(connection: sqlite3.Connection, prefix: str, first: float, last: float) -> Iterator[Inflow]:
    """By account whose name begins so, for each part of the span in which there was any: the parts are small enough
    that SQLite sorts each of them in memory, which takes half of the time that the whole would."""
    for start, end in _parts(first, last):
        rows = connection.execute(_INFLOWS, (id_at(start), id_at(end), prefix, _after(prefix)))
        for account, times, amount_minor, oldest, newest in rows:
            yield Inflow(account, times, amount_minor, time_of(oldest), time_of(newest))


def count_inflows(connection: sqlite3.Connection, prefix: str, first: float, last: float) -> int:
    """How often anything was posted to such accounts within a span."""
    (count,) = connection.execute(_COUNT, (id_at(first), id_at(last), prefix, _after(prefix))).fetchone()
    return int(count)


def given_back(
    connection: sqlite3.Connection, prefix: str, first: float, last: float
) -> Iterator[tuple[str, bytes, int, int]]:
    """Account, transfer, its whole amount and how much of it came back, of contras within a span."""
    yield from connection.execute(_GIVEN_BACK, (id_at(first), id_at(last), prefix, _after(prefix)))


def amounts_since(connection: sqlite3.Connection, since: Mapping[str, float]) -> Iterator[tuple[str, int, int]]:
    """Account, amount and how often just that was posted to it since its moment."""
    if not since:
        return
    connection.execute("CREATE TEMP TABLE since (name TEXT PRIMARY KEY, id BLOB) WITHOUT ROWID")
    try:
        connection.executemany(
            "INSERT INTO temp.since VALUES (?, ?)", [(name, id_at(at)) for name, at in since.items()]
        )
        yield from connection.execute(_AMOUNTS, (id_at(min(since.values())),)).fetchall()
    finally:
        connection.execute("DROP TABLE temp.since")


def ended_so(
    connection: sqlite3.Connection, service: str, states: tuple[str, str], first: float, last: float
) -> Iterator[bytes]:
    """The records of payments of a service that are in either state, begun within a span."""
    select = "SELECT record FROM payments WHERE id >= ? AND id < ? AND service = ? AND state IN (?, ?)"
    for (record,) in connection.execute(select, (id_at(first), id_at(last), service, *states)):
        yield record


def _parts(first: float, last: float) -> Iterator[tuple[float, float]]:
    start = first
    while start < last:
        end = min(start + PART_S, last)
        yield start, end
        start = end


def _after(prefix: str) -> str:
    """What sorts after every name that begins so."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


_INFLOWS = """
SELECT credit, count(*), sum(amount_minor), min(id), max(id) FROM transfers
WHERE id >= ? AND id < ? AND kind IN ('direct', 'post') AND credit >= ? AND credit < ? GROUP BY credit
"""
_COUNT = """
SELECT count(*) FROM transfers
WHERE id >= ? AND id < ? AND kind IN ('direct', 'post') AND credit >= ? AND credit < ?
"""
_GIVEN_BACK = """
SELECT contra.debit, contra.original, original.amount_minor, contra.amount_minor
FROM transfers AS contra CROSS JOIN transfers AS original ON original.id = contra.original
WHERE contra.id >= ? AND contra.id < ? AND contra.kind = 'contra' AND contra.debit >= ? AND contra.debit < ?
"""
_AMOUNTS = """
SELECT credit, amount_minor, count(*) FROM transfers CROSS JOIN temp.since AS since ON since.name = credit
WHERE transfers.id >= ? AND transfers.id >= since.id AND kind IN ('direct', 'post') GROUP BY credit, amount_minor
"""
