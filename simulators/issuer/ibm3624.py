"""IBM 3624: the PIN that a card's number has by nature, and the offset from it to the one its holder chose.

Rule: the issuer's side, simulated. Sums of digits are without carry.
"""

from simulators.issuer.digits import by_table
from switch.security.crypto import tdes


def natural_pin(pvk: bytes, validation_data: str, decimalization_table: str, length: int) -> str:
    """The first digits of the enciphered validation data (16 hex digits, made of the card number)."""
    return by_table(tdes.encrypt(pvk, bytes.fromhex(validation_data)).hex(), decimalization_table)[:length]


def offset(pvk: bytes, validation_data: str, decimalization_table: str, pin: str) -> str:
    """What is kept for a chosen PIN: its digits less the natural ones."""
    natural = natural_pin(pvk, validation_data, decimalization_table, len(pin))
    return "".join(str((int(chosen) - int(own)) % 10) for chosen, own in zip(pin, natural, strict=True))


def chosen_pin(pvk: bytes, validation_data: str, decimalization_table: str, kept_offset: str) -> str:
    """The PIN that an offset was made of."""
    natural = natural_pin(pvk, validation_data, decimalization_table, len(kept_offset))
    return "".join(str((int(own) + int(kept)) % 10) for own, kept in zip(natural, kept_offset, strict=True))
