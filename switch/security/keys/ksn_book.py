"""The serial numbers that terminals have used up (X9.24: a number is used once), kept over a restart.

Rule: a number is written down before the PIN that came under it is handed on, and what was written survives a kill of
the process. The same request again, a repeat on the wire, may show its number again: it is not carried out twice.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from switch.security.crypto.ksn import Ksn, KsnMarks
from switch.security.port import ModuleAwayError, SecurityError

DEVICES_MAX = 100_000


class KsnBook:
    """In memory only, or with a file that belongs to it alone."""

    def __init__(self, path: str | None = None) -> None:
        """Raises SecurityError if the file can't be had."""
        try:
            self._last = _read(path) if path is not None else {}
            self._marks = KsnMarks(DEVICES_MAX, ((device, last.counter) for device, last in self._last.items()))
            self._file = None if path is None else _compacted(path, self._last)
        except OSError as error:
            raise SecurityError(f"{path}: {error.strerror}: allowed: a file of serial numbers of its own") from None

    def accept(self, ksn: Ksn, whose: str) -> bool:
        """Whether the number is new, or its own request's again. Raises ModuleAwayError if it can't be written down."""
        used = _Used(ksn.counter, _digest(whose) if whose else "")
        if used.whose and self._last.get(ksn.device) == used:
            return True
        if not self._marks.accept(ksn):
            return False
        self._write(ksn.device, used)
        self._last[ksn.device] = used
        return True

    def _write(self, device: str, used: _Used) -> None:
        if self._file is None:
            return
        line = _line(device, used)
        try:
            written = os.write(self._file, line)
            if written < len(line):  # the disk is full: no half of a line before the next one
                os.ftruncate(self._file, os.fstat(self._file).st_size - written)
                raise OSError
        except OSError:
            raise ModuleAwayError("a terminal's serial number can't be written down") from None


class _Used(NamedTuple):
    """A device's last number, and a digest of whose it was."""

    counter: int
    whose: str


def _digest(whose: str) -> str:
    return hashlib.blake2b(whose.encode(), digest_size=16).hexdigest()


def _line(device: str, used: _Used) -> bytes:
    return f"{device} {used.counter} {used.whose}\n".encode()


def _read(path: str) -> dict[str, _Used]:
    """The highest number of each device. A line that a kill cut short is passed over: its PIN was never handed on."""
    found: dict[str, _Used] = {}
    if Path(path).exists():
        for line in Path(path).read_text(encoding="ascii", errors="replace").splitlines(keepends=True):
            device, counter, whose = (line.split(" ") + [""] * 2)[:3]
            if whose.endswith("\n") and counter.isascii() and counter.isdigit():
                found[device] = max(found.get(device, _Used(0, "")), _Used(int(counter), whose.strip()))
    return found


def _compacted(path: str, last: Mapping[str, _Used]) -> int:
    """The file with one line a device, open for more."""
    fresh = f"{path}.new"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.writelines(_line(device, used) for device, used in last.items())
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
