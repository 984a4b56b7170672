"""The keys that an issuer has for itself: one that PINs are verified under, one that a stripe's value is made by.

Rule: both derive from the issuer's own secret, one for each purpose. They are on no wire and in no file, and nothing
that holds one gives it out.
"""

import hashlib

from switch.security.crypto.tdes import with_parity

SIZE = 16  # two parts, which is what CVV and IBM 3624 are made for

PIN_VERIFICATION = b"pvk"
CARD_VERIFICATION = b"cvk"


def derived_key(secret: bytes, purpose: bytes) -> bytes:
    """Of the first 64 bytes of the secret, which is what BLAKE2b takes for a key."""
    return with_parity(hashlib.blake2b(key=secret[:64], person=purpose, digest_size=SIZE).digest())
