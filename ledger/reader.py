"""Opens the books for a look, beside the process that writes them.

Rule: read-only, and never the writer's connection: a look sees one moment, and the writer does not wait for it.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

from ledger import overlay, replay, schema
from ledger.errors import BooksError
from ledger.sqlite_tools import Database


def uri(path: str | os.PathLike[str]) -> str:
    return f"file:{quote(str(Path(path).absolute()))}?mode=ro"


def open_reader(path: str | os.PathLike[str], *, tables_alone: bool = False) -> sqlite3.Connection:
    """Within one transaction: every question it is asked sees the same moment. The caller closes it.
    `tables_alone`: without what the journal is ahead of them."""
    if not Path(path).is_file():
        raise BooksError(f"{path}: no such file")
    with ExitStack() as opened:
        try:
            connection = sqlite3.connect(uri(path), uri=True, isolation_level=None)
            opened.callback(connection.close)
            connection.execute("BEGIN")
            schema.check(Database(connection))
            if not tables_alone:
                overlay.lay(connection)
        except (sqlite3.Error, schema.WrongSchema, replay.CannotReplay) as error:
            raise BooksError(f"{path}: {error}") from error
        opened.pop_all()
    return connection
