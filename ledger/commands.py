"""`barada ledger`: serve the books, and look into them.

Rule: a look never writes and never waits for the writer; it may run beside a serving process.
"""

from __future__ import annotations

import time
from typing import NoReturn

import click

from ledger.errors import BooksError, OutcomeUnknownError
from ledger.process import serve as serve_books
from ledger.store import Store


@click.group()
def ledger() -> None:
    """The books: serve them, read them, verify them."""


@ledger.command()
@click.option("--database", type=click.Path(dir_okay=False), required=True, help="The books' SQLite file.")
@click.option("--socket", type=click.Path(dir_okay=False), required=True, help="The Unix socket to serve them on.")
@click.option("--day", metavar="YYYYMMDD", help="The first business day of new books; today if absent.")
@click.option("--linger-ms", type=click.FloatRange(0, 1000), default=0, help="Wait for more before each commit.")
def serve(database: str, socket: str, day: str | None, linger_ms: float) -> None:
    """Serve the books until SIGTERM."""
    try:
        store = Store(database, day=day or time.strftime("%Y%m%d"))
        try:
            serve_books(store, socket, linger_s=linger_ms / 1000, ready=lambda: click.echo("ready"))
        finally:
            store.close()
    except (BooksError, OutcomeUnknownError) as error:
        _fail(error)


def _fail(error: Exception) -> NoReturn:
    raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    ledger()
