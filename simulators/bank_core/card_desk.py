"""The core's keys at work on cards, PINs and activation codes.

Rule: what the core keeps of a secret is made here, and so is every comparison of one; both take as long for a wrong one
as for a right one. No PIN, code or card number leaves in what is kept.
"""

from __future__ import annotations

import hmac

from simulators.issuer.pin_file import PinFile
from simulators.issuer.stripe import Stripe
from simulators.keys import PinDesk


class CardDesk:
    """`desk` has the key that PIN blocks come under, `secret` is what the core's own keys derive from."""

    def __init__(self, desk: PinDesk, secret: bytes) -> None:
        self._desk = desk
        self._secret = secret
        self._pin_file = PinFile(secret)
        self._stripe = Stripe(secret)

    def pin(self, block: str, pan: str) -> str:
        """Raises PinBlockError where the block is not what it should be."""
        return self._desk.open(block, pan)

    def code(self, block: str) -> str:
        """An activation code, in a block without a card number. Raises PinBlockError."""
        return self._desk.open(block, None)

    def offset(self, pan: str, pin: str) -> str:
        """What is kept of a PIN."""
        return self._pin_file.offset(pan, pin)

    def is_right_pin(self, pan: str, kept: str, pin: str) -> bool:
        return self._pin_file.is_right(pan, kept, pin)

    def is_right_code(self, issued: str, told: str) -> bool:
        return hmac.compare_digest(issued, told)

    def is_genuine(self, track2: str, pan: str) -> bool:
        """Whether the stripe is one that this bank wrote, and this card's."""
        return self._stripe.is_genuine(track2, pan)

    def check_value(self, *parts: str) -> bytes:
        """Tells whether two secrets are the same, and nothing else."""
        return hmac.digest(self._secret, "\n".join(parts).encode(), "sha256")[:16]
