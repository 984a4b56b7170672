"""The command line: finds its commands, and turns what goes wrong into a line and an exit code.

Rule: a command is loaded only when it is asked for, and found by its entry point in the group "barada.commands", so
that the switch imports no simulator. What a person can mend is one line on the standard error; a bug of ours is loud,
but tells only its class and its place, because its words, like the values around it, may hold what must not be seen.

Exit codes: 0 done; 1 it failed; 2 wrong usage or configuration; 70 a bug (EX_SOFTWARE of sysexits.h); 130 interrupted.
"""

from __future__ import annotations

import io
import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import click

from config.hardening.faults import leaves, report
from config.hardening.process import harden

GROUP = "barada.commands"

FAILED, USAGE, BUG, INTERRUPTED = 1, 2, 70, 130
ERROR = "Error: "


class Commands(click.Group):
    """A group whose commands are the entry points of `GROUP`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_found()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        known = super().get_command(ctx, cmd_name)
        point = _found().get(cmd_name)
        return known if known is not None or point is None else _loaded(point)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """As click does it, but a command that is broken leaves the help of the others readable."""
        names = self.list_commands(ctx)
        limit = formatter.width - 6 - max(map(len, names), default=0)
        rows = [(name, self._short_help(ctx, name, limit)) for name in names]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        _write_what_can_be_written()
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort, click.ClickException, BrokenPipeError):
            raise
        except BaseException as error:
            if isinstance(error, SystemExit | GeneratorExit):
                raise
            raise _said(error) from None

    def _short_help(self, ctx: click.Context, name: str, limit: int) -> str:
        try:
            command = self.get_command(ctx, name)
        except click.ClickException as error:
            return f"({error.message})"
        return command.get_short_help_str(limit) if command is not None else ""


@cache
def _found() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _loaded(point: EntryPoint) -> click.Command:
    try:
        command: click.Command = point.load()
    except ImportError as error:
        raise click.ClickException(f"{point.name} cannot be loaded: {type(error).__name__} {error.name}") from None
    return command


def _write_what_can_be_written() -> None:
    """A terminal that lacks a character gets a question mark, not a failure."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _said(error: BaseException) -> Exception:
    """Says what went wrong, and gives the exception with which click leaves."""
    lines, code = told_of(error)
    for line in lines:
        click.echo(line, err=True)
    return click.exceptions.Exit(code)


def told_of(error: BaseException) -> tuple[list[str], int]:
    """The lines about what ended a process, and its exit code."""
    errors = list(leaves(error))
    if any(isinstance(one, KeyboardInterrupt) for one in errors):
        return [], INTERRUPTED
    bugs = [one for one in errors if _line_about(one) is None]
    if bugs:
        return [report(bug) for bug in bugs], BUG
    lines = dict.fromkeys(f"{ERROR}{_line_about(one)}" for one in errors)
    return list(lines), max(_exit_code(one) for one in errors)


def _line_about(error: BaseException) -> str | None:
    """The line about something that a person can mend; None of a bug."""
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, OSError):
        where = [str(name) for name in (error.filename, error.filename2) if name is not None]
        return ": ".join([*where, error.strerror or str(error) or type(error).__name__])
    return str(error) if isinstance(error, _mendable()) else None


def _exit_code(error: BaseException) -> int:
    from config.errors import ConfigError

    if isinstance(error, click.ClickException):
        return error.exit_code
    return USAGE if isinstance(error, ConfigError) else FAILED


def _mendable() -> tuple[type[Exception], ...]:
    """Errors whose text was written for whoever started the command. Imported only now, for the sake of the start."""
    from config.errors import ConfigError
    from ledger.errors import BooksError, OutcomeUnknownError
    from switch.net.keeper import StartError
    from switch.security.port import SecurityError

    return ConfigError, BooksError, OutcomeUnknownError, StartError, SecurityError


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="barada", prog_name="barada", message="%(prog)s %(version)s")
def main() -> None:
    """Barada, a central payment switch: ISO 8583 in, bank core and billers out, every movement in a ledger."""


def start() -> None:
    """Where a process of ours begins."""
    harden()
    main()


if __name__ == "__main__":
    start()
