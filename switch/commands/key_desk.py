"""Where the key commands work: the store, the master key, the module in software; and what custodians type.

Rule: no key and no component is taken from a command line or shown on a terminal: it is typed at a hidden prompt, and
what is told of it is its check value. Whoever changes the store has it alone, so never beside a running switch.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from config.choices import KeyUse, ModuleKind
from config.errors import did_you_mean, one_of
from config.sections import Settings
from config.security_sections import KeySettings
from switch.security.crypto.clear_key import ClearKey
from switch.security.crypto.kcv import aes_kcv, tdes_kcv
from switch.security.keys.ceremony import combined, stored
from switch.security.keys.key_kind import is_tdes
from switch.security.keys.master import master_key
from switch.security.keys.private_file import write_private
from switch.security.keys.store import FileKeyStore, StoredKey, encoded, read_keys
from switch.security.port import KeyToken
from switch.security.soft import SoftModule

components_option = click.option(
    "--components", type=click.IntRange(2, 9), default=2, show_default=True, help="How many custodians have one."
)
replace_option = click.option("--replace", is_flag=True, help="In place of the key that is there.")


class KeyDesk:
    """Of one configuration."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def key(self, name: str, *uses: KeyUse) -> KeySettings:
        """A key of the configuration, of one of these uses. Raises click.UsageError."""
        known = {one.name: one for one in self.settings.keys.values() if not uses or one.use in uses}
        if name not in known:
            raise click.UsageError(f"{name}: allowed: {one_of(known)}{did_you_mean(name, known)}")
        return known[name]

    def soft(self) -> SoftModule:
        """The module in software, under the master key. Raises SecurityError."""
        return SoftModule(master_key(self.settings.security.master_key, os.environ), os.urandom)

    def must_work_here(self, key: KeySettings) -> None:
        """Raises click.ClickException if it is a hardware module that has this key."""
        if self.settings.security.module is not ModuleKind.SOFT and key.use is not KeyUse.STORAGE:
            raise click.ClickException(
                f"keys.{key.name}: it works in the hardware module: allowed: make it there, then `barada keys import "
                f"{key.name} --token`"
            )

    def must_leave_the_ledger_its_key(self, key: KeySettings) -> None:
        """Raises click.ClickException where a ledger hangs on a storage key that the store has lost."""
        database = self.settings.ledger.database
        if key.use is KeyUse.STORAGE and key.name not in self.there() and Path(database).exists():
            raise click.ClickException(
                f"keys.{key.name}: a new one can't read what the ledger has ({database}): allowed: the store's backup"
            )

    def there(self) -> dict[str, StoredKey]:
        """What the store has; nothing if it is not there yet. Raises SecurityError."""
        store = self.settings.security.store
        return read_keys(store) if Path(store).exists() else {}

    @contextmanager
    def store(self) -> Iterator[FileKeyStore]:
        """To change it; it is made if it is not there yet. Raises SecurityError."""
        path = self.settings.security.store
        if not Path(path).exists():
            write_private(path, encoded({}), replace=False)
        with closing(FileKeyStore(path)) as store:
            yield store

    def put(self, store: FileKeyStore, token: KeyToken) -> None:
        """A key that takes its place, and says so. Raises SecurityError."""
        name = token.settings.name
        store.put(name, stored(token, store.get(name)))
        click.echo(f"{name}: check value {token.kcv}")


def must_be_free(store: FileKeyStore, key: KeySettings, *, replace: bool) -> None:
    """Raises click.ClickException where a key is in the store that must stay."""
    if store.get(key.name) is None:
        return
    if key.use is KeyUse.STORAGE:
        raise click.ClickException(f"keys.{key.name}: in the store already, and it must stay: the ledger hangs on it")
    if not replace:
        raise click.ClickException(f"keys.{key.name}: in the store already: allowed: --replace, or another name")


def typed_key(key: KeySettings, components: int) -> ClearKey:
    """A key in components, each typed by another custodian and confirmed by its check value. Raises SecurityError."""
    return typed(key.size, components, tdes=is_tdes(key))


def typed(size: int, components: int, *, tdes: bool = False) -> ClearKey:
    """The same, of so many bytes."""
    return combined([_component(turn, components, size, tdes=tdes) for turn in range(1, components + 1)])


def must_agree(kcv: str, told: str | None) -> None:
    """The check value that the other side tells is this one. Raises click.ClickException."""
    theirs = told if told is not None else click.prompt("Check value, as the other side tells it", err=True)
    if theirs.strip().upper() != kcv:
        raise click.ClickException(f"the check value is {kcv}, not that one: nothing was changed")


def _component(turn: int, components: int, size: int, *, tdes: bool) -> bytes:
    def read(text: str) -> bytes:
        try:
            found = bytes.fromhex(text)
        except ValueError:
            found = b""
        if len(found) != size:
            raise click.BadParameter(f"allowed: {2 * size} hexadecimal digits")
        return found

    while True:
        words = f"Component {turn} of {components} ({2 * size} hexadecimal digits, not shown)"
        component: bytes = click.prompt(words, hide_input=True, value_proc=read, err=True)
        kcv = tdes_kcv(component) if tdes else aes_kcv(component)
        if click.confirm(f"Its check value is {kcv}. Is that the one on the envelope?", err=True):
            return component
