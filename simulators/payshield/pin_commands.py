"""PINs in a simulated payShield: CA, CC and G0 translate blocks, DA, EA, DC and EC verify PINs.

Rule: as in `key_commands`. Keys are looked at first, then formats, then the block. What may become what is in the two
tables of `switch.security.crypto.pin`; a PIN never leaves this file.
"""

from simulators.issuer.ibm3624 import chosen_pin
from simulators.issuer.pvv import pvv
from simulators.payshield.fields import DIGITS, HEX, Fields, Refused
from simulators.payshield.key_commands import FINE
from simulators.payshield.vault import SECOND_KEY, Vault
from switch.security.crypto.dukpt_tdes import TdesDukpt
from switch.security.crypto.ksn import Ksn
from switch.security.crypto.pin import WITH_CARD, WITHOUT_CARD, PinCipher, open_pin, translate
from switch.security.crypto.pin_block import FILL_SIZE, PinFormat
from switch.security.payshield.commands import FORMAT_CODES
from switch.security.port import PinBlockError, SecurityError

ZPK, TPK, BDK, PVK = "001", "002", "009", "002"
WRONG, RIGHT_BY_TDES = "01", "02"
FORMATS = {code: pin_format for pin_format, code in FORMAT_CODES.items() if pin_format is not PinFormat.ISO_4}
COUNTER_DIGITS = 5
DIFFERENT_DIGITS_LEAST, SAME_DIGITS_MOST = 8, 4


def translate_from_terminal(vault: Vault, fields: Fields) -> str:
    return translate_static(vault, fields, TPK)


def translate_between_zones(vault: Vault, fields: Fields) -> str:
    return translate_static(vault, fields, ZPK)


def translate_static(vault: Vault, fields: Fields, kind: str) -> str:
    source, target = vault.key(fields, kind), vault.key(fields, ZPK, SECOND_KEY)
    fields.one_of(("12",))
    return translated(vault, fields, source, target)


def translate_derived(vault: Vault, fields: Fields) -> str:
    bdk, target = vault.key(fields, BDK), vault.key(fields, ZPK, SECOND_KEY)
    if len(bdk) != 16:
        raise Refused("27")
    lengths = fields.hexadecimal(3)
    ksn = fields.hexadecimal(sum(int(length, 16) for length in lengths) + COUNTER_DIGITS)
    try:
        source = TdesDukpt(bdk).pin_key(Ksn.parse(ksn))
    except SecurityError:
        raise Refused("15") from None
    return translated(vault, fields, source, target)


def translated(vault: Vault, fields: Fields, source: bytes, target: bytes) -> str:
    block, given, wanted = fields.hexadecimal(16), pin_format(fields), pin_format(fields)
    pan = pan_of(fields)
    fields.end()
    card = None if given is wanted is PinFormat.ISO_1 else pan
    if wanted not in (WITHOUT_CARD if card is None else WITH_CARD)[given]:
        raise Refused("23")
    zones = PinCipher(source, given), PinCipher(target, wanted)
    try:
        length = len(open_pin(block, card, zones[0]))
        new = translate(block, card, *zones, vault.draw(FILL_SIZE))
    except PinBlockError:
        raise Refused("20") from None
    return f"{FINE}{length:02d}{new}{FORMAT_CODES[wanted]}"


def verify_terminal_ibm(vault: Vault, fields: Fields) -> str:
    return verify_ibm(vault, fields, TPK)


def verify_zone_ibm(vault: Vault, fields: Fields) -> str:
    return verify_ibm(vault, fields, ZPK)


def verify_ibm(vault: Vault, fields: Fields, kind: str) -> str:
    key, pvk = vault.key(fields, kind), vault.key(fields, PVK, SECOND_KEY)
    fields.one_of(("12",))
    block, given, least = fields.hexadecimal(16), pin_format(fields), int(fields.number(2))
    pan, table = pan_of(fields), decimalization_table(fields)
    data, offset = validation_data(fields, pan), fields.take(12, HEX).upper().rstrip("F")
    fields.end()
    if not DIGITS.issuperset(offset) or not 4 <= least <= len(offset):
        raise Refused("15")
    pin = pin_in(block, given, pan, key)
    return RIGHT_BY_TDES if pin == chosen_pin(pvk, data, table, offset) else WRONG


def verify_terminal_visa(vault: Vault, fields: Fields) -> str:
    return verify_visa(vault, fields, TPK)


def verify_zone_visa(vault: Vault, fields: Fields) -> str:
    return verify_visa(vault, fields, ZPK)


def verify_visa(vault: Vault, fields: Fields, kind: str) -> str:
    key, pvk = vault.key(fields, kind), vault.key(fields, PVK, SECOND_KEY)
    if len(pvk) != 16:
        raise Refused("27")
    block, given, pan = fields.hexadecimal(16), pin_format(fields), pan_of(fields)
    pvki, value = fields.number(1), fields.number(4)
    fields.end()
    return FINE if pvv(pvk, pan, pvki, pin_in(block, given, pan, key)) == value else WRONG


def pin_in(block: str, given: PinFormat, pan: str, key: bytes) -> str:
    try:
        return open_pin(block, pan, PinCipher(key, given))
    except PinBlockError:
        raise Refused("20") from None


def pin_format(fields: Fields) -> PinFormat:
    """A format by its code. Format 4 is for AES keys, which a variant LMK has not."""
    return FORMATS[fields.one_of(tuple(FORMATS), "23")]


def pan_of(fields: Fields) -> str:
    """The twelve digits before the check digit, with a digit where it stands: nothing here looks at that."""
    return fields.number(12) + "0"


def decimalization_table(fields: Fields) -> str:
    """A table in clear that does not give too much away, else 25."""
    table = fields.take(16)
    if not DIGITS.issuperset(table):
        raise Refused("25")
    if len(set(table)) < DIFFERENT_DIGITS_LEAST or max(map(table.count, table)) > SAME_DIGITS_MOST:
        raise Refused("25")
    return table


def validation_data(fields: Fields, pan: str) -> str:
    """Twelve characters, one of them an N in whose place the account number's last five digits are put."""
    before, mark, after = fields.take(12).partition("N")
    data = before + pan[-6:-1] + after
    if not mark or not HEX.issuperset(data):
        raise Refused("15")
    return data
