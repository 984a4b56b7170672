"""`barada run`: serve."""

from __future__ import annotations

import json
import os
from functools import partial

import click
import trio

from switch.commands.given import config_options, given_settings
from switch.running import Running, run_switch


@click.command()
@config_options
@click.option("--json", "as_json", is_flag=True, help="Say where it listens as one JSON object.")
def run(path: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings = given_settings(path, overrides)
    trio.run(run_switch, settings, partial(_say, as_json))


def _say(as_json: bool, running: Running) -> None:
    """Only once everything listens: whoever started us may connect now."""
    if as_json:
        click.echo(json.dumps({"serving": running.ports, "pid": os.getpid(), "ledger_pid": running.ledger_pid}))
        return
    for name, port in running.ports.items():
        click.echo(f"{name} listens on port {port}")
    click.echo("serving")
