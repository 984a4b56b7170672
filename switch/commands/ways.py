"""How bytes are to be read: the options that `decode` and `send` share, and a guess at them when they are wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click

from switch.commands.bytes_in import cut
from switch.commands.reading import read
from switch.wire.dialect import Dialect, dialect_named
from switch.wire.framing import LENGTHS, Framing, framing_named
from switch.wire.names import MTI_VERSIONS
from switch.wire.original import LAYOUTS
from switch.wire.specs import DIALECTS

NO_FRAMING = "none"
DIALECT = DIALECTS[0]
CHARSET = "utf-8"
LAYOUT = LAYOUTS[0]

FRAME_SIZE_MAX = 65_535  # more than any listener takes: here a message is to be seen, not refused

_VERSIONS = tuple(MTI_VERSIONS)
_MTI_AND_BITMAP = 4 + 8  # the shortest beginning that can tell a dialect
_TRIED_FRAMINGS = (
    NO_FRAMING,
    *(f"{length}{option}" for length in LENGTHS for option in ("", "-inclusive", "-tpdu", "-inclusive-tpdu")),
)

Command = TypeVar("Command", bound=Callable[..., Any])


class Way:
    """A dialect and a framing; without the latter everything is one message."""

    def __init__(self, dialect: Dialect, framing: Framing | None) -> None:
        self.dialect = dialect
        self.framing = framing

    @classmethod
    def of(cls, *, dialect: str, framing: str, charset: str, original_layout: str) -> Way:
        """From the options' texts. Raises click.BadParameter."""
        return cls(dialect_of(dialect, charset, original_layout), framing_of(framing))

    def worth(self, data: bytes) -> int:
        """How much of a message these bytes are: 2 they can be read, in whatever way; 1 they begin well; 0 neither."""
        found = cut(data, self.framing)
        readings = [read(piece.body, self.dialect) for piece in found.pieces if piece.body]
        faultless = bool(readings) and not found.fault and all(reading.fault is None for reading in readings)
        if faultless or readable_ways(data):
            return 2
        return int(bool(readings) and readings[0].values.get("t", "")[:1] in _VERSIONS)


def way_options(command: Command) -> Command:
    """The options that say how bytes are to be read."""
    for option in reversed(
        (
            click.option("--dialect", type=click.Choice(DIALECTS), default=DIALECT, show_default=True),
            click.option(
                "--framing",
                default=NO_FRAMING,
                show_default=True,
                help=f"none, or {', '.join(LENGTHS)}; then -inclusive; then -tpdu or -header:TEXT.",
            ),
            click.option("--charset", default=CHARSET, show_default=True, help="Of text that people read."),
            click.option("--original-layout", type=click.Choice(LAYOUTS), default=LAYOUT, help="Of field 90."),
        )
    ):
        command = option(command)
    return command


def dialect_of(name: str, charset: str, original_layout: str) -> Dialect:
    try:
        return dialect_named(name, charset, original_layout)
    except LookupError:
        raise click.BadParameter(f"{charset!r}: allowed: utf-8, cp1256, iso8859-6, …", param_hint="--charset") from None


def framing_of(name: str) -> Framing | None:
    if name == NO_FRAMING:
        return None
    try:
        return framing_named(name, FRAME_SIZE_MAX)
    except ValueError as error:
        raise click.BadParameter(f"{error}: or none", param_hint="--framing") from None


def readable_ways(data: bytes) -> list[str]:
    """The options with which every byte of this can be read, if there are any."""
    return list(_readable_ways(data)) if len(data) >= _MTI_AND_BITMAP else []


def _readable_ways(data: bytes) -> Iterator[str]:
    dialects = [dialect_named(name) for name in DIALECTS]
    for framing in _TRIED_FRAMINGS:
        found = cut(data, framing_of(framing))
        if found.fault or not any(piece.body for piece in found.pieces):
            continue
        for dialect in dialects:
            if all(read(piece.body, dialect).fault is None for piece in found.pieces if piece.body):
                yield f"--dialect {dialect.name} --framing {framing}"
