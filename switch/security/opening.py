"""Opens what the configuration says about keys: the module, the ring of keys, the vault.

Rule: nothing works with half its keys; whatever is missing or unfit is one line before anything is served.
"""

from __future__ import annotations

import os
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass

from config.choices import KeyUse, ModuleKind
from config.sections import Settings
from config.security_sections import KeySettings
from switch.security.keys.ksn_book import KsnBook
from switch.security.keys.master import master_key
from switch.security.keys.ring import KeyRing
from switch.security.keys.store import FileKeyStore, KeyStore, get_stored
from switch.security.port import KeyToken, SecurityError, SecurityModule
from switch.security.soft import SoftModule
from switch.security.vault import Vault
from switch.wire.dialect import Dialect
from switch.wire.envelope import Envelope
from switch.wire.remote_envelope import RemoteEnvelope, RemoteMac

Hardware = Callable[[KsnBook], SecurityModule]
"""Makes the module where it is none of ours."""


@dataclass(frozen=True, slots=True)
class Security:
    """What a switch works with."""

    ring: KeyRing
    vault: Vault
    warning: str | None = None


def open_security(
    settings: Settings,
    now: Callable[[], float],
    environment: MutableMapping[str, str] = os.environ,
    hardware: Hardware | None = None,
    store_of: Callable[[str], KeyStore] = FileKeyStore,
) -> Security:
    """Of a configuration's files; `store_of` opens that of the keys. Raises SecurityError."""
    if settings.security.module is ModuleKind.SOFT and settings.security.forbid_software:
        raise SecurityError('security.forbid_software: keys in software are forbidden: allowed: module = "payshield"')
    if settings.security.module is not ModuleKind.SOFT and hardware is None:
        raise SecurityError(f'security.module = "{settings.security.module}": keys in software do not stand in for it')
    master = master_key(settings.security.master_key, environment)
    store = store_of(settings.security.store)  # its lock first: a second switch must not touch its file of numbers
    ksns = _ksns(settings)
    soft = SoftModule(master, os.urandom, ksns)
    return security_of(settings, soft if hardware is None else hardware(ksns), soft, store, now)


def security_of(
    settings: Settings, module: SecurityModule, soft: SoftModule, store: KeyStore, now: Callable[[], float]
) -> Security:
    """`soft` opens the storage key, which works in this process whatever the module: it conceals what is at rest."""
    ring = KeyRing(settings.keys, module, store, now, settings.security.overlap_s)
    return Security(ring, Vault(storage_key(settings, soft, store)), module.warning())


def storage_key(settings: Settings, soft: SoftModule, store: KeyStore) -> bytes:
    """The one key that everything at rest hangs on."""
    key = next(key for key in settings.keys.values() if key.use is KeyUse.STORAGE)
    token = token_in(store, key)
    soft.check(token)
    return soft.clear(token).raw


def token_in(store: KeyStore, key: KeySettings) -> KeyToken:
    """A key as the store has it. Raises SecurityError."""
    found = get_stored(store, key.name)
    return KeyToken(key, found.token, found.kcv)


def sealing(dialect: Dialect, ring: KeyRing, key: str | None, *, mac_network: bool) -> Envelope:
    """The envelope of an endpoint, with the MAC key of that name."""
    mac = ring.mac(key) if key is not None else None
    if isinstance(mac, RemoteMac):
        return RemoteEnvelope(dialect, mac, mac_network=mac_network)
    return Envelope(dialect, mac, mac_network=mac_network)


def _ksns(settings: Settings) -> KsnBook:
    derives = any(key.use is KeyUse.DUKPT for key in settings.keys.values())
    return KsnBook(f"{settings.security.store}.ksn" if derives else None)
