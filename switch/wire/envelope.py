"""The MAC around a message: checked before anything is believed, added last.

Rule: the MAC is in DE 128 when any field above 64 is present, else in 64, and covers the bytes as sent from the MTI
up to the MAC field, its bit set (ISO 8583:1987 DE 64, 128). Network management goes without unless the endpoint
says so, and so do answers 30 and 63, whose question could not be believed.
"""

from __future__ import annotations

from binascii import hexlify
from collections.abc import Callable
from typing import Protocol

from switch.wire.codes import WITHOUT_MAC
from switch.wire.dialect import BadMessage, Dialect
from switch.wire.encoding import ABOVE_64
from switch.wire.message import Message, Unproven
from switch.wire.mti import NETWORK, is_answer

MAC_SIZE = 8


class Mac(Protocol):
    """A MAC algorithm under one key."""

    def compute(self, data: bytes) -> bytes:
        """Eight bytes over the data."""

    def verify(self, data: bytes, mac: bytes) -> bool:
        """Whether the MAC is right, compared in constant time."""


class BadMac(ValueError):  # noqa: N818 - the field's word says it is a fault
    """A message whose MAC is wrong or missing. `message` is what it claims to be: enough to answer 63."""

    def __init__(self, message: Message) -> None:
        super().__init__("MAC wrong or missing")
        self.message = Unproven(message.fields)


class Unjudged(Exception):  # noqa: N818 - no fault of the message
    """A message whose MAC nobody could check: neither believed nor refused."""


Opened = Message | BadMessage | BadMac | Unjudged
Sealed = bytes | None  # None: there was nobody to make the MAC


class Envelope:
    """How one endpoint seals its messages: a dialect and, where it has a key, a MAC.

    `open`, `judged`, `seal` are for who has the key at hand (not `waits`); `opened` and `sealed` tell a callback, for
    who may have to wait for a device (`remote_envelope`).
    """

    __slots__ = ("dialect", "mac", "mac_network", "seals", "waits")

    def __init__(self, dialect: Dialect, mac: Mac | None = None, *, mac_network: bool = False) -> None:
        self.dialect = dialect
        self.mac = mac
        self.mac_network = mac_network
        self.seals = mac is not None  # whether the endpoint's messages have MACs
        self.waits = False  # whether a MAC may take a while to be judged

    def open(self, frame: bytes, *, refusals_without_mac: bool = False) -> Message:
        """The message of a frame's body, its MAC checked. Raises BadMessage, BadMac.

        `refusals_without_mac` lets answers 30 and 63 pass that carry no MAC at all. Who asks for that must treat such
        an answer as hearsay: anybody on the line can write it.
        """
        found = self.judged(frame, refusals_without_mac=refusals_without_mac)
        if isinstance(found, Message):
            return found
        raise found

    def judged(self, frame: bytes, *, refusals_without_mac: bool = False) -> Opened:
        """The same as a value: what `open` raises is returned."""
        try:
            message, proof = self.read(frame, refusals_without_mac=refusals_without_mac)
        except (BadMac, BadMessage) as fault:
            return fault
        if proof is None or (self.mac is not None and self.mac.verify(*proof)):
            return message
        return BadMac(message)

    def opened(self, frame: bytes, done: Callable[[Opened], None], *, refusals_without_mac: bool = False) -> None:
        """The same, told."""
        done(self.judged(frame, refusals_without_mac=refusals_without_mac))

    def seal(self, fields: dict[str, str], *, with_mac: bool = True) -> bytes:
        """The frame's body of these fields, with its MAC where one is due. A MAC among the fields is dropped.

        Raises UnencodableMessage.
        """
        body, covered = self.written(fields, with_mac=with_mac)
        if not covered:
            return body
        assert self.mac is not None, "a device has the key: ask `sealed`"
        return body + self.mac_bytes(self.mac.compute(body))

    def sealed(self, fields: dict[str, str], done: Callable[[Sealed], None], *, with_mac: bool = True) -> None:
        """The same, told. Raises UnencodableMessage."""
        done(self.seal(fields, with_mac=with_mac))

    def read(self, frame: bytes, *, refusals_without_mac: bool = False) -> tuple[Message, tuple[bytes, bytes] | None]:
        """The message, and what proves it where it must be proven: the bytes under its MAC, and the MAC. A MAC that is
        there is checked, even where none is asked for: a changed MTI must not make one needless.

        Raises BadMessage, and BadMac where there is no MAC.
        """
        message = self.dialect.decode(frame)
        if not self.seals:
            return message, None
        value = _mac_in(message.fields)
        if value is None:
            bare_network = message.mti[1] == NETWORK and not self.mac_network
            if bare_network or (refusals_without_mac and _is_bare_refusal(message)):
                return message, None
            raise BadMac(message)
        mac = _mac_bytes(value)
        if mac is None:
            raise BadMac(message)
        return message, (frame[: -self.dialect.mac_width], mac)

    def written(self, fields: dict[str, str], *, with_mac: bool = True) -> tuple[bytes, bool]:
        """The body, and whether a MAC over all of it must follow. Raises UnencodableMessage."""
        if "64" in fields or "128" in fields:
            fields = {de: value for de, value in fields.items() if de not in ("64", "128")}
        bare_network = fields["t"][1] == NETWORK and not self.mac_network
        if not self.seals or not with_mac or bare_network or fields.get("39") in WITHOUT_MAC:
            return self.dialect.encode(fields), False
        return self.dialect.encode_covered(fields), True

    def mac_bytes(self, mac: bytes) -> bytes:
        """A MAC as the dialect writes it."""
        return mac if self.dialect.mac_width == MAC_SIZE else hexlify(mac).upper()


def _mac_in(fields: dict[str, str]) -> str | None:
    """The value of the MAC field. 64 is not it when a field above 64 follows: the rest would be uncovered."""
    found = fields.get("128")
    if found is None and "64" in fields and ABOVE_64.isdisjoint(fields):
        return fields["64"]
    return found


def _mac_bytes(value: str) -> bytes | None:
    """The MAC field's eight bytes; None if it is something else."""
    try:
        received = bytes.fromhex(value)
    except ValueError:
        return None
    return received if len(received) == MAC_SIZE else None


def _is_bare_refusal(message: Message) -> bool:
    return is_answer(message.mti) and message.response_code in WITHOUT_MAC and "64" not in message
