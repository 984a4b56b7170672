"""Files that only their owner may read: the master key, the key store.

Rule: a file that somebody else could have read or written is not used, and none of ours is ever open to others, not
even for a moment.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from config.hardening.durable import sync_directory
from switch.security.port import SecurityError

OTHERS = 0o077
OWNERS = "allowed: a file that its owner alone may read (chmod 600)"


def read_private(path: str | Path) -> bytes:
    """The file's bytes. Raises SecurityError, which names the file and says what is allowed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            _check(path, os.fstat(descriptor))
            with open(descriptor, "rb", closefd=False) as file:
                return file.read()
        finally:
            os.close(descriptor)
    except OSError as error:
        raise SecurityError(f"{path}: {error.strerror}: {OWNERS}") from None


def write_private(path: str | Path, data: bytes, *, replace: bool = True) -> None:
    """Durable when it returns, and whole or not at all. With `replace` false an existing file stays (SecurityError)."""
    path = Path(path)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_synced(fresh, data)
        _put(fresh, path, replace=replace)
        sync_directory(path.parent)
    except OSError as error:
        raise SecurityError(f"{path}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            fresh.unlink()


def _put(fresh: Path, path: Path, *, replace: bool) -> None:
    if replace:
        os.replace(fresh, path)
        return
    try:
        os.link(fresh, path)
    except FileExistsError:
        raise SecurityError(f"{path}: exists already: allowed: another name") from None


def _check(path: str | Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise SecurityError(f"{path}: not a plain file: {OWNERS}")
    if found.st_mode & OTHERS:
        raise SecurityError(f"{path}: mode {stat.S_IMODE(found.st_mode):03o}: {OWNERS}")
    if found.st_uid not in (os.geteuid(), 0):
        raise SecurityError(f"{path}: belongs to another user: {OWNERS}")


def _write_synced(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)  # left by one of us that was killed
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
