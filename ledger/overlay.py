"""A reader's view of what the tables do not have yet.

Rule: what is acknowledged is seen, whether the serving process is at work, was killed, or has a full disk. A reader may
not write to the file, so it applies the journal's newest entries in tables of its own, and lays them over the file's:
views in `temp`, which SQLite takes first, under the tables' names.
"""

# ruff: noqa: S608 - every interpolated name is a constant of ours
from __future__ import annotations

import sqlite3

from ledger import journal, replay, writer
from ledger.schema import KEYS
from ledger.shelf import Shelf

WRITTEN_BY = {"accounts": "number", "payments": "id"}  # what `writer` finds a row by that it changes


def lay(connection: sqlite3.Connection) -> None:
    """Within a transaction that reads."""
    tables_at, (last, _) = journal.tables_at(connection), journal.last(connection)
    if last <= tables_at:
        return
    shelf = Shelf(connection)
    for entry in replay.lacking(connection):
        replay.apply(shelf, entry)
    for table in (*KEYS, "marks"):
        connection.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM main.{table} LIMIT 0")
    for table, key in WRITTEN_BY.items():
        connection.execute(f"CREATE INDEX temp.{table}_written ON {table} ({key})")
    _copy_changed(connection, shelf)
    writer.write(connection, shelf, last)
    for table, keys in KEYS.items():
        named = ", ".join(keys)
        connection.execute(f"CREATE TEMP TABLE ahead_{table} AS SELECT * FROM temp.{table}")
        connection.execute(f"DROP TABLE temp.{table}")
        connection.execute(f"CREATE INDEX temp.ahead_{table}_keys ON ahead_{table} ({named})")
        there = f"SELECT * FROM main.{table} WHERE ({named}) NOT IN (SELECT {named} FROM temp.ahead_{table})"
        connection.execute(f"CREATE TEMP VIEW {table} AS {there} UNION ALL SELECT * FROM temp.ahead_{table}")


def _copy_changed(connection: sqlite3.Connection, shelf: Shelf) -> None:
    """What is updated must be there."""
    names = ((name,) for name in shelf.ahead.touched_accounts())
    connection.executemany("INSERT INTO temp.accounts SELECT * FROM main.accounts WHERE name = ?", names)
    ids = ((id_,) for id_ in shelf.ahead.payments)
    connection.executemany("INSERT INTO temp.payments SELECT * FROM main.payments WHERE id = ?", ids)
