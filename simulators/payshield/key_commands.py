"""Keys in a simulated payShield: NC, A0, A6, A8 and BU.

Rule: the order of fields is what `switch.security.payshield.commands` says. A command gives its answer from the error
code on, or is refused.
"""

from simulators.payshield.fields import Fields, Refused
from simulators.payshield.key_blocks import read_header, unwrapped, wrapped
from simulators.payshield.vault import (
    SECOND_KEY,
    UNDER_LMK,
    Vault,
    checked_type,
    from_zmk,
    under_lmk_text,
    under_zmk_text,
)
from switch.security.crypto.kcv import SIZE, tdes_kcv
from switch.security.crypto.tdes import with_parity
from switch.security.keys.keyblock import FILL_SIZE

FINE, PARITY_WAS_WRONG = "00", "01"
# Of the check value of the test LMK the first six digits are published; the rest of the field is filled up.
LMK_CHECK = "268604".ljust(16, "0")
FIRMWARE = "SIMU-0001"
ZMK = "000"
UNDER_ZMK = ("U", "T", "X", "Y")
LENGTH_FLAGS = {"1": 16, "2": 24}
FULL_CHECK_SIZE = 8


def diagnose(_: Vault, fields: Fields) -> str:
    fields.end()
    return FINE + LMK_CHECK + FIRMWARE


def generate_key(vault: Vault, fields: Fields) -> str:
    mode = fields.one_of(("0", "1"))
    kind, scheme = checked_type(fields.take(3)), fields.one_of(UNDER_LMK, "26")
    if mode == "0":
        fields.end()
        clear = vault.new_key(scheme)
        return f"{FINE}{under_lmk_text(kind, scheme, clear)}{tdes_kcv(clear)}"
    zmk = zmk_of(vault, fields)
    clear = vault.new_key(scheme)
    exported = export(vault, fields, zmk, kind, clear)
    return f"{FINE}{under_lmk_text(kind, scheme, clear)}{exported}{tdes_kcv(clear)}"


def import_key(vault: Vault, fields: Fields) -> str:
    kind, zmk = checked_type(fields.take(3)), vault.key(fields, ZMK)
    clear = unwrapped(zmk, fields.key_block(), kind) if fields.begins("R") else from_zmk(zmk, *fields.key())
    scheme = fields.one_of(UNDER_LMK, "26")
    fields.end()
    code = FINE if clear == with_parity(clear) else PARITY_WAS_WRONG
    return f"{code}{under_lmk_text(kind, scheme, clear)}{tdes_kcv(clear)}"


def export_key(vault: Vault, fields: Fields) -> str:
    kind, zmk = checked_type(fields.take(3)), zmk_of(vault, fields)
    clear = vault.key(fields, kind, SECOND_KEY)
    return f"{FINE}{export(vault, fields, zmk, kind, clear)}{tdes_kcv(clear)}"


def check_value(vault: Vault, fields: Fields) -> str:
    """The type is told after the key; FF says so, and other codes are from before that."""
    fields.one_of(("FF",), "04")
    size = LENGTH_FLAGS[fields.one_of(tuple(LENGTH_FLAGS), "05")]
    scheme, under = fields.key()
    fields.one_of((";",))
    clear = vault.opened(checked_type(fields.take(3)), scheme, under)
    fields.one_of((";00",))
    wanted = fields.one_of(("0", "1"))
    fields.end()
    if len(clear) != size:
        raise Refused("05")
    return FINE + tdes_kcv(clear, SIZE if wanted == "1" else FULL_CHECK_SIZE)


def zmk_of(vault: Vault, fields: Fields) -> bytes:
    """A zone's master key; a flag before it would allow a terminal's, which this module has not."""
    if fields.begins(";"):
        fields.one_of(("0",))
    return vault.key(fields, ZMK)


def export(vault: Vault, fields: Fields, zmk: bytes, kind: str, clear: bytes) -> str:
    """The key under the zone's, by the scheme that the last fields ask for."""
    scheme = fields.one_of((*UNDER_ZMK, "R"), "26")
    if scheme != "R":
        fields.end()
        return under_zmk_text(zmk, scheme, clear)
    header = read_header(fields, kind)
    fields.end()
    return wrapped(zmk, header, clear, vault.draw(FILL_SIZE))
