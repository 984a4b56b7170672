"""`barada keys import`: a key that another institution, or the hardware module, has made.

Rule: the check value that comes by another way than the key decides; until it agrees nothing is changed.
"""

from __future__ import annotations

from typing import Any

import click

from config.choices import KeyUse, ModuleKind
from config.security_sections import KeySettings
from switch.commands.given import config_options, given_settings
from switch.commands.key_desk import (
    KeyDesk,
    components_option,
    must_agree,
    must_be_free,
    replace_option,
    typed_key,
)
from switch.security.keys.store import MemoryKeyStore
from switch.security.opening import token_in
from switch.security.payshield.keys import lmk_key
from switch.security.port import KeyToken


@click.command("import")
@config_options
@click.argument("name")
@click.option("--kek", metavar="NAME", help="It comes as a TR-31 block under this key-encryption key.")
@click.option("--block", metavar="BLOCK", help="The block; asked for if it is not given here.")
@click.option("--token", is_flag=True, help="It is in the hardware module: what the module printed is asked for.")
@components_option
@click.option("--check-value", "kcv", metavar="KCV", help="As the other side tells it; asked for if not given here.")
@replace_option
def import_key(name: str, path: str, overrides: tuple[str, ...], replace: bool, kcv: str | None, **ways: Any) -> None:
    """Bring a key in: in components that custodians type at hidden prompts, or as a block under another key.

    The check value that the other side tells is compared before anything is changed.
    """
    desk = KeyDesk(given_settings(path, overrides))
    key = desk.key(name)
    with desk.store() as store:
        must_be_free(store, key, replace=replace)
        token = _brought(desk, key, MemoryKeyStore(store.all()), **ways)
        must_agree(token.kcv, kcv)
        desk.put(store, token)


def _brought(
    desk: KeyDesk,
    key: KeySettings,
    there: MemoryKeyStore,
    kek: str | None,
    block: str | None,
    token: bool,
    components: int,
) -> KeyToken:
    if token:
        return _of_hardware(desk, key)
    desk.must_work_here(key)
    if kek is not None:
        under = token_in(there, desk.key(kek, KeyUse.KEK))
        text: str = block if block is not None else click.prompt("Block", err=True)
        return desk.soft().imported(text.strip(), under, key)
    if block is not None:
        raise click.UsageError("--block goes with --kek")
    return desk.soft().taken(key, typed_key(key, components))


def _of_hardware(desk: KeyDesk, key: KeySettings) -> KeyToken:
    """A key under the module's own master key, of use to nobody without the module."""
    if desk.settings.security.module is ModuleKind.SOFT:
        raise click.UsageError('--token: allowed with security.module = "payshield"')
    text: str = click.prompt("Key under the LMK, as the module printed it", err=True)
    kcv: str = click.prompt("Check value, as the module printed it", err=True)
    found = KeyToken(key, text.strip(), kcv.strip().upper()[:6])
    lmk_key(found, key.use)
    return found
