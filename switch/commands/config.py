"""`barada config`: is a file fit to run with."""

from __future__ import annotations

import click

from config.settings import Settings, load
from switch.security.soft import WARNING
from switch.services.table import BY_NAME


@click.group("config")
def config_group() -> None:
    """Check a configuration. What may stand in one: `barada reference config`."""


@config_group.command()
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False))
def check(path: str) -> None:
    """Say whether the switch would run with FILE, and what it holds.

    A fault is one line: file, key, what is wrong, what is allowed. The exit code is then 2.
    """
    settings = load(path, services=BY_NAME)
    click.echo(f"{path}: fit to run: {_contents(settings)}")
    click.echo(WARNING, err=True)


def _contents(settings: Settings) -> str:
    counted = {
        "listener": len(settings.listeners),
        "peer": len(settings.peers),
        "biller": len(settings.billers),
        "route": len(settings.routes),
        "limit": len(settings.limits),
        "key": len(settings.keys),
    }
    return ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counted.items())
