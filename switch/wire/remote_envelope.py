"""The envelope whose MACs are made and checked by a device that has to be asked.

Rule: what a message looks like and where its MAC stands is `envelope`'s; here it only waits for the device's word.
Words come back in the order in which they were asked for, so that messages keep theirs; those of messages that come do
not wait for those of messages that go.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from functools import partial

from switch.wire.dialect import BadMessage, Dialect
from switch.wire.envelope import BadMac, Envelope, Opened, Sealed, Unjudged
from switch.wire.message import Message


class RemoteMac(ABC):
    """A MAC algorithm under one key, in a device. None: the device did not say."""

    @abstractmethod
    def compute(self, data: bytes, done: Callable[[bytes | None], None]) -> None:
        """Eight bytes over the data."""

    @abstractmethod
    def verify(self, data: bytes, mac: bytes, done: Callable[[bool | None], None]) -> None:
        """Whether the MAC is right."""


class RemoteEnvelope(Envelope):
    """How one endpoint seals its messages with a device's help. Only `opened` and `sealed` work."""

    __slots__ = ("_coming", "_device", "_going")

    def __init__(self, dialect: Dialect, device: RemoteMac, *, mac_network: bool = False) -> None:
        super().__init__(dialect, None, mac_network=mac_network)
        self.seals = self.waits = True
        self._device = device
        self._coming, self._going = _Line(), _Line()

    def opened(self, frame: bytes, done: Callable[[Opened], None], *, refusals_without_mac: bool = False) -> None:
        settle = self._coming.place()
        try:
            message, proof = self.read(frame, refusals_without_mac=refusals_without_mac)
        except (BadMac, BadMessage) as fault:
            settle(partial(done, fault))
            return
        if proof is None:
            settle(partial(done, message))
        else:
            self._device.verify(*proof, lambda right: settle(partial(done, _judged(message, right))))

    def sealed(self, fields: dict[str, str], done: Callable[[Sealed], None], *, with_mac: bool = True) -> None:
        body, covered = self.written(fields, with_mac=with_mac)
        settle = self._going.place()
        if not covered:
            settle(partial(done, body))
        else:
            self._device.compute(body, lambda mac: settle(partial(done, self._whole(body, mac))))

    def _whole(self, covered: bytes, mac: bytes | None) -> bytes | None:
        return None if mac is None else covered + self.mac_bytes(mac)


Tell = Callable[[], None]


class _Line:
    """Those who wait for the device's word, in the order in which they came. A word that comes while another is being
    told is told after it."""

    __slots__ = ("_places", "_telling")

    def __init__(self) -> None:
        self._places: deque[list[Tell]] = deque()
        self._telling = False

    def place(self) -> Callable[[Tell], None]:
        """A new last place; what is returned says what it will tell."""
        place: list[Tell] = []
        self._places.append(place)
        return partial(self._settle, place)

    def _settle(self, place: list[Tell], tell: Tell) -> None:
        place.append(tell)
        if self._telling:
            return
        self._telling = True
        try:
            while self._places and self._places[0]:
                self._places.popleft()[0]()
        finally:
            self._telling = False


def _judged(message: Message, right: bool | None) -> Opened:
    if right is None:
        return Unjudged()
    return message if right else BadMac(message)
