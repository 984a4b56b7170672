"""The security module as the switch sees it: the one place where keys work, in software or in hardware.

Rule: whoever calls holds tokens, never keys. A token's text is the key under the module's own master key; it is opaque
here, and of use to nobody without the module. Nothing gives a clear PIN to its caller. No error carries a PIN, a block,
a key or a card number, in its text or as its cause. All calls are made from one thread.

Whatever a module in hardware must be asked for is told to a callback: `done` may be called before the call returns, or
later, once; never twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from config.security_sections import KeySettings
from switch.wire.envelope import Mac
from switch.wire.remote_envelope import RemoteMac


class SecurityError(Exception):
    """The security module refuses; the text is safe to log."""


class PinBlockError(SecurityError):
    """Not an encrypted PIN block of the format agreed (answered 63, and no try is counted)."""


class KeyRefusedError(SecurityError):
    """A key that may not be used so, or is not what it claims to be."""


class ModuleAwayError(SecurityError):
    """The module can't be reached, or did not answer in time: nothing is known about what was asked."""


class ConcealedError(SecurityError):
    """What was concealed can't be revealed: another key, another context, or it was changed."""


@dataclass(frozen=True, slots=True, repr=False)
class KeyToken:
    """A key as its module knows it. `kcv` is its check value, six hexadecimal digits in capitals."""

    settings: KeySettings
    text: str
    kcv: str

    def __repr__(self) -> str:
        return f"<key {self.settings.name} for {self.settings.use}, check value {self.kcv}>"


@dataclass(frozen=True, slots=True)
class FreshKey:
    """A key that was just made: its token, and its TR-31 block under a key-encryption key, to be sent."""

    token: KeyToken
    block: str


CODE_DIGITS_MAX = 12


class PinRequest(NamedTuple):
    """A PIN block to be translated. `block` is in hexadecimal; `pan` None: an activation code, ISO 9564-1 format 1, or
    its digits in clear where the line itself is enciphered; `ksn` only where the source derives its keys (X9.24), in
    hexadecimal; `whose` tells one request, with its repeats, from others: only that may use a serial number again."""

    block: str
    pan: str | None
    ksn: str | None = None
    whose: str = ""

    @property
    def is_clear(self) -> bool:
        """An activation code as it is: a block is longer."""
        return self.pan is None and len(self.block) <= CODE_DIGITS_MAX

    def __repr__(self) -> str:
        return "<PinRequest>"


class SecurityModule(Protocol):
    """What a security module does for the switch. Each call enforces what the key is for."""

    def check(self, key: KeyToken) -> None:
        """Whether the key may be used as its settings say, as far as that can be told without asking anybody. Raises
        KeyRefusedError."""

    def mac(self, key: KeyToken) -> Mac | RemoteMac:
        """The key at work on messages. Raises KeyRefusedError."""

    def translate_pin(
        self, request: PinRequest, source: KeyToken, target: KeyToken, done: Callable[[str | SecurityError], None]
    ) -> None:
        """The block under another key, in that key's format, hexadecimal in capitals. With a card number both blocks
        are bound to it. PinBlockError, ModuleAwayError, KeyRefusedError."""

    def import_key(
        self, block: str, kek: KeyToken, settings: KeySettings, done: Callable[[KeyToken | SecurityError], None]
    ) -> None:
        """The key of a TR-31 block under `kek`, if it may be used as the settings say. KeyRefusedError,
        ModuleAwayError."""

    def generate_key(
        self, settings: KeySettings, kek: KeyToken, done: Callable[[FreshKey | SecurityError], None]
    ) -> None:
        """A new key for this use. KeyRefusedError, ModuleAwayError."""

    def warning(self) -> str | None:
        """One line that an operator must see when the switch starts, if there is one."""
