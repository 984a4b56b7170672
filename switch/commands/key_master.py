"""`barada keys master`: the one key that is brought from outside.

Rule: an existing file stays, and the key is told by its check value only.
"""

from __future__ import annotations

import os

import click

from config.sections import Settings
from switch.commands.given import config_options, given_settings
from switch.commands.key_desk import components_option, typed
from switch.security.crypto.kcv import aes_kcv
from switch.security.keys.master import SIZE, master_key
from switch.security.keys.private_file import write_private


@click.group()
def master() -> None:
    """The master key, under which all others are kept."""


@master.command("new")
@config_options
def new_master(path: str, overrides: tuple[str, ...]) -> None:
    """Draw one, for trying out, and write it to its file; an existing one stays."""
    _write_master(given_settings(path, overrides), os.urandom(SIZE))


@master.command("combine")
@config_options
@components_option
def combine_master(path: str, overrides: tuple[str, ...], components: int) -> None:
    """Combine it from the custodians' components, and write it to its file; an existing one stays.

    Each custodian types a component at a hidden prompt, alone, and compares its check value with the envelope's.
    """
    settings = given_settings(path, overrides)
    _master_file(settings)
    _write_master(settings, typed(SIZE, components).raw)


@master.command("check")
@config_options
def check_master(path: str, overrides: tuple[str, ...]) -> None:
    """Tell the check value of the one that is in use."""
    settings = given_settings(path, overrides)
    click.echo(f"master key: check value {aes_kcv(master_key(settings.security.master_key, os.environ))}")


def _master_file(settings: Settings) -> str:
    if settings.security.master_key is None:
        raise click.ClickException("security.master_key names no file: allowed: where the master key is to be kept")
    return settings.security.master_key


def _write_master(settings: Settings, key: bytes) -> None:
    file = _master_file(settings)
    write_private(file, key.hex().encode() + b"\n", replace=False)
    click.echo(f"{file}: check value {aes_kcv(key)}")
