"""What an issuer keeps instead of a PIN, and how it tells the right one by it: IBM 3624 offsets under its own key.

Rule: offsets, not Visa's PVV. A PVV is four digits of a cipher: one wrong PIN in ten thousand has the same, and of a
longer PIN only the first four digits count. An offset has as many digits as its PIN and fits no other one, so that a
simulated bank refuses every wrong PIN, whichever a test thinks of. What it costs: whoever reads two offsets of one card
learns, without the key, by how much its PINs differ.
"""

from hmac import compare_digest

from simulators.issuer.card_keys import PIN_VERIFICATION, derived_key
from simulators.issuer.ibm3624 import offset

# A letter of the cipher counts as its own value less ten: the table that most issuers use.
DECIMALIZATION_TABLE = "0123456789012345"
VALIDATION_DIGITS = 16


class PinFile:
    """The PIN verification key at work."""

    __slots__ = ("_pvk",)

    def __init__(self, secret: bytes) -> None:
        self._pvk = derived_key(secret, PIN_VERIFICATION)

    def offset(self, pan: str, pin: str) -> str:
        """What may be kept of this PIN of this card: digits, as many as the PIN has."""
        return offset(self._pvk, validation_data(pan), DECIMALIZATION_TABLE, pin)

    def is_right(self, pan: str, kept: str, pin: str) -> bool:
        """Whether the offset that is kept was made of this PIN."""
        return compare_digest(self.offset(pan, pin), kept)


def validation_data(pan: str) -> str:
    """The last sixteen digits before the check digit, zeros before them."""
    return pan[:-1][-VALIDATION_DIGITS:].zfill(VALIDATION_DIGITS)
