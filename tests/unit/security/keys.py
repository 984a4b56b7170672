"""What the tests of keys share: settings, a module in software under a test master key, blocks as others make them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from itertools import count
from typing import Any

from config.choices import KeyAlgorithm, KeyUse
from config.security_sections import KeySettings
from switch.security.crypto.clear_key import ClearKey
from switch.security.keys.ceremony import stored
from switch.security.keys.key_kind import kcv_of
from switch.security.keys.keyblock import FILL_SIZE, KeyHeader, wrap
from switch.security.keys.ksn_book import KsnBook
from switch.security.keys.store import MemoryKeyStore
from switch.security.port import FreshKey, KeyToken, ModuleAwayError, PinRequest, SecurityError
from switch.security.soft import SoftModule
from switch.wire.envelope import Mac
from switch.wire.remote_envelope import RemoteMac

MASTER = bytes(range(32))
FILL = bytes(FILL_SIZE)


def drawing(seed: str = "") -> Callable[[int], bytes]:
    """Bytes that look drawn, and are the same every time."""
    turns = count()
    return lambda size: hashlib.shake_256(f"{seed}{next(turns)}".encode()).digest(size)


def module(seed: str = "", ksns: KsnBook | None = None) -> SoftModule:
    return SoftModule(MASTER, drawing(seed), ksns)


def key(name: str, use: KeyUse, algorithm: KeyAlgorithm, **more: Any) -> KeySettings:
    return KeySettings(name=name, use=use, algorithm=algorithm, **more)


RETAIL = key("retail", KeyUse.MAC, KeyAlgorithm.RETAIL)
CMAC = key("cmac", KeyUse.MAC, KeyAlgorithm.AES_CMAC)
PIN = key("pin", KeyUse.PIN, KeyAlgorithm.TDES)
PIN_3 = key("pin-3", KeyUse.PIN, KeyAlgorithm.TDES, pin_format=3)
PIN_AES = key("pin-aes", KeyUse.PIN, KeyAlgorithm.AES, bits=128)
CORE = key("core", KeyUse.PIN, KeyAlgorithm.TDES)
BDK = key("bdk", KeyUse.DUKPT, KeyAlgorithm.TDES)
BDK_AES = key("bdk-aes", KeyUse.DUKPT, KeyAlgorithm.AES, bits=128, pin_format=4)
BDK_AES_0 = key("bdk-aes-0", KeyUse.DUKPT, KeyAlgorithm.AES, bits=128)
KEK = key("kek", KeyUse.KEK, KeyAlgorithm.AES)
KEK_TDES = key("kek-tdes", KeyUse.KEK, KeyAlgorithm.TDES)
STORAGE = key("storage", KeyUse.STORAGE, KeyAlgorithm.AES)
ALL = {
    one.name: one for one in (RETAIL, CMAC, PIN, PIN_3, PIN_AES, CORE, BDK, BDK_AES, BDK_AES_0, KEK, KEK_TDES, STORAGE)
}


def clear(settings: KeySettings, seed: str = "") -> ClearKey:
    """A key of these settings, the same every time."""
    return ClearKey(hashlib.shake_256(f"test {settings.name} {seed}".encode()).digest(settings.size))


def block(kek: ClearKey, header: KeyHeader | str, of: ClearKey) -> str:
    """The TR-31 block that somebody else makes; a header may be written as "D M3 T G"."""
    said = KeyHeader(*header.split()) if isinstance(header, str) else header
    return wrap(kek, said, of, FILL)


def token(settings: KeySettings, header: str, of: ClearKey | None = None) -> KeyToken:
    """A key whose block under the master key has this very header, whatever the settings say."""
    found = of if of is not None else clear(settings)
    return KeyToken(settings, block(ClearKey(MASTER), header, found), kcv_of(settings, found))


def store(soft: SoftModule, *settings: KeySettings, seed: str = "") -> MemoryKeyStore:
    """These keys, each the same wherever it is made."""
    return MemoryKeyStore({one.name: stored(soft.taken(one, clear(one, seed))) for one in settings})


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


class SlowMac(RemoteMac):
    """A MAC in a device that answers when the module is told to."""

    def __init__(self, mac: Mac, answers: list[Callable[[], None]]) -> None:
        self._mac, self._answers = mac, answers

    def compute(self, data: bytes, done: Callable[[bytes | None], None]) -> None:
        self._answers.append(lambda: done(self._mac.compute(data)))

    def verify(self, data: bytes, mac: bytes, done: Callable[[bool | None], None]) -> None:
        self._answers.append(lambda: done(self._mac.verify(data, mac)))


class SlowModule:
    """A `SecurityModule` that answers later, in the order in which it was asked. `away`: it does not say."""

    def __init__(self, soft: SoftModule) -> None:
        self._soft = soft
        self.away = False
        self.answers: list[Callable[[], None]] = []

    def answer(self) -> None:
        """All that was asked, and what is asked meanwhile."""
        while self.answers:
            self.answers.pop(0)()

    def check(self, key: KeyToken) -> None:
        self._soft.check(key)

    def mac(self, key: KeyToken) -> RemoteMac:
        return SlowMac(self._soft.mac(key), self.answers)

    def translate_pin(
        self, request: PinRequest, source: KeyToken, target: KeyToken, done: Callable[[str | SecurityError], None]
    ) -> None:
        self._later(lambda: self._soft.translate_pin(request, source, target, done), done)

    def import_key(
        self, block: str, kek: KeyToken, settings: KeySettings, done: Callable[[KeyToken | SecurityError], None]
    ) -> None:
        self._later(lambda: self._soft.import_key(block, kek, settings, done), done)

    def generate_key(
        self, settings: KeySettings, kek: KeyToken, done: Callable[[FreshKey | SecurityError], None]
    ) -> None:
        self._later(lambda: self._soft.generate_key(settings, kek, done), done)

    def warning(self) -> str | None:
        return None

    def _later(self, ask: Callable[[], None], done: Callable[[SecurityError], None]) -> None:
        self.answers.append((lambda: done(ModuleAwayError("away"))) if self.away else ask)
