"""Visa's PIN verification value: four digits that an issuer may keep instead of a PIN.

Rule: the issuer's side, simulated. Two PINs may have one value; who checks, computes and compares.
"""

from simulators.issuer.digits import digits_first
from switch.security.crypto import tdes

WIDTH = 4
PAN_DIGITS = 11


def pvv(pvk: bytes, pan: str, pvki: str, pin: str) -> str:
    """Over the card number's eleven digits before the check digit, the key's index and the PIN's first four."""
    transformed = pan[-PAN_DIGITS - 1 : -1] + pvki + pin[:WIDTH]
    return digits_first(tdes.encrypt(pvk, bytes.fromhex(transformed)).hex(), WIDTH)
