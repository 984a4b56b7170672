"""A MAC key that is being changed: new messages go out under the new key, messages under the old one still come in.

Rule: which key is which is the ring's to say (`Working`); here it is only used. A message that proves the staged key
proves that the other side has it: from then on it is the current one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from switch.wire.envelope import Mac
from switch.wire.remote_envelope import RemoteMac

T = TypeVar("T")
AnyMac = Mac | RemoteMac

EARLIER_MAX = 8  # keys that are still taken; more changes than that in one overlap are not made


class Working(Generic[T]):
    """The keys of one name as they are used now: current, earlier ones for a while, next once it is staged."""

    __slots__ = ("_earlier", "_now", "current", "next", "on_next")

    def __init__(self, current: T, now: Callable[[], float], on_next: Callable[[], None]) -> None:
        self.current = current
        self.next: T | None = None
        self._earlier: list[tuple[float, T]] = []  # until when each is taken, the latest first
        self.on_next = on_next
        self._now = now

    def others(self) -> list[T]:
        """Those that a message may be under if it is not under the current one, the staged one last."""
        staged = [] if self.next is None else [self.next]
        if not self._earlier:
            return staged
        now = self._now()
        self._earlier = [(until, key) for until, key in self._earlier if now < until]
        return [*(key for _, key in self._earlier), *staged]

    def stage(self, key: T | None) -> None:
        self.next = key

    def turn(self, overlap_s: float) -> None:
        """The staged key is the current one from here on."""
        assert self.next is not None
        self._earlier = [(self._now() + overlap_s, self.current), *self._earlier][:EARLIER_MAX]
        self.current, self.next = self.next, None


class RollingMac:
    """A `Mac` whose key may change under way."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Working[Mac]) -> None:
        self._keys = keys

    def compute(self, data: bytes) -> bytes:
        return self._keys.current.compute(data)

    def verify(self, data: bytes, mac: bytes) -> bool:
        return self._keys.current.verify(data, mac) or self._is_anothers(data, mac)

    def _is_anothers(self, data: bytes, mac: bytes) -> bool:
        for other in self._keys.others():
            if other.verify(data, mac):
                if other is self._keys.next:
                    self._keys.on_next()
                return True
        return False


class RollingRemoteMac(RemoteMac):
    """The same in a device."""

    def __init__(self, keys: Working[RemoteMac]) -> None:
        self._keys = keys

    def compute(self, data: bytes, done: Callable[[bytes | None], None]) -> None:
        self._keys.current.compute(data, done)

    def verify(self, data: bytes, mac: bytes, done: Callable[[bool | None], None]) -> None:
        self._try([self._keys.current, *self._keys.others()], data, mac, done)

    def _try(self, keys: list[RemoteMac], data: bytes, mac: bytes, done: Callable[[bool | None], None]) -> None:
        key, *others = keys

        def told(right: bool | None) -> None:
            if right and key is self._keys.next:
                self._keys.on_next()
            if right is False and others:
                self._try(others, data, mac, done)
            else:
                done(right)

        key.verify(data, mac, told)


def rolling(keys: Working[Any]) -> AnyMac | None:
    """What works under these keys; None where they are no MAC keys."""
    if keys.current is None:
        return None
    return RollingRemoteMac(keys) if isinstance(keys.current, RemoteMac) else RollingMac(keys)
