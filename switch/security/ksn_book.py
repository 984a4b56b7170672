"""The serial numbers that terminals have used up (X9.24: a number is used once), kept over a restart.

Rule: a number is written down before the PIN that came under it is handed on, and what was written survives a kill of
the process. The same request again, a repeat on the wire, may show its number again: it is not carried out twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from switch.security.ksn import Ksn, KsnMarks
from switch.security.port import ModuleAwayError, SecurityError

DEVICES_MAX = 100_000


class KsnBook:
    """In memory only, or with a file that belongs to it alone."""

    def __init__(self, path: str | None = None) -> None:
        """Raises SecurityError if the file can't be had."""
        try:
            self._marks = KsnMarks(DEVICES_MAX, _read(path) if path is not None else ())
            self._file = None if path is None else _compacted(path, self._marks)
        except OSError as error:
            raise SecurityError(f"{path}: {error.strerror}: allowed: a file of serial numbers of its own") from None
        self._last: dict[str, tuple[int, str]] = {}  # by device: its last number, and whose it was

    def accept(self, ksn: Ksn, whose: str) -> bool:
        """Whether the number is new, or its own request's again. Raises ModuleAwayError if it can't be written down."""
        if whose and self._last.get(ksn.device) == (ksn.counter, whose):
            return True
        if not self._marks.accept(ksn):
            return False
        self._write(ksn)
        self._last[ksn.device] = ksn.counter, whose
        return True

    def _write(self, ksn: Ksn) -> None:
        if self._file is None:
            return
        try:
            os.write(self._file, _line(ksn.device, ksn.counter))
        except OSError:
            raise ModuleAwayError("a terminal's serial number can't be written down") from None


def _line(device: str, counter: int) -> bytes:
    return f"{device} {counter}\n".encode()


def _read(path: str) -> Iterator[tuple[str, int]]:
    """The highest number of each device. A line that a kill cut short is passed over: its PIN was never handed on."""
    found: dict[str, int] = {}
    if Path(path).exists():
        for line in Path(path).read_text(encoding="ascii", errors="replace").splitlines():
            device, _, counter = line.partition(" ")
            if counter.isascii() and counter.isdigit():
                found[device] = max(found.get(device, 0), int(counter))
    yield from found.items()


def _compacted(path: str, marks: KsnMarks) -> int:
    """The file with one line a device, open for more."""
    fresh = f"{path}.new"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.writelines(_line(device, counter) for device, counter in marks)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
