"""MACs in a simulated payShield: M6 makes one, M8 verifies one.

Rule: as in `key_commands`. Whole messages only, binary or in hexadecimal; the retail MAC and CMAC.
"""

from hmac import compare_digest

from simulators.payshield.fields import HEX, Fields, Refused
from simulators.payshield.key_commands import FINE
from simulators.payshield.vault import Vault
from switch.security.crypto import tdes
from switch.security.crypto.mac import cmac

WRONG = "01"
BINARY, HEXADECIMAL = "0", "1"
SIZES = {"0": 8, "1": 16}
RETAIL, CMAC = "3", "6"
NO_PADDING = "0"
MESSAGE_MAX = 32_000


def generate_mac(vault: Vault, fields: Fields) -> str:
    mac, _ = computed(vault, fields)
    fields.end()
    return FINE + mac


def verify_mac(vault: Vault, fields: Fields) -> str:
    mac, size = computed(vault, fields)
    given = fields.hexadecimal(size)
    fields.end()
    return FINE if compare_digest(mac, given) else WRONG


def computed(vault: Vault, fields: Fields) -> tuple[str, int]:
    """The MAC over the message in the fields, and how many digits it has."""
    fields.one_of(("0",), "02")
    form = fields.one_of((BINARY, HEXADECIMAL), "03")
    size = SIZES[fields.one_of(tuple(SIZES))]
    algorithm = fields.one_of((RETAIL, CMAC), "04")
    padding = fields.one_of(("0", "1", "2") if algorithm == RETAIL else (NO_PADDING,), "09")
    key = vault.key(fields, fields.one_of(("003", "008"), "05"))
    message = message_in(fields, form)
    mac = retail(vault, key, padding, message) if algorithm == RETAIL else cmac(tdes.algorithm(key), message)
    return mac.hex().upper()[:size], size


def retail(vault: Vault, key: bytes, padding: str, message: bytes) -> bytes:
    """Without padding a message has whole blocks, and then padding 1 adds nothing."""
    if len(key) != 16:
        raise Refused("27")
    if padding == NO_PADDING and (len(message) % tdes.BLOCK or not message):
        raise Refused("06")
    return vault.retail_mac(key, 2 if padding == "2" else 1).compute(message)


def message_in(fields: Fields, form: str) -> bytes:
    length = int(fields.hexadecimal(4), 16)
    if not 0 < length <= MESSAGE_MAX:
        raise Refused("06")
    return fields.octets(length) if form == BINARY else bytes.fromhex(fields.take(2 * length, HEX))
