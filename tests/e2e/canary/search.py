"""Looks for secrets in whatever bytes there are: files, output, rows of a database, what the system tells of a process.

Rule: a database is looked at twice, as its file is and row by row, since a value that spills over a page is in pieces
in the file. What can't be read is an error here, never "nothing found".
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from ledger.reader import uri
from tests.e2e.canary.forms import FORM_MIN, Form, Secret, forms_of

Places = Mapping[str, bytes]  # by a name for people
Sought = dict[bytes, list[tuple[Secret, Form]]]  # by how the form begins

BLOCK = 4_096
OVERLAP = 512  # longer than any form


def found(secrets: Iterable[Secret], places: Places) -> list[str]:
    """Where which secret stands, and in which form: in each place where it is first met."""
    exact, folded = _sought(secrets)
    met: set[bytes] = set()
    told: dict[tuple[str, str], str] = {}
    for place, data in places.items():
        for block in _blocks(data, met):
            for secret, form in (*_in_block(block, exact), *_in_block(block.lower(), folded)):
                told.setdefault((secret.name, place), f"{secret.name} in {place} ({form.name})")
    return list(told.values())


def _sought(secrets: Iterable[Secret]) -> tuple[Sought, Sought]:
    """Those that must be met as they are, and those in whatever case."""
    exact: Sought = {}
    folded: Sought = {}
    for secret in secrets:
        for form in forms_of(secret):
            (folded if form.folded else exact).setdefault(form.data[:FORM_MIN], []).append((secret, form))
    return exact, folded


def _blocks(data: bytes, met: set[bytes]) -> Iterator[bytes]:
    """Pieces that overlap. One that was met before is passed over: a log grows, and is looked at again and again."""
    for start in range(0, len(data), BLOCK):
        block = data[start : start + BLOCK + OVERLAP]
        if block not in met:
            met.add(block)
            yield block


def _in_block(block: bytes, sought: Sought) -> Iterator[tuple[Secret, Form]]:
    """However much is sought, the block is gone through once."""
    beginnings = {block[at : at + FORM_MIN] for at in range(len(block) - FORM_MIN + 1)}
    for beginning in sought.keys() & beginnings:
        yield from ((secret, form) for secret, form in sought[beginning] if form.data in block)


def files_in(directory: Path, *, but: Collection[Path] = ()) -> dict[str, bytes]:
    """Every file, whatever it is called."""
    files = (path for path in sorted(directory.rglob("*")) if path.is_file() and path not in but)
    return {str(path.relative_to(directory)): path.read_bytes() for path in files}


def rows_in(database: Path) -> dict[str, bytes]:
    """Every value of every table, one after the other."""
    with closing(sqlite3.connect(uri(database), uri=True)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {f"rows of {database.name}, {name}": b"\0".join(_values(connection, name)) for name in tables}


def process(pid: int) -> dict[str, bytes]:
    """What the system tells of a process: to everybody, and to root the environment that it was started with."""
    names = ("cmdline", "comm", "environ") if os.geteuid() == 0 else ("cmdline", "comm")
    return {f"/proc/{pid}/{name}": Path(f"/proc/{pid}/{name}").read_bytes() for name in names}


def _values(connection: sqlite3.Connection, table: str) -> Iterator[bytes]:
    for row in connection.execute(f"SELECT * FROM {table}"):
        yield from (value if isinstance(value, bytes) else str(value).encode() for value in row)
