"""Key blocks of TR-31 / ANSI X9.143: a key under a protection key, with what it may be used for bound to it.

Rule: the codec is psec's, and this is the only file that knows it. Nothing that psec raises gets through, neither as
a text nor as a cause, since it carries digits of what it was given: every refusal reads the same.

psec compares MACs with `!=`. In versions B and D that tells an attacker nothing: the MAC is also the initial vector of
what it is computed over, so another guess at it is compared with another, unforeseeable value, and no byte of it can be
found before the next. Versions A and C have no such protection, and `key_policy` refuses them.
"""

from dataclasses import dataclass
from functools import cache
from types import ModuleType, SimpleNamespace

from switch.security.crypto import tdes
from switch.security.crypto.clear_key import ClearKey
from switch.security.port import SecurityError

# psec hides a key's length by filling TDES keys to 24 bytes and AES keys to 32, and then a cipher's block.
KEY_SIZE_MIN, FILL_SIZE = 16, 32


@dataclass(frozen=True, slots=True)
class KeyHeader:
    """What a key block says about its key, in the standard's letters: version B or D; usage such as P0; algorithm
    T or A; mode of use such as B; exportability E, N or S. `number` is its version number, 00 for none."""

    version: str
    usage: str
    algorithm: str
    mode: str
    exportability: str = "N"
    number: str = "00"

    def __str__(self) -> str:
        return f"{self.version}0016{self.usage}{self.algorithm}{self.mode}{self.number}{self.exportability}0000"


def wrap(kbpk: ClearKey, header: KeyHeader, key: ClearKey, fill: bytes) -> str:
    """The block of a key. `fill`: FILL_SIZE random bytes, new each time. Raises SecurityError."""
    if len(fill) < FILL_SIZE or len(key) < KEY_SIZE_MIN:
        raise SecurityError("a key block needs a key of at least sixteen bytes, and fill from its caller")
    block = _wrapped(kbpk.raw, str(header), key.raw, fill)
    if block is None:
        raise SecurityError("a key block can't be made of this header and these keys")
    return block


def unwrap(kbpk: ClearKey, block: str) -> tuple[KeyHeader, ClearKey]:
    """The key of a block and what it may be used for; whether we take such a key is `key_policy`'s. Raises
    SecurityError, in the same words whatever is wrong."""
    opened = _unwrapped(kbpk.raw, block)
    if opened is None:
        raise SecurityError("not a key block under this protection key")
    return opened


# Both return None instead of raising, so that psec's error is not even the context of ours.
def _wrapped(kbpk: bytes, header: str, key: bytes, fill: bytes) -> str | None:
    tr31 = _tr31()
    vars(tr31)["_urandom"] = lambda size: fill[:size]  # where psec draws its fill
    try:
        return str(tr31.wrap(kbpk, header, key))
    except (ValueError, LookupError):
        return None


def _unwrapped(kbpk: bytes, block: str) -> tuple[KeyHeader, ClearKey] | None:
    try:
        said, key = _tr31().unwrap(kbpk, block)
    except (ValueError, LookupError):
        return None
    letters = said.key_usage, said.algorithm, said.mode_of_use, said.exportability, said.version_num
    return KeyHeader(said.version_id, *letters), ClearKey(key)


@cache
def _tr31() -> ModuleType:
    """psec's codec, given the DES that stays: it still asks for the one that the library is about to drop."""
    from psec import des, tr31

    vars(des)["_algorithms"] = SimpleNamespace(TripleDES=tdes.algorithm)  # all that psec's `des` uses of it
    return tr31
