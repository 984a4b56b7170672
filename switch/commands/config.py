"""`barada config`: is a file fit to run with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import click

from config.fleet import load_fleet
from config.settings import ConfigError, Settings, load
from switch.net.tls_files import open_identities
from switch.security.soft import WARNING
from switch.services.table import BY_NAME


@click.group("config")
def config_group() -> None:
    """Check a configuration. What may stand in one: `barada reference config`."""


@config_group.command()
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False))
def check(path: str) -> None:
    """Say whether the switch would run with FILE, and what it holds.

    A fault is one line: file, key, what is wrong, what is allowed. The exit code is then 2. What is wrong with the
    files of certificates on this machine, or with the register of the ATMs, is said, but is no fault of FILE.
    """
    settings = load(path, services=BY_NAME)
    click.echo(f"{path}: fit to run: {_contents(settings)}")
    click.echo(WARNING, err=True)
    looks: tuple[tuple[str, Callable[[], object]], ...] = (
        ("not here yet", lambda: open_identities(settings, datetime.now(UTC))),
        ("the register of the ATMs can't be used", lambda: _look_at_register(settings)),
    )
    for words, look in looks:
        try:
            look()
        except ConfigError as error:
            click.echo(f"{words}: {error}", err=True)


def _look_at_register(settings: Settings) -> None:
    """The switch runs without it; `barada atms` does not."""
    if settings.fleet.register is not None:
        load_fleet(settings.fleet.register)


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
