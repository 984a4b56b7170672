"""The envelope whose MACs are made and checked by a device that has to be asked.

Rule: what a message looks like and where its MAC stands is `envelope`'s; here it only waits for the device's word.
Words come back in the order in which they were asked for, so that messages keep theirs.
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

    __slots__ = ("_device", "_waiting")

    def __init__(self, dialect: Dialect, device: RemoteMac, *, mac_network: bool = False) -> None:
        super().__init__(dialect, None, mac_network=mac_network)
        self._device = device
        self._waiting: deque[_Turn] = deque()

    @property
    def seals(self) -> bool:
        return True

    def opened(self, frame: bytes, done: Callable[[Opened], None], *, refusals_without_mac: bool = False) -> None:
        turn = self._turn()
        try:
            message, proof = self.read(frame, refusals_without_mac=refusals_without_mac)
        except (BadMac, BadMessage) as fault:
            self._settle(turn, partial(done, fault))
            return
        if proof is None:
            self._settle(turn, partial(done, message))
        else:
            self._device.verify(*proof, lambda right: self._settle(turn, partial(done, _judged(message, right))))

    def sealed(self, fields: dict[str, str], done: Callable[[Sealed], None], *, with_mac: bool = True) -> None:
        turn = self._turn()
        try:
            body, covered = self.written(fields, with_mac=with_mac)
        except BaseException:
            self._settle(turn, _nothing)
            raise
        if not covered:
            self._settle(turn, partial(done, body))
        else:
            self._device.compute(body, lambda mac: self._settle(turn, partial(done, self._whole(body, mac))))

    def _whole(self, covered: bytes, mac: bytes | None) -> bytes | None:
        return None if mac is None else covered + self.mac_bytes(mac)

    def _turn(self) -> _Turn:
        turn = _Turn()
        self._waiting.append(turn)
        return turn

    def _settle(self, turn: _Turn, tell: Callable[[], None]) -> None:
        turn.tell = tell
        while self._waiting and (ready := self._waiting[0].tell) is not None:
            self._waiting.popleft()
            ready()


class _Turn:
    """A place in line; what it will tell, once that is known."""

    __slots__ = ("tell",)

    def __init__(self) -> None:
        self.tell: Callable[[], None] | None = None


def _judged(message: Message, right: bool | None) -> Opened:
    if right is None:
        return Unjudged()
    return message if right else BadMac(message)


def _nothing() -> None:
    """A message that could not be written tells nothing."""
