"""Enciphers what a channel may not send in clear: PINs at the machine, activation codes at the gateway.

Rule: clear PINs go in, blocks come out; the fill of a format 1 block is drawn anew for each.
"""

import random

from simulators.keys import PinDesk
from switch.security.crypto.pin_block import FILL_SIZE


class PinPad:
    """A PIN pad under the channel's PIN key. The fill is drawn from a seed: nothing here is a real secret."""

    def __init__(self, desk: PinDesk, seed: int = 0) -> None:
        self._desk = desk
        self._random = random.Random(f"{seed}:pinpad")

    def pin_block(self, pin: str, pan: str) -> str:
        """DE 52, tag 12: in the key's format, over the card number."""
        return self._desk.seal(pin, pan, self._fill())

    def code_block(self, code: str) -> str:
        """Tag 07: an activation code as an ISO 9564-1 format 1 block, 16 hex digits."""
        return self._desk.seal(code, None, self._fill())

    def _fill(self) -> bytes:
        return self._random.randbytes(FILL_SIZE)
