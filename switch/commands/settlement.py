"""`barada settlement`: a business day against the core's and the billers' files, who owes whom, and the reports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ledger.errors import BooksError
from ledger.model import Committed, Outcome
from switch.backoffice.keeping import keep_rows
from switch.backoffice.reports import write_reports
from switch.backoffice.settle import rows_to_keep, settle
from switch.commands.books import Desk
from switch.commands.given import config_options, given_settings, json_option
from switch.commands.settlement_tables import as_object, show_settlement
from switch.commands.showing import show_object
from switch.commands.times import Day
from switch.settlement.file import FileError

_FOLDER = click.Path(file_okay=False, path_type=Path)


_day = click.option("--day", type=Day(), required=True, help="Which business day.")


@click.group()
def settlement() -> None:
    """The end of a business day: the ledger against the core's and each biller's file; who owes whom.

    Ends with 1 while there are breaks that nobody has resolved or dismissed.
    """


@settlement.command()
@config_options
@_day
@click.option(
    "--files", type=_FOLDER, required=True, metavar="DIR", help="Where the peers' files are: PEER-YYYYMMDD.csv."
)
@click.option("--out", type=_FOLDER, required=True, metavar="DIR", help="Where the reports go.")
@json_option
def run(path: str, overrides: tuple[str, ...], day: str, files: Path, out: Path, as_json: bool) -> None:
    """Reconcile a day, write its reports, and open a case for every break that has none.

    Cases are opened for a closed day, and need the ledger to be served; the reports do not.
    """
    desk = Desk(given_settings(path, overrides))
    settings, times = desk.settings, desk.times
    with one_line_errors():
        found = settle(settings, day, files, times.now)
        done, rows = rows_to_keep(settings, found, times.now)
        try:
            _all_kept(keep_rows(settings.ledger.socket, rows, times.now))
        except BooksError:
            write_reports(settings, found, out, times.shown, times.now)  # of cases only those that there are
            raise
        written = write_reports(settings, done, out, times.shown, times.now)
    if as_json:
        show_object({**as_object(done, desk.scale), "written": [str(one) for one in written]})
    else:
        show_settlement(done, desk)
        click.echo(f"written: {', '.join(one.name for one in written)} in {out}")
    raise click.exceptions.Exit(1 if done.unsettled else 0)


@settlement.command()
@config_options
@_day
@click.option(
    "--files", type=_FOLDER, metavar="DIR", help="The peers' files, to reconcile with; else only what is kept."
)
@json_option
def show(path: str, overrides: tuple[str, ...], day: str, files: Path | None, as_json: bool) -> None:
    """A day's positions, its cases, and who reconciled it by message. Writes nothing."""
    desk = Desk(given_settings(path, overrides))
    with one_line_errors():
        done = settle(desk.settings, day, files, desk.times.now)
    if as_json:
        show_object(as_object(done, desk.scale))
    else:
        show_settlement(done, desk)
    raise click.exceptions.Exit(1 if done.unsettled else 0)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """What is wrong with the books, a file or a directory."""
    try:
        yield
    except (BooksError, FileError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'files'}: {error.strerror}") from None


def _all_kept(outcomes: list[Outcome]) -> None:
    lost = sum(1 for one in outcomes if not isinstance(one, Committed))
    if lost:
        raise BooksError(
            f"{lost} of {len(outcomes)} changes were not kept, others changed them meanwhile: run it again"
        )
