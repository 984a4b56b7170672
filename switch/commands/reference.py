"""`barada reference`: the wire, the configuration and the saga, described from the tables that the switch runs on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

PAGE = "The page goes to this file, in UTF-8, instead of the standard output."


@click.group()
def reference() -> None:
    """Describe the messages on the wire, the configuration file, or the saga, in Markdown."""


@reference.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help=PAGE)
def wire(output: Path | None) -> None:
    """Framings, dialects, messages, services, fields, tags and codes."""
    from switch.reference.wire import wire_reference

    _give(wire_reference, output)


@reference.command("config")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help=PAGE)
def config_(output: Path | None) -> None:
    """Every section and key of the configuration file."""
    from switch.reference.configuration import configuration_reference

    _give(configuration_reference, output)


@reference.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help=PAGE)
def saga(output: Path | None) -> None:
    """What becomes of a payment: states, rules, and the table."""
    from switch.reference.saga import saga_reference

    _give(saga_reference, output)


def _give(page: Callable[[], str], output: Path | None) -> None:
    if output is None:
        click.echo(page(), nl=False)
    else:
        output.write_text(page(), encoding="utf-8", newline="\n")
