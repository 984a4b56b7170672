"""Enciphers what a channel may not send in clear: PINs at the machine, activation codes at the gateway.

Rule: clear PINs go in, blocks come out; the fill of a format 1 block is drawn anew for each.
"""

import random

from switch.security.pin import PinCipher, build_format_0, build_format_1


class PinPad:
    """A PIN pad under the channel's PIN key. The fill is drawn from a seed: nothing here is a real secret."""

    def __init__(self, cipher: PinCipher, seed: int = 0) -> None:
        self._cipher = cipher
        self._random = random.Random(f"{seed}:pinpad")

    def pin_block(self, pin: str, pan: str) -> str:
        """DE 52, tag 12: ISO 9564-1 format 0 over the card number, 16 hex digits."""
        return self._cipher.encipher(build_format_0(pin, pan))

    def code_block(self, code: str) -> str:
        """Tag 07: an activation code as an ISO 9564-1 format 1 block, 16 hex digits."""
        return self._cipher.encipher(build_format_1(code, f"{self._random.randrange(16**14):014X}"))
