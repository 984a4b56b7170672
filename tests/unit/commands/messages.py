"""Messages for the tests of the commands. Every secret in them is in SECRETS: none may ever be printed."""

from switch.wire import tlv
from switch.wire.dialect import dialect_named
from switch.wire.framing import framing_named

PAN = "4000001234567899"
TRACK = f"{PAN}=29121010000012300000"
PIN_BLOCK, NEW_PIN_BLOCK, CODE = "1A2B3C4D5E6F7081", "8F7E6D5C4B3A2910", "0F1E2D3C4B5A6978"
SUBSCRIBER, ACCOUNT, NAME = "963900000001", "10000000000001", "Layla Example"
SECRETS = (
    PAN,
    PAN[6:12],
    TRACK,
    TRACK[17:],
    PIN_BLOCK,
    NEW_PIN_BLOCK,
    CODE,
    "2912",
    SUBSCRIBER,
    ACCOUNT,
    NAME,
    "90777",
)

WITHDRAWAL = {
    "t": "0200",
    "2": PAN,
    "3": "012000",
    "4": "000000987650",
    "7": "1122101530",
    "11": "000042",
    "12": "131530",
    "13": "1122",
    "14": "2912",
    "22": "021",
    "25": "00",
    "32": "000124",
    "35": TRACK,
    "37": "REF000000042",
    "41": "ATM00001",
    "42": "MERCHANT0000001",
    "48": tlv.build((("01", SUBSCRIBER), ("02", "en"), ("06", NAME), ("07", CODE), ("12", NEW_PIN_BLOCK), ("88", "x"))),
    "49": "760",
    "52": PIN_BLOCK,
    "54": "2001760C0000000907772002760D000000907770"[:40],
    "102": ACCOUNT,
    "128": "00" * 8,
}
ECHO = {"t": "0800", "7": "1122101530", "11": "000001", "70": "301"}


def encoded(fields: dict[str, str], dialect: str = "iso87-ascii") -> bytes:
    return dialect_named(dialect).encode(fields)


def framed(*bodies: bytes, framing: str = "length2") -> bytes:
    return b"".join(map(framing_named(framing).wrap, bodies))
