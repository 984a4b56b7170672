"""`barada run`: serve."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial

import click
import trio

from config.sections import Settings
from switch.commands.given import config_options, given_settings
from switch.running import Running, run_switch


@click.command()
@config_options
@click.option("--json", "as_json", is_flag=True, help="Say where it listens as one JSON object.")
def run(path: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings = given_settings(path, overrides)
    serve = run_switch if settings.switch.workers == 1 else _run_workers
    trio.run(serve, settings, partial(_say, as_json))


async def _run_workers(settings: Settings, on_serving: Callable[[Running], None]) -> None:
    """Loaded only where there are several."""
    from switch.workers.supervisor import run_workers

    await run_workers(settings, on_serving)


def _say(as_json: bool, running: Running) -> None:
    """Only once everything listens: whoever started us may connect now."""
    if as_json:
        workers = {"workers": list(running.workers)} if running.workers else {}
        told = {"serving": running.ports, "pid": os.getpid(), "ledger_pid": running.ledger_pid}
        click.echo(json.dumps({**told, **workers}))
        return
    for name, port in running.ports.items():
        click.echo(f"{name} listens on port {port}")
    click.echo("serving")
