"""A peer's end-of-day file, whole: a header, the movements, sums by currency, and an end that counts the lines.

Rule: pure, and strict: a file that was cut, joined, re-encoded or changed by a spreadsheet is refused with the line
that says so, never read in part. `docs/files.md` is its layout for whoever writes one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from switch.settlement.line import COLUMNS, OF_BILLER, OF_CORE, Line, LineError, read, written

HEADER = ",".join(COLUMNS)
SUM, END = "sum", "end"
LINE_MAX = 400  # bytes; the longest that the columns allow is shorter
LINES_MAX = 2_000_000  # 1.4 GB while they are matched, and a day of 23 payments a second


class FileError(ValueError):
    """The file can't be used; the text says which line, and what is allowed."""


class EndOfDay(msgspec.Struct, frozen=True):
    """What one peer says of one business day."""

    peer: str
    day: str
    lines: tuple[Line, ...]


class Sum(msgspec.Struct, frozen=True):
    """A currency's movements: how many took money and how much, how many gave it back and how much."""

    currency: str
    count: int = 0
    minor: int = 0
    back: int = 0
    back_minor: int = 0


def file_name(peer: str, day: str) -> str:
    return f"{peer}-{day}.csv"


def sums(lines: Iterable[Line]) -> tuple[Sum, ...]:
    found: dict[str, Sum] = {}
    for line in lines:
        known = found.get(line.currency) or Sum(line.currency)
        given, minor = (0, 0) if line.back else (1, line.amount_minor)
        back, back_minor = (1, line.amount_minor) if line.back else (0, 0)
        found[line.currency] = Sum(
            line.currency, known.count + given, known.minor + minor, known.back + back, known.back_minor + back_minor
        )
    return tuple(found[currency] for currency in sorted(found))


def file_text(file: EndOfDay) -> Iterator[str]:
    """The lines of a file, ends of line included. LineError for what could not be read back."""
    yield f"{HEADER}\n"
    for line in file.lines:
        yield f"{written(line)}\n"
    for one in sums(file.lines):
        yield f"{_sum_text(one)}\n"
    yield f"{_end_text(file.peer, file.day, len(file.lines))}\n"


def read_file(
    raw: Iterable[bytes],
    peer: str,
    day: str,
    prefixes: tuple[str, ...] | None = None,
    payees: frozenset[str] | None = None,
) -> EndOfDay:
    """`raw` is the file line by line, each with its end and none longer than LINE_MAX + 1 bytes. FileError.

    `prefixes` are how the bank's accounts begin: of the core's file, which may name no others. None: it is a biller's.
    `payees` are whom a biller's file may name: those that it answers for. None: whoever.
    """
    numbered = enumerate(raw, 1)
    _header(next(numbered, None))
    lines: list[Line] = []
    told: list[str] = []
    ended = False
    for number, data in numbered:
        text = _text(number, data)
        if ended:
            raise FileError(f"line {number}: allowed: nothing after the line {END}")
        if text.startswith((f"{SUM},", f"{END},")):
            told.append(text)
            ended = text.startswith(END)
        elif told:
            raise FileError(f"line {number}: allowed: no movement after the first line {SUM}")
        else:
            lines.append(_line(number, text, day, prefixes))
            _must_be_its_own(number, lines[-1], payees)
    if not ended:
        raise FileError(f"the line {END} is missing: the file was cut")
    _check_end(told, lines, peer, day)
    return EndOfDay(peer, day, tuple(lines))


def _header(first: tuple[int, bytes] | None) -> None:
    if first is None:
        raise FileError("it is empty: allowed: at least a header and an end")
    if _text(*first) != HEADER:
        raise FileError(f"line 1: allowed: the header {HEADER}")


def _text(number: int, data: bytes) -> str:
    """A line without its end."""
    if number > LINES_MAX:
        raise FileError(f"line {number}: allowed: up to {LINES_MAX} lines")
    if len(data) > LINE_MAX:
        raise FileError(f"line {number}: longer than {LINE_MAX} bytes")
    if not data.endswith(b"\n"):
        raise FileError(f"line {number}: it does not end: the file was cut")
    try:
        text = data.removesuffix(b"\n").removesuffix(b"\r").decode("ascii")
    except UnicodeDecodeError as error:
        raise FileError(f"line {number}: byte {error.start + 1} is not ASCII") from None
    if not text.isprintable():
        raise FileError(f"line {number}: a control character")
    return text


def _line(number: int, text: str, day: str, prefixes: tuple[str, ...] | None) -> Line:
    try:
        line = read(text)
    except LineError as fault:
        raise FileError(f"line {number}, {fault}") from None
    if line.day != day:
        raise FileError(f"line {number}, day: allowed: {day}, the file's")
    allowed = OF_BILLER if prefixes is None else OF_CORE
    if line.kind not in allowed:
        raise FileError(f"line {number}, kind: allowed: {', '.join(allowed)}")
    if prefixes is not None:
        _must_be_ours(number, line, prefixes)
    return line


def _must_be_its_own(number: int, line: Line, payees: frozenset[str] | None) -> None:
    """A dispute pays whom the file names, where nothing else tells: it may not be another biller, nor a customer."""
    if payees is not None and line.payee not in payees:
        raise FileError(f"line {number}, payee: allowed: {', '.join(sorted(payees))}")


def _must_be_ours(number: int, line: Line, prefixes: tuple[str, ...]) -> None:
    """An account that is not the bank's could be anything, a card number too, and would be kept."""
    kind, _, payee = line.payee.partition(":")
    named = {"account": line.account, **({"payee": payee} if kind in ("customer", "loan") else {})}
    for column, account in named.items():
        if not account.startswith(prefixes):
            raise FileError(
                f"line {number}, {column}: allowed: an account of this bank, beginning {' or '.join(prefixes)}"
            )


def _check_end(told: Sequence[str], lines: Sequence[Line], peer: str, day: str) -> None:
    expected = [*map(_sum_text, sums(lines)), _end_text(peer, day, len(lines))]
    if len(told) != len(expected) or told[:-1] != expected[:-1]:
        raise FileError(f"its sums are not those of its lines: allowed here: {' and '.join(expected[:-1]) or 'none'}")
    if told[-1] != expected[-1]:
        raise FileError(f"its end is another file's, or lines are missing: allowed here: {expected[-1]}")


def _sum_text(one: Sum) -> str:
    return f"{SUM},{one.currency},{one.count},{one.minor},{one.back},{one.back_minor}"


def _end_text(peer: str, day: str, count: int) -> str:
    return f"{END},{peer},{day},{count}"
