"""The master key: the one secret that must be brought from outside, and under which all others are kept.

Rule: it comes from a file that its owner alone may read, or from the environment, out of which it is taken; never from
the configuration, never from a command line. It is AES-256, so the key blocks of the store are of version D (X9.143).
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping

from config.hardening.environment import taken
from switch.security.keys.private_file import read_private
from switch.security.port import SecurityError

ENVIRONMENT = "BARADA_MASTER_KEY"
SIZE = 32
ALLOWED = f"allowed: {2 * SIZE} hexadecimal digits"


def master_key(file: str | None, environment: MutableMapping[str, str]) -> bytes:
    """From the file if one is named, else from the environment, which gives it once: no child of ours inherits it,
    needed or not. Raises SecurityError."""
    told = taken(ENVIRONMENT, environment)
    if file is not None:
        return parsed(read_private(file), file)
    if told is None:
        raise SecurityError(f"no master key: allowed: security.master_key names a file, or {ENVIRONMENT} holds the key")
    return parsed(os.fsencode(told), ENVIRONMENT)


def parsed(told: bytes, place: str) -> bytes:
    """The key of its hexadecimal digits; white space around them is passed over."""
    try:
        key = bytes.fromhex(told.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != SIZE:
        raise SecurityError(f"{place}: no master key: {ALLOWED}") from None
    return key
