"""`barada decode`: bytes explained, for whoever builds or debugs the other side of a line.

Rule: nothing that must not be seen is shown, and there is no option for it.
"""

from __future__ import annotations

import sys
from typing import Any, BinaryIO

import click

from switch.commands.bytes_in import NotHex, Piece, bytes_in, cut
from switch.commands.explaining import explain
from switch.commands.reading import Reading, read
from switch.commands.showing import as_object, show, show_object
from switch.commands.ways import Way, readable_ways, way_options
from switch.wire.dialect import Dialect


@click.command()
@click.argument("given", metavar="[HEX | -]", nargs=-1)
@click.option("--file", "file", type=click.File("rb"), help="Bytes, or hex text, from a file.")
@way_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object per message.")
def decode(given: tuple[str, ...], file: BinaryIO | None, as_json: bool, **options: Any) -> None:
    """Explain messages, field by field.

    HEX is hexadecimal text; spaces, line ends, colons, dashes, 0x and \\x between the digits are no matter. What is
    secret is never shown, and what is personal is masked. Bytes on a command line stay in the shell's history: give
    those of real cards by "-" (standard input) or --file.

    The exit code is 1 if anything could not be read.
    """
    way = Way.of(**options)
    data = _bytes(given, file, way)
    found = cut(data, way.framing)
    readings = [read(piece.body, way.dialect) if piece.body else None for piece in found.pieces]
    faultless = not found.fault and all(reading is None or reading.fault is None for reading in readings)
    better = [] if faultless else readable_ways(data)
    if better:
        _tell_better(better, as_json)
        sys.exit(1)
    for number, (piece, reading) in enumerate(zip(found.pieces, readings, strict=True), 1):
        _show_piece(number, piece, reading, way.dialect, as_json)
    if found.fault:
        show_object({"fault": found.fault}) if as_json else click.echo(found.fault)
    if not faultless:
        sys.exit(1)


def _bytes(given: tuple[str, ...], file: BinaryIO | None, way: Way) -> bytes:
    try:
        data = bytes_in(_given(given, file), way.worth)
    except NotHex as error:
        raise click.UsageError(f"{error}: allowed: hexadecimal text, or a message as it is on the wire") from None
    if not data:
        raise click.UsageError("nothing to decode: give HEX, --file FILE, or - for the standard input")
    return data


def _given(given: tuple[str, ...], file: BinaryIO | None) -> bytes:
    if file is not None:
        if given:
            raise click.UsageError("give HEX or --file, not both")
        return file.read()
    if given in ((), ("-",)):
        return b"" if not given and sys.stdin.isatty() else sys.stdin.buffer.read()
    return " ".join(given).encode()


def _show_piece(number: int, piece: Piece, reading: Reading | None, dialect: Dialect, as_json: bool) -> None:
    place = {"message": number, "at": piece.at, "prefix": piece.prefix.hex()}
    if reading is None and as_json:
        show_object({**place, "size": 0, "fields": []})
    elif reading is None:
        click.echo(f"message {number}: nothing but its frame at byte {piece.at} (a keep-alive)")
    elif as_json:
        show_object({**place, "dialect": dialect.name, **as_object(explain(reading, dialect))})
    else:
        prefix = f", after {piece.prefix.hex(' ')}" if piece.prefix else ""
        title = f"message {number}: {reading.size} bytes at byte {piece.at}{prefix}, {dialect.name}"
        show(title, explain(reading, dialect))


def _tell_better(ways: list[str], as_json: bool) -> None:
    """Read the wrong way, any field might show what it must not: so nothing of it is shown."""
    if as_json:
        show_object({"fault": "cannot be read this way", "readable_with": ways})
    else:
        click.echo(f"cannot be read this way, but all of it can with {' or '.join(ways)}")
