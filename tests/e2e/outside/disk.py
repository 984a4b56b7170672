"""A disk that a test can fill and free again, with the books on it.

Rule: the ledger meets the real error of the real system call. Root gets a small file system of its own (ENOSPC);
anybody else a limit on how far the ledger's files may grow (EFBIG), set and lifted from outside while it runs.
"""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

SIZE = 48 * 1024 * 1024
BLOCK = bytes(64 * 1024)


class Disk(Protocol):
    @property
    def place(self) -> Path: ...
    def fill(self, ledger_pid: int) -> None: ...
    def free(self, ledger_pid: int) -> None: ...


class SmallDisk:
    """A tmpfs of its own, full of ballast when it is full."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._ballast = place / "ballast"

    def fill(self, ledger_pid: int) -> None:
        with self._ballast.open("ab", buffering=0) as ballast:
            for block in (BLOCK, BLOCK[:512], BLOCK[:1]):
                try:
                    while ballast.write(block):
                        pass
                except OSError:
                    continue

    def free(self, ledger_pid: int) -> None:
        self._ballast.unlink(missing_ok=True)


class LimitedFiles:
    """The ledger's write-ahead log, which every commit goes to, may not grow; other files no further than that."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def fill(self, ledger_pid: int) -> None:
        (log,) = self.place.glob("ledger.db-wal")
        resource.prlimit(ledger_pid, resource.RLIMIT_FSIZE, (log.stat().st_size, resource.RLIM_INFINITY))

    def free(self, ledger_pid: int) -> None:
        unlimited = resource.RLIM_INFINITY, resource.RLIM_INFINITY
        resource.prlimit(ledger_pid, resource.RLIMIT_FSIZE, unlimited)


@contextmanager
def small_disk(place: Path) -> Iterator[SmallDisk]:
    """Only root may mount one."""
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", place], check=True, timeout=10)
    try:
        yield SmallDisk(place)
    finally:
        subprocess.run(["umount", "--lazy", place], check=True, timeout=10)


@contextmanager
def limited_files(place: Path) -> Iterator[LimitedFiles]:
    place.mkdir()
    yield LimitedFiles(place)


def may_mount() -> bool:
    """Whether a file system can be mounted here: root in a container often can't."""
    return os.geteuid() == 0 and _mounts()


def _mounts() -> bool:
    probe = "mount -t tmpfs -o size=64k tmpfs /mnt"
    done = subprocess.run(["unshare", "--mount", "sh", "-c", probe], capture_output=True, timeout=10, check=False)
    return done.returncode == 0
