"""The commands that a payShield 10K is given, as bytes: code and fields, no length and no header.

Rule: pure, and the one place for the order of fields. It is that of the host commands of payShield 9000 and 10K as they
are publicly described: hold it against the manual of the firmware at hand. Keys are given, not their place in the
module's storage; no LMK is named, so the module's default one is meant; there is no message trailer.

    NC  -
    A0  "1", key type, scheme under LMK, ";0", ZMK, scheme under ZMK "R", header of the block
    A6  key type, ZMK, "R" and the TR-31 block, scheme under LMK
    A8  key type, ";0", ZMK, key, "R", header of the block
    BU  "FF", length flag, key, ";", key type, ";00", "1" for six digits
    CA  TPK, ZPK, longest PIN, block, its format, the new format, account number
    CC  ZPK, ZPK, the rest as CA
    G0  BDK, ZPK, KSN descriptor, KSN, block, its format, the new format, account number
    BA  PIN in clear, filled up with F, account number
    JG  ZPK, the new format, account number, PIN under the LMK
    M6  "0" all at once, "0" binary, "1" sixteen digits, algorithm, padding, key type, key, length, message
    M8  the same, then the MAC
    DA  TPK, PVK, longest PIN, block, its format, check length, account number, decimalization table, validation data,
        offset
    EA  ZPK, the rest as DA
    DC  TPK, PVK, block, its format, account number, key index, PVV
    EC  ZPK, the rest as DC

BA needs the module in its authorised state, and set to PINs of up to twelve digits.
The header of a block is "&", usage, mode of use, key version, exportability and the number of optional blocks. CMAC
pads by itself, so its padding is written as 0.
"""

from switch.security.crypto.pin import PinFormat
from switch.security.keys.keyblock import KeyHeader
from switch.security.payshield.keys import LmkKey

SIXTEEN_DIGITS = 16
# Five digits of counter follow what the descriptor counts, and make twenty (X9.24-1:2009 Annex A).
KSN_DESCRIPTOR = "A05"
MESSAGE_MAX = 32_000
LONGEST_PIN = "12"
PIN_UNDER_LMK_DIGITS = 13  # one more than the longest PIN
OFFSET_DIGITS = 12
NO_ACCOUNT = "0" * 12
FORMAT_CODES = {PinFormat.ISO_0: "01", PinFormat.ISO_1: "05", PinFormat.ISO_3: "47", PinFormat.ISO_4: "48"}
LENGTH_FLAGS = {"U": "1", "T": "2", "S": "F"}

DIAGNOSE = b"NC"


def generate_key(kind: str, scheme: str, zmk: LmkKey, header: KeyHeader) -> bytes:
    return f"A01{kind}{scheme};0{zmk.text}R{block_header(header)}".encode("ascii")


def import_key(kind: str, scheme: str, zmk: LmkKey, block: str) -> bytes:
    return f"A6{kind}{zmk.text}R{block}{scheme}".encode("ascii")


def export_key(key: LmkKey, zmk: LmkKey, header: KeyHeader | None) -> bytes:
    said = "" if header is None else block_header(header)
    return f"A8{key.kind};0{zmk.text}{key.text}R{said}".encode("ascii")


def check_value(key: LmkKey) -> bytes:
    return f"BUFF{LENGTH_FLAGS[key.text[0]]}{key.text};{key.kind};001".encode("ascii")


def translate_pin(
    command: str, keys: tuple[LmkKey, LmkKey], ksn: str, block: str, formats: tuple[PinFormat, PinFormat], account: str
) -> bytes:
    """CA, CC or G0; a `ksn` is for G0 alone."""
    before = f"{KSN_DESCRIPTOR}{ksn}" if command == "G0" else LONGEST_PIN
    given, wanted = (FORMAT_CODES[pin_format] for pin_format in formats)
    return f"{command}{keys[0].text}{keys[1].text}{before}{block}{given}{wanted}{account}".encode("ascii")


def encrypt_pin(pin: str) -> bytes:
    """A PIN that has no card, from clear to the LMK."""
    return f"BA{pin.ljust(PIN_UNDER_LMK_DIGITS, 'F')}{NO_ACCOUNT}".encode("ascii")


def seal_pin(key: LmkKey, pin_under_lmk: str, pin_format: PinFormat) -> bytes:
    """The same, from the LMK to a block."""
    return f"JG{key.text}{FORMAT_CODES[pin_format]}{NO_ACCOUNT}{pin_under_lmk}".encode("ascii")


def mac_fields(key: LmkKey, algorithm: str, padding: str) -> bytes:
    """What stands between the code and the message's length, the same for every message under a key."""
    return f"001{algorithm}{padding}{key.kind}{key.text}".encode("ascii")


def account_number(pan: str | None, *formats: PinFormat) -> str:
    """The twelve digits before the check digit; all of the card number where format 4 is one of the two."""
    if pan is None:
        return NO_ACCOUNT
    return f"{pan};" if PinFormat.ISO_4 in formats else pan[-13:-1].zfill(12)


def block_header(header: KeyHeader) -> str:
    """It has no optional block."""
    return f"&{header.usage}{header.mode}{header.number}{header.exportability}00"
