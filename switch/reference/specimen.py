"""One invented request and what hangs on it, for the examples and for asking the code how it treats a field.

Rule: plainly invented, and the same every time. The key is named a test key wherever it is printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from config.sections import SwitchSettings
from switch.commands.question import Speaker, Stamp, question
from switch.flow.opening import new_payment
from switch.flow.payment import Payment
from switch.flow.payment import Question as Asked
from switch.flow.questions import kept_fields
from switch.reference.defaults import default_of
from switch.security.crypto.mac import RetailMac
from switch.services.service import Bank, BillerFacts
from switch.wire import tlv
from switch.wire.dialect import dialect_named
from switch.wire.envelope import Envelope
from switch.wire.figures import Figures, figure_fields
from switch.wire.message import Message
from switch.wire.names import FIELD_NAMES, TAG_NAMES

TEST_MAC_KEY = "0123456789ABCDEFFEDCBA9876543210"
CURRENCY = str(default_of(SwitchSettings, "currency"))
ZONE = ZoneInfo(str(default_of(SwitchSettings, "timezone")))
STAMP = Stamp(datetime(2026, 11, 22, 9, 15, 30, tzinfo=UTC), "000042", ZONE)
SPEAKER = Speaker("000123", "GW000001", "GATEWAY EXAMPLE", CURRENCY)
OURS, OURS_TOO = "10000000000001", "10000000000002"
FOREIGN, FOREIGN_TOO = "20000000000001", "20000000000002"
BILLER, CLOSED_BILLER, NO_BILLER = "ELEC", "GAS", "NOBODY"
NOTES_MINOR = (2_500, 5_000)

BANK = Bank(
    prefixes=("100",),
    currency=CURRENCY,
    billers={BILLER: BillerFacts("power", True), CLOSED_BILLER: BillerFacts("power", False)},
)

FIGURES = figure_fields(
    Figures(debits=3, debit_reversals=1, debits_minor=37_500, debit_reversals_minor=12_500).netted()
)

VALUES: Mapping[str, str] = {
    "2": "4000001234567899",
    "3": "000000",
    "4": "000000012500",
    "7": "1122091530",
    "11": "000042",
    "12": "121530",
    "13": "1122",
    "14": "2912",
    "15": "1122",
    "22": "012",
    "25": "00",
    "28": "C00000000",
    "32": "000123",
    "33": "000456",
    "35": "4000001234567899=29121010000012300000",
    "37": "632612000042",
    "41": "GW000001",
    "42": "GATEWAY EXAMPLE",
    "49": CURRENCY,
    "52": "0011223344556677",
    **FIGURES,
    "90": "020000004211220915300000000012300000000000",
    "95": "000000005000".ljust(42, "0"),
    "98": BILLER.ljust(25),
    "99": "000456",
    "102": OURS,
    "103": OURS_TOO,
}
TAG_VALUES: Mapping[str, str] = {
    "01": "963900000001",
    "02": "ar",
    "03": "77001234",
    "04": "202610-77001234",
    "07": "0011223344556677",
    "10": "20261101",
    "11": "20261122",
    "12": "0011223344556677",
    "13": "AFTER-40",
    "20": "IN-SERVICE",
    "21": "50000|760|1800|OK",
    "22": "DISPENSER|FATAL|0A13",
    "23": "OK",
    "24": "4.2.1",
    "32": "FFFF9876543210E00001",
}
"""Every element and tag that has a form, well formed."""


def envelope() -> Envelope:
    """The default dialect under the test key."""
    return Envelope(dialect_named("iso87-ascii"), RetailMac(bytes.fromhex(TEST_MAC_KEY)))


def bill_payment() -> dict[str, str]:
    """A 0200 that pays a bill, as `barada send` would fill it in."""
    given = {
        "4": VALUES["4"],
        "98": BILLER,
        "102": OURS,
        "48": {tag: TAG_VALUES[tag] for tag in ("01", "02", "03", "04")},
    }
    return question(given, "pay-bill", SPEAKER, STAMP, envelope().dialect)


def everything(mti: str) -> Message:
    """A request that carries every data element and every tag, to see where each of them goes."""
    fields = {
        de: VALUES.get(de, f"‹{de}›") for de in FIELD_NAMES if de.isdigit() and de not in ("1", "64", "65", "128")
    }
    tags = tlv.build((tag, TAG_VALUES.get(tag, "x")) for tag in TAG_NAMES)
    return Message({**fields, "t": mti, "48": tags})


def payment(*, legs: int) -> Payment:
    """As it begins: at the core alone, or at the core and then at a biller."""
    return new_payment(
        bytes(16),
        service="pay-bill" if legs == 2 else "transfer-own",
        key="key",
        day="20261122",
        endpoint="",
        language="ar",
        fields=kept_fields(everything("0200"), ""),
        amount_minor=int(VALUES["4"]),
        accounts=("customer", "biller"),
        core=Asked("core", "000001", "1122091530"),
        biller=Asked("power", "000002", "1122091531") if legs == 2 else None,
        accepted_at=0.0,
        answer_within_s=25.0,
    )
