"""What protects personal data at rest: fingerprints to find it by, and concealment to keep it.

Rule: one storage key, from which each purpose has a key of its own. What is stored is concealed with AES-SIV (RFC
5297), not AES-GCM: it needs no random number, so a run can be replayed, and a repeated nonce can't undo it. What SIV
gives away, that two texts under one context are equal, the context takes back: it is the row's own id, which also stops
one row's text from being moved to another.
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from switch.security.port import ConcealedError, SecurityError

KEY_SIZE = 32
FINGERPRINT_SIZE = 16
# The first byte of what is concealed says how: so a later key or cipher can stand beside this one.
SCHEME = b"\x01"


class Vault:
    """The storage key at work."""

    __slots__ = ("_fingerprint", "_storage")

    def __init__(self, key: bytes) -> None:
        """Raises SecurityError if the key is not of 32 bytes."""
        if len(key) != KEY_SIZE:
            raise SecurityError(f"the storage key has {len(key)} bytes: allowed: {KEY_SIZE}")
        self._storage = AESSIV(_derived(key, b"conceal"))
        self._fingerprint = hashlib.blake2b(digest_size=FINGERPRINT_SIZE, key=_derived(key, b"fingerprint"))

    def fingerprint(self, content: bytes) -> bytes:
        """16 bytes that are the same for the same content, and tell nothing about it without the key."""
        running = self._fingerprint.copy()
        running.update(content)
        return running.digest()

    def conceal(self, text: str, context: bytes = b"") -> bytes:
        """Text that is kept at rest, unreadable without the key and bound to its context (such as the id of the row it
        is kept in)."""
        return SCHEME + self._storage.encrypt(text.encode(), [SCHEME, context])

    def reveal(self, concealed: bytes, context: bytes = b"") -> str:
        """The text again. Raises ConcealedError."""
        if concealed[:1] != SCHEME:
            raise ConcealedError("concealed in a way that is not known here")
        try:
            return self._storage.decrypt(concealed[1:], [SCHEME, context]).decode()
        except (InvalidTag, ValueError):
            raise ConcealedError("another key, another context, or it was changed") from None


def _derived(key: bytes, purpose: bytes) -> bytes:
    """A key of its own for each purpose, 64 bytes."""
    return hashlib.blake2b(key=key, person=purpose, digest_size=64).digest()
