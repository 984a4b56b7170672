"""What a person sees of the demo: progress while it runs, then tables.

Rule: nothing is worked out here. Progress goes to standard error, so that standard output is only the outcome.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from simulators.channels.tally import Tally


class Watch:
    """One line that says what is going on, and how far it is."""

    def __init__(self, progress: Progress, payments: int) -> None:
        self._progress = progress
        self._task = progress.add_task("Starting", total=payments)

    def say(self, what: str) -> None:
        self._progress.update(self._task, description=what)

    def paid(self, payments: int) -> None:
        self._progress.update(self._task, completed=payments)


@contextmanager
def watched(payments: int) -> Iterator[Watch]:
    """Progress on standard error, live where that is a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("payments"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield Watch(progress, payments)


def outcome_table(tally: Tally) -> None:
    """Requests by service: approved, and declined by code."""
    table = Table("Service", "Approved", "Declined", title="What was asked for", title_justify="left")
    table.columns[1].justify = "right"
    for name, counted in tally.report().items():
        codes = ", ".join(f"{code} × {number}" for code, number in counted["declined"].items())
        table.add_row(name.replace(":", "  "), f"{counted['approved']:,}", codes)
    table.add_section()
    table.add_row("all", f"{tally.approved:,}", f"{tally.declined:,}" if tally.declined else "")
    Console().print(table)


def books_tables(summary: Mapping[str, Any]) -> None:
    """The trial balance, and what was found on comparing each peer's books with the ledger."""
    console = Console()
    balance = Table("Currency", "Debits − credits", title="Trial balance of the ledger", title_justify="left")
    for currency, difference in summary["trial_balance"].items():
        balance.add_row(currency, f"{difference:,}")
    console.print(balance)
    table = Table("Books of", "Accounts", "Differences", title="Ledger against peers", title_justify="left")
    for peer, found in summary["reconciliation"].items():
        table.add_row(peer, f"{found['accounts']:,}", f"{len(found['differences'])}")
    console.print(table)
    for peer, found in summary["reconciliation"].items():
        for one in found["differences"]:
            console.print(f"{one['account']}: ledger {one['ledger_minor']:,}, {peer} {one['peer_minor']:,}")


def days_table(days: Sequence[Mapping[str, Any]]) -> None:
    """The business days: how they ended, whose totals agree (0500), and what comparing the files of the day found."""
    table = Table("Day", "State", "In balance", "Out of balance", "Breaks", title="Business days", title_justify="left")
    table.columns[-1].justify = "right"
    for one in days:
        names = {said: [name for name, agrees in one["in_balance"].items() if agrees is said] for said in (True, False)}
        breaks = f"{len(one['breaks'])} of {len(one['planted'])} planted" if one["planted"] else f"{len(one['breaks'])}"
        table.add_row(one["day"], one["state"], ", ".join(names[True]), ", ".join(names[False]), breaks)
    Console().print(table)


def figures(summary: Mapping[str, Any]) -> None:
    """Speed, and what it cost."""
    cpu = summary["cpu_us_per_payment"]
    Console().print(
        f"{summary['payments']:,} payments in {summary['elapsed_s']:.1f} s: {summary['payments_per_s']:,.0f} a second; "
        f"CPU a payment, other requests included: switch {cpu['switch']:,.0f} µs, ledger {cpu['ledger']:,.0f} µs"
    )
    Console().print(f"{summary['key_changes']} keys were changed while it ran.")


def verdict(problems: Sequence[str], *, faults: bool) -> None:
    console = Console()
    for problem in problems:
        console.print(f"[bold red]{problem}")
    if not problems:
        console.print("Every request was answered, every service worked, and all books agree.")
    if not problems and faults:
        console.print("What was planted in the days' files and totals was found, and nothing else.")
