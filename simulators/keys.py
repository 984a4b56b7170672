"""The keys of the switch's other ends: those that the core, the billers and the channels hold of them.

Rule: who plays the other side holds the same keys, on a ring of its own: when a key changes on the wire it follows like
any bank's own system. Nobody but a simulator may see a clear key or PIN.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache, lru_cache, partial
from time import time

from config.choices import KeyUse, ModuleKind
from config.sections import ListenerSettings, PeerSettings, Settings
from config.security_sections import KeySettings
from simulators.lmk import clear_of_test_token
from switch.net.key_exchange import KeyExchange
from switch.security.crypto.clear_key import ClearKey
from switch.security.crypto.pin import PinZone, open_pin, seal_pin
from switch.security.crypto.pin_block import FILL_SIZE
from switch.security.crypto.tdes import with_parity
from switch.security.keys.ceremony import stored
from switch.security.keys.key_kind import is_tdes
from switch.security.keys.key_policy import KeyAct
from switch.security.keys.master import master_key
from switch.security.keys.store import MemoryKeyStore, StoredKey, read_keys
from switch.security.opening import Security, sealing, security_of, token_in
from switch.security.port import PinBlockError
from switch.security.soft import SoftModule
from switch.security.vault import Vault
from switch.wire.dialect import Dialect
from switch.wire.envelope import Envelope

INVENTED_MASTER = bytes(range(32))

Now = Callable[[], float]


class KeyCase:
    """A copy of an installation's keys, for one party. What changes in it changes for nobody else."""

    def __init__(self, settings: Settings, soft: SoftModule, keys: dict[str, StoredKey], now: Now = time) -> None:
        self.settings = settings
        self._soft = soft
        self._store = MemoryKeyStore(keys)
        self._now = now
        self._security: Security | None = None

    @property
    def security(self) -> Security:
        """As a switch would hold them; the same object every time."""
        if self._security is None:
            self._security = security_of(self.settings, self._soft, self._soft, self._store, self._now)
        return self._security

    @property
    def vault(self) -> Vault:
        return self.security.vault

    def copy(self, now: Now | None = None) -> KeyCase:
        """The same keys for another party."""
        return KeyCase(self.settings, self._soft, dict(self._store.keys), now or self._now)

    def envelope(self, endpoint: ListenerSettings | PeerSettings, dialect: Dialect) -> Envelope:
        """How the endpoint's other side seals its messages."""
        return sealing(dialect, self.security.ring, endpoint.mac, mac_network=endpoint.mac_network)

    def exchange(self, endpoint: ListenerSettings | PeerSettings) -> KeyExchange:
        """The other side of its key changes."""
        return KeyExchange(endpoint, self.security.ring, self._now, _uncounted, _unsaid)

    def clear(self, name: str) -> bytes:
        """A key itself."""
        return self._soft.clear(token_in(self._store, self.settings.keys[name])).raw

    def pins(self, name: str) -> PinDesk:
        return PinDesk(self, name)

    def zone(self, name: str) -> PinZone:
        """The PIN key of that name, as it is now."""
        return self._soft.zone(self.security.ring.token(name), KeyAct.ENCRYPT, KeyAct.DECRYPT)

    def zones(self, name: str) -> list[PinZone]:
        """The same, with those that a block may still, or already, be under."""
        return [self._soft.zone(key, KeyAct.DECRYPT) for key in self.security.ring.tokens(name)]


class PinDesk:
    """Where PINs are typed and read: under the key of a name, whichever that is now."""

    def __init__(self, case: KeyCase, name: str) -> None:
        self._case = case
        self._name = name

    def seal(self, pin: str, pan: str | None, fill: bytes = bytes(FILL_SIZE)) -> str:
        """The encrypted block of a PIN; of a code where there is no card number."""
        return seal_pin(pin, pan, self._case.zone(self._name), fill)

    def open(self, block: str, pan: str | None) -> str:
        """The PIN of a block. Raises PinBlockError."""
        *others, last = self._case.zones(self._name)
        for zone in others:
            try:
                return open_pin(block, pan, zone)
            except PinBlockError:
                continue
        return open_pin(block, pan, last)


def keys_of(settings: Settings, now: Now = time) -> KeyCase:
    """The keys in an installation's files. Raises SecurityError."""
    soft = SoftModule(master_key(settings.security.master_key, os.environ), os.urandom)
    keys = dict(read_keys(settings.security.store))
    if settings.security.module is ModuleKind.PAYSHIELD:
        keys = {name: _out_of_test_hardware(settings.keys[name], key, soft) for name, key in keys.items()}
    return KeyCase(settings, soft, keys, now)


def _out_of_test_hardware(key: KeySettings, kept: StoredKey, soft: SoftModule) -> StoredKey:
    """The simulated module's own key is published: who plays the other side opens what is under it."""
    if key.use is KeyUse.STORAGE:
        return kept
    return stored(soft.taken(key, ClearKey(clear_of_test_token(key, kept.token))))


def lent_keys(settings: Settings) -> Callable[[], KeyCase]:
    """The same for every party in this process, opened when the first one plays: the environment gives a master key
    once."""
    opened = cache(partial(keys_of, settings))
    return lambda: opened().copy()


def invented_keys(settings: Settings, now: Now = time) -> KeyCase:
    """Keys drawn from their names, without any file: the same wherever they are invented."""
    soft = _inventor()
    return KeyCase(settings, soft, {name: _invented(key) for name, key in settings.keys.items()}, now)


@lru_cache(maxsize=1)
def _inventor() -> SoftModule:
    return SoftModule(INVENTED_MASTER, os.urandom)


@lru_cache(maxsize=256)
def _invented(key: KeySettings) -> StoredKey:
    drawn = hashlib.shake_256(f"invented {key.name}".encode()).digest(key.size)
    return stored(_inventor().taken(key, ClearKey(with_parity(drawn) if is_tdes(key) else drawn)))


def _uncounted(_: str) -> None:
    """A simulated party keeps no counts of its keys."""


def _unsaid(event: str, **fields: object) -> None:
    """Nor a log."""
