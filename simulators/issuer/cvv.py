"""Card verification values (CVV, CVC): three digits that prove a card's number and expiry were written by its issuer.

Rule: the issuer's side, simulated; the switch never sees a card verification key. All key, nothing random.
"""

from simulators.issuer.digits import digits_first
from switch.security.crypto import tdes

WIDTH = 3
BLOCK_DIGITS = 2 * tdes.BLOCK


def cvv(cvk: bytes, pan: str, expiry: str, service_code: str) -> str:
    """Over card number, expiry as printed there (YYMM or MMYY) and service code: 000 for CVV2, 999 for a chip's.

    `cvk` has two parts: the first hides the first half of the data, both together the sum with the second.
    """
    data = bytes.fromhex(f"{pan}{expiry}{service_code}".ljust(2 * BLOCK_DIGITS, "0"))
    first, second = data[: tdes.BLOCK], data[tdes.BLOCK :]
    inner = tdes.xor(tdes.encrypt(cvk[: tdes.BLOCK], first), second)
    return digits_first(tdes.encrypt(cvk, inner).hex(), WIDTH)
