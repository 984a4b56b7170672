"""The MAC around a message: checked before anything is believed, added last.

Rule: the MAC is in DE 128 when any field above 64 is present, else in 64, and covers the bytes as sent from the MTI
up to the MAC field, its bit set (ISO 8583:1987 DE 64, 128). Network management goes without unless the endpoint
says so, and so do answers 30 and 63, whose question could not be believed.
"""

from __future__ import annotations

from typing import Protocol

from switch.wire.codes import WITHOUT_MAC
from switch.wire.dialect import Dialect
from switch.wire.message import Message, Unproven
from switch.wire.mti import is_answer, is_network

MAC_SIZE = 8

_ZEROS = "0" * (2 * MAC_SIZE)
_ABOVE_64 = frozenset(str(de) for de in range(65, 128))


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


class Envelope:
    """How one endpoint seals its messages: a dialect and, where it has a key, a MAC."""

    __slots__ = ("dialect", "mac", "mac_network")

    def __init__(self, dialect: Dialect, mac: Mac | None = None, *, mac_network: bool = False) -> None:
        self.dialect = dialect
        self.mac = mac
        self.mac_network = mac_network

    def open(self, frame: bytes, *, refusals_without_mac: bool = False) -> Message:
        """The message of a frame's body, its MAC checked. Raises BadMessage, BadMac.

        `refusals_without_mac` lets answers 30 and 63 pass that carry no MAC at all. Who asks for that must treat such
        an answer as hearsay: anybody on the line can write it.
        """
        message = self.dialect.decode(frame)
        if self.mac is None or self._goes_without(message.mti):
            return message
        de = _mac_element(message.fields)
        if de is None and refusals_without_mac and _is_bare_refusal(message):
            return message
        if de is None or not self._verify(self.mac, frame, message.fields[de]):
            raise BadMac(message)
        return message

    def seal(self, fields: dict[str, str], *, with_mac: bool = True) -> bytes:
        """The frame's body of these fields, with its MAC where one is due. A MAC among the fields is dropped.

        Raises UnencodableMessage.
        """
        if "64" in fields or "128" in fields:
            fields = {de: value for de, value in fields.items() if de not in ("64", "128")}
        if self.mac is None or not with_mac or self._goes_without(fields["t"]) or fields.get("39") in WITHOUT_MAC:
            return self.dialect.encode(fields)
        de = "64" if _ABOVE_64.isdisjoint(fields) else "128"
        covered = self.dialect.encode({**fields, de: _ZEROS})[: -self.dialect.mac_width]
        return covered + self._written(self.mac.compute(covered))

    def _goes_without(self, mti: str) -> bool:
        return is_network(mti) and not self.mac_network

    def _verify(self, mac: Mac, frame: bytes, value: str) -> bool:
        try:
            received = bytes.fromhex(value)
        except ValueError:
            return False
        return len(received) == MAC_SIZE and mac.verify(frame[: -self.dialect.mac_width], received)

    def _written(self, mac: bytes) -> bytes:
        return mac if self.dialect.mac_width == MAC_SIZE else mac.hex().upper().encode("ascii")


def _mac_element(fields: dict[str, str]) -> str | None:
    """Where the MAC is. 64 is not it when a field above 64 follows: the rest would be uncovered."""
    if "128" in fields:
        return "128"
    return "64" if "64" in fields and _ABOVE_64.isdisjoint(fields) else None


def _is_bare_refusal(message: Message) -> bool:
    return is_answer(message.mti) and message.response_code in WITHOUT_MAC and "64" not in message
