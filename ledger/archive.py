"""The files that entries of the journal are moved to, once the books need not hold them any more.

Rule: a file is whole or not there: written beside its name, made durable, then renamed; never changed afterwards. It is
frames of four bytes of length, big-endian, and so much msgpack: a Head, then each entry as the array
[sequence, at, kind, body, hash], oldest first, without a gap. Its name says which: `journal-FIRST-LAST.frames`, twelve
digits each. Hashes go on from one file to the next, from the first entry ever to those in the books.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from config.hardening.durable import sync_directory
from ledger.errors import UNREADABLE, BooksError
from ledger.journal import Entry

_NAME = re.compile(r"journal-(\d{12})-(\d{12})\.frames")
_PART = ".part"
_LENGTH = struct.Struct(">I")


class Head(msgspec.Struct, frozen=True, array_like=True):
    """What a file begins with. `previous` is the hash of the entry before `first`."""

    format: str
    version: int
    first: int
    last: int
    previous: bytes


class WrongFile(Exception):  # noqa: N818 - what is wrong is not this program
    """A file of the archive is not what was written there."""


FORMAT, VERSION = "barada journal", 1


def write(directory: Path, entries: Sequence[Entry], previous: bytes) -> Path:
    """Durable when this returns."""
    head = Head(FORMAT, VERSION, entries[0].sequence, entries[-1].sequence, previous)
    path = directory / f"journal-{head.first:012}-{head.last:012}.frames"
    part = path.with_name(path.name + _PART)
    try:
        part.unlink(missing_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for value in (head, *entries):
                body = _encode(value)
                file.write(_LENGTH.pack(len(body)) + body)
            file.flush()
            os.fsync(file.fileno())
        os.rename(part, path)
        sync_directory(directory)
    except OSError as error:
        raise BooksError(f"{path}: {error.strerror or error}") from error
    return path


def files(directory: Path) -> list[Path]:
    """By their first entry."""
    try:
        return sorted(path for path in directory.iterdir() if _NAME.fullmatch(path.name))
    except OSError as error:
        raise BooksError(f"{directory}: {error.strerror or error}") from error


def remove_parts(directory: Path) -> None:
    """What a killed run left unfinished."""
    for part in directory.glob(f"journal-*{_PART}"):
        part.unlink()


def span(path: Path) -> tuple[int, int]:
    """First and last entry, as the name has them."""
    named = _NAME.fullmatch(path.name)
    assert named is not None, path
    return int(named[1]), int(named[2])


def read(path: Path) -> tuple[Head, Iterator[Entry]]:
    """Raises WrongFile, also while its entries are taken; whether they are the right ones is for the hashes to say."""
    frames = _frames(path)
    try:
        head = _decode_head(next(frames, b""))
    except UNREADABLE as error:
        raise WrongFile("not a file of this archive") from error
    if (head.format, head.version) != (FORMAT, VERSION) or (head.first, head.last) != span(path):
        raise WrongFile("its name does not say what is in it")
    return head, _entries(head, frames)


def _entries(head: Head, frames: Iterator[bytes]) -> Iterator[Entry]:
    expected = head.first
    for frame in frames:
        try:
            entry = _decode_entry(frame)
        except UNREADABLE as error:
            raise WrongFile(f"entry {expected} cannot be read") from error
        if entry.sequence != expected or expected > head.last:
            raise WrongFile(f"entry {entry.sequence} stands where {expected} belongs")
        yield entry
        expected += 1
    if expected <= head.last:
        raise WrongFile(f"it ends before entry {expected}")


def _frames(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while length := file.read(_LENGTH.size):
                size = int.from_bytes(length, "big")
                frame = file.read(size)
                if len(length) < _LENGTH.size or len(frame) < size:
                    raise WrongFile("it is cut short")
                yield frame
    except OSError as error:
        raise WrongFile(error.strerror or str(error)) from error


_encode = msgspec.msgpack.Encoder().encode
_decode_head = msgspec.msgpack.Decoder(Head).decode
_decode_entry = msgspec.msgpack.Decoder(Entry).decode
