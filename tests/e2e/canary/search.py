"""Looks for secrets in whatever bytes there are: files, output, rows of a database, what the system tells of a process.

Rule: a database is looked at twice, as its file is and row by row, since a value that spills over a page is in pieces
in the file. What can't be read is an error here, never "nothing found".
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from ledger.reader import uri
from tests.e2e.canary.forms import Secret, forms_of

Places = Mapping[str, bytes]  # by a name for people


def found(secrets: Iterable[Secret], places: Places) -> list[str]:
    """Where which secret stands in which form; a secret is told once for each place."""
    folded = {name: data.lower() for name, data in places.items()}
    told = []
    for secret in secrets:
        forms = forms_of(secret)
        for name, data in places.items():
            form = next((one for one in forms if one.data in (folded[name] if one.folded else data)), None)
            if form is not None:
                told.append(f"{secret.name} in {name} ({form.name})")
    return told


def files_in(directory: Path, *, but: Iterable[str] = ()) -> dict[str, bytes]:
    """Every file, whatever it is called, but for those of these names."""
    files = (path for path in sorted(directory.rglob("*")) if path.is_file() and path.name not in but)
    return {str(path.relative_to(directory)): path.read_bytes() for path in files}


def rows_in(database: Path) -> dict[str, bytes]:
    """Every value of every table, one after the other."""
    with closing(sqlite3.connect(uri(database), uri=True)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {f"rows of {database.name}, {name}": b"\0".join(_values(connection, name)) for name in tables}


def process(pid: int) -> dict[str, bytes]:
    """What the system tells of a process to whoever asks, and what it was started with."""
    return {f"/proc/{pid}/{name}": Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ", "comm")}


def _values(connection: sqlite3.Connection, table: str) -> Iterator[bytes]:
    for row in connection.execute(f"SELECT * FROM {table}"):
        yield from (value if isinstance(value, bytes) else str(value).encode() for value in row)
