"""`barada run`: serve."""

from __future__ import annotations

import json
import os
from functools import partial

import click
import trio

from config.settings import demo_path, load
from switch.running import Running, run_switch
from switch.services.table import BY_NAME


@click.command()
@click.option(
    "--config",
    "path",
    type=click.Path(dir_okay=False),
    default=str(demo_path()),
    show_default="the demo's",
    help="The configuration, a TOML file.",
)
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Replace one setting: listeners.atm.port=0"
)
@click.option("--json", "as_json", is_flag=True, help="Say where it listens as one JSON object.")
def run(path: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings = load(path, dict(_override(text) for text in overrides), services=BY_NAME)
    trio.run(run_switch, settings, partial(_say, as_json))


def _override(text: str) -> tuple[str, object]:
    key, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r}: allowed: KEY=VALUE", param_hint="--set")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


def _say(as_json: bool, running: Running) -> None:
    """Only once everything listens: whoever started us may connect now."""
    if as_json:
        click.echo(json.dumps({"serving": running.ports, "pid": os.getpid(), "ledger_pid": running.ledger_pid}))
        return
    for name, port in running.ports.items():
        click.echo(f"{name} listens on port {port}")
    click.echo("serving")
