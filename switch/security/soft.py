"""The security module in software: static test keys from the configuration.

Rule: for test only. Whoever can read the configuration or the process can read the keys; a bank puts a
hardware security module behind the same port.

What is stored is concealed with AES-SIV (RFC 5297), not AES-GCM: it needs no random number, so a run can be
replayed, and a repeated nonce can't undo it. What SIV gives away, that two texts under one context are equal,
the context takes back: it is the row's own id, which also stops one row's text from being moved to another.
"""

import hashlib
from collections.abc import Mapping
from typing import TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from config.settings import KeyAlgorithm, KeySettings, KeyUse
from switch.security.mac import AesCmac, RetailMac
from switch.security.pin import PinCipher, translate
from switch.security.port import ConcealedError, SecurityError
from switch.wire.envelope import Mac

T = TypeVar("T")

FINGERPRINT_SIZE = 16
# The first byte of what is concealed says how: so a later key or cipher can stand beside this one.
SCHEME = b"\x01"
WARNING = (
    "SOFTWARE KEYS, FOR TEST ONLY: MAC, PIN and storage keys are in clear in the configuration and in memory; "
    "never process real cards or money with them"
)


class SoftSecurity:
    """A `SecurityModule` over test keys. Raises SecurityError at once if a key is unfit, or none is for storage."""

    __slots__ = ("_fingerprint", "_macs", "_pins", "_storage")

    def __init__(self, keys: Mapping[str, KeySettings]) -> None:
        self._macs = {name: mac_of(name, key) for name, key in keys.items() if key.use is KeyUse.MAC}
        self._pins = {name: pin_of(name, key) for name, key in keys.items() if key.use is KeyUse.PIN}
        storage = storage_key_of(keys)
        self._storage = AESSIV(derived(storage, b"conceal"))
        self._fingerprint = hashlib.blake2b(digest_size=FINGERPRINT_SIZE, key=derived(storage, b"fingerprint"))

    def mac(self, key_name: str) -> Mac:
        return named(key_name, self._macs, KeyUse.MAC)

    def pin_cipher(self, key_name: str) -> PinCipher:
        """The PIN key at work, for those who may see a PIN: the simulated core and channels. Not part of the port."""
        return named(key_name, self._pins, KeyUse.PIN)

    def translate_pin(self, block_hex: str, pan: str | None, from_key: str, to_key: str) -> str:
        return translate(block_hex, pan, self.pin_cipher(from_key), self.pin_cipher(to_key))

    def fingerprint(self, content: bytes) -> bytes:
        running = self._fingerprint.copy()
        running.update(content)
        return running.digest()

    def conceal(self, text: str, context: bytes = b"") -> bytes:
        return SCHEME + self._storage.encrypt(text.encode(), [SCHEME, context])

    def reveal(self, concealed: bytes, context: bytes = b"") -> str:
        if concealed[:1] != SCHEME:
            raise ConcealedError("concealed in a way that is not known here")
        try:
            return self._storage.decrypt(concealed[1:], [SCHEME, context]).decode()
        except (InvalidTag, ValueError):
            raise ConcealedError("another key, another context, or it was changed") from None

    def warning(self) -> str | None:
        return WARNING


def mac_of(name: str, key: KeySettings) -> Mac:
    """A MAC key ready for use."""
    try:
        if key.algorithm is KeyAlgorithm.RETAIL:
            return RetailMac(bytes.fromhex(key.hex), key.padding)
        return AesCmac(bytes.fromhex(key.hex))
    except ValueError:
        raise SecurityError(f"the key {name} can't be a MAC key") from None


def pin_of(name: str, key: KeySettings) -> PinCipher:
    """A PIN key ready for use."""
    try:
        return PinCipher(bytes.fromhex(key.hex))
    except ValueError:
        raise SecurityError(f"the key {name} can't be a PIN key") from None


def storage_key_of(keys: Mapping[str, KeySettings]) -> bytes:
    """The one key that everything at rest hangs on."""
    found = [key.hex for key in keys.values() if key.use is KeyUse.STORAGE]
    if len(found) != 1 or len(found[0]) != 64:
        raise SecurityError("exactly one storage key of 32 bytes is needed")
    return bytes.fromhex(found[0])


def derived(key: bytes, purpose: bytes) -> bytes:
    """A key of its own for each purpose, 64 bytes."""
    return hashlib.blake2b(key=key, person=purpose, digest_size=64).digest()


def named(name: str, known: Mapping[str, T], use: KeyUse) -> T:
    """The key of that name; the configuration was checked to name no other."""
    if name not in known:
        raise SecurityError(f"no key {name!r} with use {use.value!r}")
    return known[name]
