"""PINs in clear in a simulated payShield: BA takes one under the master key, JG from there into a block.

Rule: as in `key_commands`. How a payShield encrypts a PIN under its master key is not published; here a number that the
pair 02-03 makes of the account number is added to it, which is enough to bind the two and to go back.
"""

from simulators.lmk import lmk
from simulators.payshield.fields import DIGITS, Fields, Refused
from simulators.payshield.key_commands import FINE
from simulators.payshield.pin_commands import ZPK, pan_of, pin_format
from simulators.payshield.vault import Vault
from switch.security.crypto import tdes
from switch.security.crypto.pin import PinCipher, seal_pin
from switch.security.crypto.pin_block import FILL_SIZE, PIN_LENGTHS
from switch.security.payshield.commands import PIN_UNDER_LMK_DIGITS

NUMBERS = 10**PIN_UNDER_LMK_DIGITS
MARK = "1"  # before the PIN, so that its first zeros count


def encrypt_pin(vault: Vault, fields: Fields) -> str:
    pin = fields.take(PIN_UNDER_LMK_DIGITS).rstrip("F")
    account = fields.number(12)
    fields.end()
    if not DIGITS.issuperset(pin):
        raise Refused("15")
    if len(pin) not in PIN_LENGTHS:
        raise Refused("24")
    return f"{FINE}{(int(MARK + pin) + number_of(account)) % NUMBERS:0{PIN_UNDER_LMK_DIGITS}d}"


def seal_for_zone(vault: Vault, fields: Fields) -> str:
    key, wanted, pan = vault.key(fields, ZPK), pin_format(fields), pan_of(fields)
    pin = clear_pin(fields.number(PIN_UNDER_LMK_DIGITS), pan[:-1])
    fields.end()
    return FINE + seal_pin(pin, pan, PinCipher(key, wanted), vault.draw(FILL_SIZE))


def clear_pin(pin_under_lmk: str, account: str) -> str:
    """The PIN again, else 14: it is not of this account, or not under this master key."""
    marked = str((int(pin_under_lmk) - number_of(account)) % NUMBERS)
    if marked[0] != MARK or len(marked) - 1 not in PIN_LENGTHS:
        raise Refused("14")
    return marked[1:]


def number_of(account: str) -> int:
    return int.from_bytes(tdes.encrypt(lmk("02-03", 0), bytes.fromhex(account.zfill(16))))
