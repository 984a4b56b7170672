"""Opens the books for a look, beside the process that writes them.

Rule: read-only, and never the writer's connection: a look sees one moment, and the writer does not wait for it.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlite_utils import Database

from ledger import schema
from ledger.errors import BooksError


def uri(path: str | os.PathLike[str]) -> str:
    return f"file:{quote(str(Path(path).absolute()))}?mode=ro"


def open_reader(path: str | os.PathLike[str]) -> sqlite3.Connection:
    """Within one transaction: every question it is asked sees the same moment. The caller closes it."""
    if not Path(path).is_file():
        raise BooksError(f"{path}: no such file")
    try:
        connection = sqlite3.connect(uri(path), uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise BooksError(f"{path}: {error}") from error
    try:
        connection.execute("BEGIN")
        schema.check(Database(connection))
    except (sqlite3.Error, schema.WrongSchema) as error:
        connection.close()
        raise BooksError(f"{path}: {error}") from error
    return connection
