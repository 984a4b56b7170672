"""The security module as the switch sees it: the one place where keys work, in software or in hardware.

Rule: keys are named, never handed out, and nothing here gives a clear PIN to its caller. No error carries a
PIN, a block, a key or a card number, in its text or as its cause. All calls are made from one thread.
"""

from typing import Protocol

from switch.wire.envelope import Mac


class SecurityError(Exception):
    """The security module refuses; the text is safe to log."""


class PinBlockError(SecurityError):
    """Not an encrypted PIN block of the format agreed (answered 63, and no try is counted)."""


class ConcealedError(SecurityError):
    """What was concealed can't be revealed: another key, another context, or it was changed."""


class SecurityModule(Protocol):
    """What a security module does for the switch."""

    def mac(self, key_name: str) -> Mac:
        """The MAC key of that name; the same object every time."""

    def translate_pin(self, block_hex: str, pan: str | None, from_key: str, to_key: str) -> str:
        """An encrypted block, 16 hex digits, under another key. With a card number the block must be ISO 9564-1
        format 0 over it; without one, format 1 (activation codes). Raises PinBlockError."""

    def fingerprint(self, content: bytes) -> bytes:
        """16 bytes that are the same for the same content, and tell nothing about it without the key."""

    def conceal(self, text: str, context: bytes = b"") -> bytes:
        """Text that is kept at rest, unreadable without the key and bound to its context (such as the id of the
        row it is kept in)."""

    def reveal(self, concealed: bytes, context: bytes = b"") -> str:
        """The text again. Raises ConcealedError."""

    def warning(self) -> str | None:
        """One line that an operator must see when the switch starts, if there is one."""
