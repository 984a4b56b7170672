"""A bill payment and its answer, byte by byte: built, sealed and read by the code whenever the reference is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from switch.commands.explaining import Line, explain
from switch.commands.reading import Reading, read
from switch.reference.markdown import Lines, block, code, heading, prose, table
from switch.reference.specimen import CURRENCY, TEST_MAC_KEY, bill_payment, envelope
from switch.wire import tlv
from switch.wire.amounts import AVAILABLE_BALANCE, LEDGER_BALANCE, Balance, build_balances
from switch.wire.answer import answer_fields
from switch.wire.codes import ResponseCode
from switch.wire.framing import framing_named
from switch.wire.message import Message

FRAMING = "length2"
RECEIPT, APPROVAL_CODE, LEFT_MINOR = "ELEC-000917", "428571", 1_987_500
_BYTES_A_LINE = 24
_BITMAPS = ("p", "1")


def request() -> bytes:
    """The 0200, sealed, without its length."""
    return envelope().seal(bill_payment())


def answer() -> bytes:
    """The 0210 that approves it."""
    kinds = (LEDGER_BALANCE, AVAILABLE_BALANCE)
    extra = {
        "38": APPROVAL_CODE,
        "48": tlv.build([("09", RECEIPT)]),
        "54": build_balances(Balance("20", kind, CURRENCY, LEFT_MINOR) for kind in kinds),
    }
    approved = answer_fields(
        Message(bill_payment()), ResponseCode.APPROVED, language="ar", business_date="1122", extra=extra
    )
    return envelope().seal(approved)


def example_section() -> Lines:
    yield from heading(2, "An example")
    yield from prose(f"""
        A mobile gateway pays an electricity bill: `iso87-ascii`, framing `{FRAMING}`, retail MAC with padding 1.
        Everything in it is invented. **The MAC key is a published test key that protects nothing:
        `{TEST_MAC_KEY}`.**
    """)
    yield from _shown("The request, with its length", request())
    yield from prose("""
        The MAC covers everything before it, from the MTI on and without the length. In logs, and in what `barada
        decode` shows of these bytes, account, subscriber and customer number are masked.
    """)
    yield from _shown("Its answer", answer())


def _shown(title: str, body: bytes) -> Lines:
    """The frame in hex, fit for `barada decode`, and what each of its bytes is."""
    frame = framing_named(FRAMING).wrap(body)
    yield from prose(f"{title} ({len(frame)} bytes), as `barada decode --framing {FRAMING}` reads it:")
    yield from block(frame[at : at + _BYTES_A_LINE].hex(" ") for at in range(0, len(frame), _BYTES_A_LINE))
    yield from table(("at", "field", "name", "on the wire", "meaning"), _rows(body))


def _rows(body: bytes) -> Iterator[tuple[str, ...]]:
    dialect = envelope().dialect
    reading = read(body, dialect)
    ends = _ends(reading)
    parts = dict(_parts(reading.values))
    for line in explain(reading, dialect).lines:
        wire = body[line.at : ends[line.field]].decode() if line.at is not None else parts.get(line.field, "")
        at = "" if line.at is None else str(line.at)
        yield at, line.field, line.name, code(wire) if wire else "", _meaning(line)


def _meaning(line: Line) -> str:
    return f"fields {line.meaning}" if line.field in _BITMAPS else line.meaning


def _ends(reading: Reading) -> dict[str, int]:
    """Where each field's bytes end: where the next one's begin."""
    starts = [field.at for field in reading.fields[1:]]
    return dict(zip((field.de for field in reading.fields), (*starts, reading.size), strict=True))


def _parts(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The tags of 48 and the groups of 54 as they stand there."""
    for tag, value in tlv.parse(values.get("48", "")):
        yield f"48.{tag}", tlv.build([(tag, value)])
    amounts = values.get("54", "")
    for number, at in enumerate(range(0, len(amounts), 20), 1):
        yield f"54.{number}", amounts[at : at + 20]
