"""Where keys come from: the first ones of an installation, and those that are brought to it.

Rule: values in, values out; files and terminals are the command's business. A key in clear exists here only as the
components that its custodians typed in, for as long as it takes to put it under the master key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce

from config.security_sections import KeySettings
from switch.security.crypto.clear_key import ClearKey
from switch.security.keys.store import StoredKey
from switch.security.port import KeyToken, SecurityError
from switch.security.soft import SoftModule


def stored(token: KeyToken, before: StoredKey | None = None) -> StoredKey:
    """What the store keeps of a key that takes another's place."""
    return StoredKey(token.text, token.kcv, retired=(*before.retired, before.kcv) if before is not None else ())


def missing_keys(
    keys: Mapping[str, KeySettings], there: Mapping[str, StoredKey], soft: SoftModule
) -> dict[str, StoredKey]:
    """A new key for every name that has none yet."""
    return {name: stored(soft.made(key)) for name, key in keys.items() if name not in there}


def combined(components: Iterable[bytes]) -> ClearKey:
    """The key of which each custodian has a component: all of them added, none of which tells anything alone (ANSI
    X9.24-1 §7.5: dual control, split knowledge). Raises SecurityError."""
    given = list(components)
    if len(given) < 2:
        raise SecurityError("a key is brought in at least two components, each by another custodian")
    if len({len(component) for component in given}) != 1:
        raise SecurityError("the components are not of one length")
    found = reduce(_added, given)
    if not any(found):
        raise SecurityError("the components cancel each other out: allowed: a component of each custodian's own")
    return ClearKey(found)


def _added(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
