"""Framings and dialects, shown on a message that the code itself has framed and encoded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from config.sections import ListenerSettings, SwitchSettings
from switch.commands.reading import Reading, read
from switch.flow.overload import SHARE_OF_ONE
from switch.net.visitor import STRIKES_MAX
from switch.reference.defaults import default_of
from switch.reference.markdown import Lines, code, heading, prose, table
from switch.reference.specimen import bill_payment
from switch.wire.dialect import dialect_named
from switch.wire.framing import FRAME_SIZE_MAX, framing_named
from switch.wire.original import LAYOUTS
from switch.wire.specs import DIALECTS, READABLE_TEXT, specification

FRAMING_WORDS: Mapping[str, str] = {
    "length2": "two bytes, big-endian",
    "length2-inclusive": "the same, counting its own two bytes",
    "ascii4": "four ASCII digits",
    "bcd2": "two bytes of packed digits",
    "length2-tpdu": "then a TPDU of five bytes: identifier, destination, source (NAC); an answer swaps the last two",
    "length2-header:ISO026000070": "then a literal text, the same on every message",
}
DIALECT_WORDS: Mapping[str, str] = {
    "iso87-ascii": "everything is text; bitmaps, `52`, `64`, `96` and `128` in hexadecimal (written in capitals)",
    "iso87-binary": "ASCII text; bitmaps, `52`, `64`, `96` and `128` as bytes",
    "iso87-bcd": "as `iso87-binary`, but the MTI, every length prefix and the numbers {packed} packed",
    "iso87-ebcdic": "as `iso87-binary`, but text and length prefixes in code page 500",
}
_SAMPLE = 300


def framing_section() -> Lines:
    yield from heading(2, "Framing")
    yield from prose(f"""
        A message stands on the stream behind its length. `length2` is the default; `-inclusive`, and then `-tpdu`
        or `-header:TEXT`, may be put behind any of the three ways to write a length. The length counts what follows
        it, a TPDU or a header included. Two examples of each: a message of {_SAMPLE} bytes, and a keep-alive.
    """)
    yield from table(
        ("framing", "what stands before the message", f"before {_SAMPLE} bytes", "keep-alive"), _framings()
    )
    yield from prose(f"""
        - A length of zero is a keep-alive. It asks for nothing and is not answered, but counts as traffic.
        - A message may have {FRAME_SIZE_MAX} bytes, the length and what stands before the message not counted
          (`frame_size_max`). A longer one closes the connection as soon as its length is read.
        - One connection may have {default_of(SwitchSettings, "requests_open_max")} requests open
          (`requests_open_max`); then the switch stops reading until it has answered one.
        - The switch works on {default_of(SwitchSettings, "in_progress_max")} requests in all (`in_progress_max`), and
          on {SHARE_OF_ONE:.0%} of them from one listener. Beyond that an inquiry is answered **91** at once, and what
          moves money or changes something **09**: nothing is begun, and it may be repeated. Reversals and advices are
          always taken.
        - A message once begun must be whole within {default_of(ListenerSettings, "frame_s"):g} s (`frame_s`).
        - What has no readable MTI is counted; on the {_ordinal(STRIKES_MAX)} such message the connection is closed.
    """)


def dialect_section() -> Lines:
    yield from heading(2, "Dialects")
    yield from prose("""
        All dialects carry the same data elements with the same meaning. They are those of pyiso8583's two published
        specifications, `iso8583.specs.default_ascii` and `iso8583.specs.default`, and what banks make of the
        latter.
    """)
    yield from table(("dialect", "how it writes"), ((code(name), _words_of(name)) for name in DIALECTS))
    yield from prose("The beginning and the size of the bill payment below, without its MAC, in each of them:")
    yield from table(("dialect", "MTI", "bitmap", "`3`", "`32` with its length", "bytes"), _dialects())
    yield from prose(f"""
        - {", ".join(map(code, READABLE_TEXT))} and a name in tag 06 are text that people read. They are written in
          the endpoint's `charset`, UTF-8 unless it says otherwise, in every dialect; a length counts bytes, not
          letters. Where a charset has no Arabic, the words in `63` are English.
        - `41`, `42` and `98` are left justified and filled with spaces; they are compared without them.
        - Hexadecimal is read in capitals and in small letters.
        - Field 90 has a layout of its own to choose: {" or ".join(map(code, LAYOUTS))} (`original_layout`).
    """)


def _framings() -> Iterator[tuple[str, ...]]:
    for name, words in FRAMING_WORDS.items():
        framing = framing_named(name)
        head = framing.wrap(bytes(_SAMPLE))[:-_SAMPLE]
        yield code(name), words, code(head.hex(" ")), code(framing.keep_alive.hex(" "))


def _dialects() -> Iterator[tuple[str, ...]]:
    for name in DIALECTS:
        dialect = dialect_named(name)
        body = dialect.encode(bill_payment())
        reading = read(body, dialect)
        parts = (code(_bytes_of(de, body, reading).hex(" ")) for de in ("t", "p", "3", "32"))
        yield code(name), *parts, str(len(body))


def _bytes_of(de: str, body: bytes, reading: Reading) -> bytes:
    """A field as it is on the wire, its length prefix included."""
    places = [field.at for field in reading.fields] + [len(body)]
    number = next(number for number, field in enumerate(reading.fields) if field.de == de)
    return body[places[number] : places[number + 1]]


def _words_of(name: str) -> str:
    spec = specification(name, "utf-8")
    packed = (de for de, entry in spec.items() if entry.get("len_count") == "nibbles")
    return DIALECT_WORDS[name].replace("{packed}", ranges(packed))


def ranges(numbers: Iterable[str]) -> str:
    """`2`-`27`, `32`: runs of three and more in short."""
    runs: list[list[int]] = []
    for number in sorted(map(int, numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(_run(run) for run in runs)


def _run(run: list[int]) -> str:
    if len(run) > 2:
        return f"`{run[0]}`–`{run[-1]}`"
    return ", ".join(f"`{number}`" for number in run)


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")
