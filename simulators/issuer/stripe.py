"""Track 2 of a card's magnetic stripe (ISO/IEC 7813): written where a card is made, checked where it is used.

Rule: the discretionary data begin with a CVV over card number, expiry and service code, so none of them can be changed,
and no stripe made of a card number alone, without the issuer's key.
"""

from hmac import compare_digest

from simulators.issuer.card_keys import CARD_VERIFICATION, derived_key
from simulators.issuer.cvv import WIDTH, cvv

SERVICE_CODE = "101"  # international, normal authorisation, no restrictions
SEPARATORS = ("=", "D")
_EXPIRY, _SERVICE, _VALUE = slice(0, 4), slice(4, 7), slice(7, 7 + WIDTH)


class Stripe:
    """The card verification key at work."""

    __slots__ = ("_cvk",)

    def __init__(self, secret: bytes) -> None:
        self._cvk = derived_key(secret, CARD_VERIFICATION)

    def track2(self, pan: str, expiry: str, rest: str) -> str:
        """`expiry` is YYMM; `rest` what else the issuer writes into the discretionary data."""
        return f"{pan}={expiry}{SERVICE_CODE}{cvv(self._cvk, pan, expiry, SERVICE_CODE)}{rest}"

    def is_genuine(self, track2: str, pan: str) -> bool:
        """Whether it is the stripe of this card as its issuer wrote it."""
        told, separator, data = track2[: len(pan)], track2[len(pan) : len(pan) + 1], track2[len(pan) + 1 :]
        if told != pan or separator not in SEPARATORS or not (data.isascii() and data.isdigit()):
            return False
        return compare_digest(data[_VALUE], cvv(self._cvk, pan, data[_EXPIRY], data[_SERVICE]))
