"""The key store: each key by name, as its security module keeps it, with what is about to follow it.

Rule: only tokens stand here, which are of use to nobody without the module and its master key. What `put` has taken
survives a kill at any instant: a key is never used on the wire before it is in here.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from typing import Protocol

import msgspec

from switch.security.keys.private_file import read_private, write_private
from switch.security.port import SecurityError

RETIRED_MAX = 10_000


class StagedKey(msgspec.Struct, frozen=True):
    """The key that follows. `block` is what is sent to the other side; empty where the other side sent it."""

    token: str
    kcv: str
    block: str = ""


class EarlierKey(msgspec.Struct, frozen=True):
    """A key that was in use, or staged, before; accepted until this moment, in seconds since the epoch."""

    token: str
    kcv: str
    until: float


class StoredKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """One key. `retired` has the fingerprints of the key blocks that it and its predecessors came and went by, and its
    predecessors' check values: none of them is taken again."""

    token: str
    kcv: str
    next: StagedKey | None = None
    earlier: tuple[EarlierKey, ...] = ()
    retired: tuple[str, ...] = ()


class KeyStore(Protocol):
    """Where the ring keeps its keys."""

    def get(self, name: str) -> StoredKey | None: ...

    def put(self, name: str, key: StoredKey) -> None:
        """Durable when it returns. Raises SecurityError; then nothing has changed."""


def get_stored(store: KeyStore, name: str) -> StoredKey:
    """Raises SecurityError where there is none."""
    found = store.get(name)
    if found is None:
        raise SecurityError(f"keys.{name}: not in the key store: allowed: a key that `barada keys` has put there")
    return found


class MemoryKeyStore:
    """For a test, a simulation, and for who only borrows another's keys."""

    def __init__(self, keys: Mapping[str, StoredKey] | None = None) -> None:
        self.keys = dict(keys or {})

    def get(self, name: str) -> StoredKey | None:
        return self.keys.get(name)

    def put(self, name: str, key: StoredKey) -> None:
        self.keys[name] = key


class FileKeyStore:
    """A file of its owner's, rewritten whole at each change. One process at a time has it: what another one changed
    would be lost with the next change here."""

    def __init__(self, path: str) -> None:
        """Raises SecurityError if it can't be read, holds something else, or another process has it."""
        self.path = path
        self._lock = _locked(path)
        try:
            self._keys = read_keys(path)
        except SecurityError:
            self.close()
            raise

    def get(self, name: str) -> StoredKey | None:
        return self._keys.get(name)

    def put(self, name: str, key: StoredKey) -> None:
        keys = {**self._keys, name: key}
        write_private(self.path, encoded(keys))
        self._keys = keys

    def all(self) -> Mapping[str, StoredKey]:
        return self._keys

    def close(self) -> None:
        """Let another process have it."""
        os.close(self._lock)


def read_keys(path: str) -> dict[str, StoredKey]:
    """What is in the file now, for who changes nothing. Raises SecurityError."""
    if not os.path.lexists(path):
        raise SecurityError(
            f"{path}: no key store: allowed: one that `barada keys generate --missing` made, or its backup"
        )
    return _decoded(path, read_private(path))


def encoded(keys: Mapping[str, StoredKey]) -> bytes:
    """The file's bytes."""
    return msgspec.json.format(msgspec.json.encode(keys, order="sorted"), indent=1) + b"\n"


def _locked(path: str) -> int:
    """In a file beside it, since the store itself is another file after each change."""
    try:
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SecurityError(f"{path}: {error.strerror}: allowed: a file that `barada keys` wrote") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise SecurityError(f"{path}: in use by another process") from None
    return lock


def _decoded(path: str, data: bytes) -> dict[str, StoredKey]:
    try:
        return msgspec.json.decode(data, type=dict[str, StoredKey])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise SecurityError(f"{path}: not a key store: allowed: a file that `barada keys` wrote") from None
