"""`barada ledger`: serve the books, look into them, and move what is old to an archive.

Rule: a look never writes and never waits for the writer; it may run beside a serving process. It exits 1 when what it
looked at is not in order, and `--json` prints the same as one JSON document.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table

from config.hardening.process import harden
from ledger import queries, reader, report
from ledger.archiving import archive_journal
from ledger.days import check_day
from ledger.errors import BooksError, OutcomeUnknownError
from ledger.model import CurrencyTotals, RegisterRow
from ledger.process import serve as serve_books
from ledger.scale import Scale, format_amount
from ledger.scale_register import REGISTER, scale_in
from ledger.statement import FIRST, LAST, Page, csv_of, page
from ledger.store import Store
from ledger.verify import Verification
from ledger.verify import verify as verify_books

PIPE_WIDTH = 200
TAKEN_OVER_WITHIN_S = 1.5  # a switch that was killed leaves a ledger behind that finishes its batch, and is soon gone

_database = click.option("--database", metavar="PATH", required=True, help="The books' SQLite file.")
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a table.")


@click.group()
def ledger() -> None:
    """The books: serve them, read them, verify them."""


@ledger.command()
@_database
@click.option("--socket", metavar="PATH", required=True, help="The Unix socket to serve them on.")
@click.option("--day", metavar="YYYYMMDD", help="The first business day of new books; today if absent.")
@click.option("--owned", is_flag=True, help="End when standard input does: with whoever started this.")
@click.option("--linger-ms", type=click.FloatRange(0, 1000), default=0, help="Wait for more before each commit.")
@click.option("--json", "as_json", is_flag=True, help='Say {"ready": true} instead of "ready".')
def serve(database: str, socket: str, day: str | None, owned: bool, linger_ms: float, as_json: bool) -> None:
    """Serve the books until SIGTERM. Prints one line once they can be reached."""
    wait_s = TAKEN_OVER_WITHIN_S if owned else 0.0
    with _one_line_errors(), closing(_store(database, day, wait_s)) as store:
        ready = '{"ready": true}' if as_json else "ready"
        owner = sys.stdin.fileno() if owned else None
        serve_books(store, socket, linger_s=linger_ms / 1000, ready=lambda: click.echo(ready), owner=owner)


def _store(database: str, day: str | None, wait_s: float) -> Store:
    return Store(database, day=day or time.strftime("%Y%m%d"), lock_within_s=wait_s)


@ledger.command("trial-balance")
@_database
@_json
def trial_balance(database: str, as_json: bool) -> None:
    """Debits against credits, per currency, from the balances and from the transfers."""
    with _one_line_errors(), closing(reader.open_reader(database)) as connection:
        currencies = report.trial_balance(connection, queries.TrialBalance())
        scales = report.answer(connection, queries.ListRegister(REGISTER))
        day = report.answer(connection, queries.CurrentDay())
    balanced = all(totals.balanced for totals in currencies)
    if as_json:
        _print_json({"balanced": balanced, "currencies": [_named(totals) for totals in currencies]})
    else:
        _print(_trial_balance_table(currencies, scales, day))
    sys.exit(0 if balanced else 1)


@ledger.command()
@_database
@click.argument("account")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many lines.")
@click.option("--from", "first", metavar="YYYYMMDD", default=FIRST, show_default="the first", help="Business day.")
@click.option("--to", "last", metavar="YYYYMMDD", default=LAST, show_default="the last", help="Business day, included.")
@click.option("--before", metavar="ID", default="", help="Go on after a page: what it said at its end.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values, in units of the books.")
@_json
def statement(
    database: str, account: str, limit: int, first: str, last: str, before: str, as_csv: bool, as_json: bool
) -> None:
    """An account's transfers, the newest first, each in the pound of its own day, with the balance after it."""
    with _one_line_errors(), closing(reader.open_reader(database)) as connection:
        _check_period(first, last)
        found = page(connection, account, limit, first, last, _line_id(before))
        scale = scale_in(report.answer(connection, queries.ListRegister(REGISTER)), found.account.currency)
        day = report.answer(connection, queries.CurrentDay())
    if as_json:
        lines = [
            {**_named(line.transfer), "direction": line.direction, "balance_minor": line.balance_minor}
            for line in found.lines
        ]
        counted = {"scale": _named(scale)} if scale.changes else {}
        _print_json({"account": _named(found.account), **counted, "lines": lines, "before": found.after.hex() or None})
    elif as_csv:
        click.echo("".join(csv_of(found)), nl=False)
    else:
        _print(_statement_table(found, scale, day))
    if found.after and not as_json:
        click.echo(f"more: --before {found.after.hex()}", err=as_csv)


@ledger.command()
@_database
@click.option(
    "--to", "directory", metavar="DIR", type=click.Path(path_type=Path), required=True, help="The archive's directory."
)
@click.option("--before", metavar="YYYYMMDD", help="Entries made before this day began, by this machine's time zone.")
@click.option("--keep-days", type=click.IntRange(1), help="Entries older than so many times 24 hours.")
@_json
def archive(database: str, directory: Path, before: str | None, keep_days: int | None, as_json: bool) -> None:
    """Move the oldest entries of the journal to files; the serving process goes on meanwhile."""
    if (before is None) == (keep_days is None):
        raise click.UsageError("give --before or --keep-days, one of them")
    with _one_line_errors():
        done = archive_journal(database, directory, _moment(before, keep_days))
    if as_json:
        _print_json(msgspec.to_builtins(done))
    else:
        click.echo(f"{done.entries:,} entries moved to {done.files:,} new files; the books begin after {done.until:,}")


def _check_period(first: str, last: str) -> None:
    for day in {first, last} - {FIRST, LAST}:
        check_day(day)
    if first > last:
        raise BooksError(f"from {first} to {last}: ends before it begins")


def _line_id(given: str) -> bytes:
    if re.fullmatch("([0-9a-f]{32})?", given) is None:
        raise BooksError(f"before {given!r}: not what a page says at its end")
    return bytes.fromhex(given)


def _moment(before: str | None, keep_days: int | None) -> float:
    if before is None:
        return time.time() - (keep_days or 0) * 86_400
    return time.mktime(time.strptime(check_day(before), "%Y%m%d"))


@ledger.command()
@_database
@click.option(
    "--archive",
    "directory",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where the journal's beginning was moved to: walk the chain from its origin.",
)
@_json
def verify(database: str, directory: Path | None, as_json: bool) -> None:
    """Walk the hash chain, replay the journal, name every row that differs."""
    with _one_line_errors():
        verification = verify_books(database, directory)
    if as_json:
        _print_json({"clean": verification.clean, "whole": verification.whole, **msgspec.to_builtins(verification)})
    else:
        _print(_verification_table(verification))
    sys.exit(0 if verification.clean else 1)


@contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except (BooksError, OutcomeUnknownError) as error:
        raise click.ClickException(str(error)) from error


def _trial_balance_table(currencies: list[CurrencyTotals], scales: list[RegisterRow], day: str) -> Table:
    """In the pound of the open day."""
    table = _table("Trial balance", "currency", "", "debits", "credits", "transfers", "")
    for totals in currencies:
        shown = partial(format_amount, day=day, scale=scale_in(scales, totals.currency))
        posted = totals.debits_posted, totals.credits_posted, totals.moved_posted
        pending = totals.debits_pending, totals.credits_pending, totals.moved_pending
        table.add_row(totals.currency, "posted", *map(shown, posted), _word(len(set(posted)) == 1))
        table.add_row("", "pending", *map(shown, pending), _word(len(set(pending)) == 1))
    return table


def _word(in_order: bool) -> str:
    return "in balance" if in_order else "[red]OUT OF BALANCE[/red]"


def _statement_table(found: Page, scale: Scale, today: str) -> Table:
    """A line says what its day's papers say; its balance is in the same pound."""
    account = found.account
    balance, held_minor = format_amount(account.balance_minor, today, scale), account.debits_pending
    held = f", held {format_amount(held_minor, today, scale)}" if held_minor else ""
    table = _table(f"{account.name}, balance {balance}{held}", "day", "kind", "other", "D", "C")
    table.add_column("balance", justify="right")
    table.add_column("memo")
    for line in found.lines:
        transfer, debited = line.transfer, line.direction == "D"
        other = transfer.credit if debited else transfer.debit
        moved, left = (
            format_amount(minor, transfer.day, scale) for minor in (transfer.amount_minor, line.balance_minor)
        )
        table.add_row(
            transfer.day, transfer.kind.value, other, *((moved, "") if debited else ("", moved)), left, transfer.memo
        )
    return table


def _verification_table(verification: Verification) -> Table:
    outcome = "clean" if verification.clean else f"[red]{len(verification.findings)} findings[/red]"
    transfers = f"{verification.transfers:,} transfers"
    if not verification.whole:
        outcome += f" in a part, after entry {verification.after:,}"
        transfers = f"{verification.compared:,} of {transfers} compared, --archive compares all"
    title = f"{outcome}: {verification.entries:,} journal entries, {transfers}, head {verification.head[:16]}"
    table = _table(title, "table", "row", "what")
    for finding in verification.findings:
        table.add_row(finding.table, finding.row, finding.what)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title)
    for column in columns:
        table.add_column(column, justify="right" if column in _NUMBERS else "left")
    return table


def _named(value: msgspec.Struct) -> dict[str, Any]:
    """By field name: these structs are array-like on the wire."""
    return {key: _plain(item) for key, item in msgspec.structs.asdict(value).items()}


def _plain(item: Any) -> Any:
    return item.hex() if isinstance(item, bytes) else msgspec.to_builtins(item)


def _print(table: Table) -> None:
    """The title as a line of its own, which a narrow table would wrap; a pipe gets whole amounts."""
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
    console.print(table.title, soft_wrap=True, highlight=False)
    table.title = None
    if table.row_count:
        console.print(table)


def _print_json(document: dict[str, Any]) -> None:
    click.echo(msgspec.json.encode(document).decode())


_NUMBERS: frozenset[str] = frozenset(("debits", "credits", "transfers", "D", "C"))


if __name__ == "__main__":
    harden()
    ledger()
