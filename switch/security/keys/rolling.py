"""Keys of one name while they change: new messages go out under the new key, messages under the old one still come in.

Rule: which key is which is decided elsewhere (`named_key`); here they are only kept apart and used. A message that
proves the staged key proves that the other side has it: from then on it is the current one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from switch.security.port import KeyToken
from switch.wire.envelope import Mac
from switch.wire.remote_envelope import RemoteMac

AnyMac = Mac | RemoteMac
M = TypeVar("M")

EARLIER_MAX = 8  # keys that are still taken


@dataclass(frozen=True, slots=True, eq=False)
class ReadyKey(Generic[M]):
    """A key by its token, and at work where it is a MAC key."""

    token: KeyToken
    mac: M


class Working(Generic[M]):
    """The keys of one name as they are used now: `current`, `staged` once there is one, and `earlier`, each accepted
    until a moment of `now`, the latest first."""

    __slots__ = ("_now", "current", "earlier", "on_proof", "staged")

    def __init__(self, current: ReadyKey[M], now: Callable[[], float], on_proof: Callable[[KeyToken], None]) -> None:
        self.current = current
        self.staged: ReadyKey[M] | None = None
        self.earlier: list[tuple[ReadyKey[M], float]] = []
        self.on_proof = on_proof
        self._now = now

    def others(self) -> list[ReadyKey[M]]:
        """Those that a message may be under if it is not under the current one, the staged one last."""
        staged = [] if self.staged is None else [self.staged]
        if not self.earlier:
            return staged
        now = self._now()
        self.earlier = [(key, until) for key, until in self.earlier if now < until]
        return [*(key for key, _ in self.earlier), *staged]

    @property
    def has_room(self) -> bool:
        """Whether each of these keys has its time to the end when one more follows: it makes the current one earlier,
        and the staged one."""
        return len(self.others()) < EARLIER_MAX

    def keep(self, key: ReadyKey[M], for_s: float) -> None:
        """Accept it for a while more."""
        self.earlier = [(key, self._now() + for_s), *self.earlier]

    def proven(self, key: ReadyKey[M]) -> None:
        """A message was under this key."""
        if key is self.staged:
            self.on_proof(key.token)


class RollingMac:
    """A `Mac` whose key may change under way."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Working[Mac]) -> None:
        self._keys = keys

    def compute(self, data: bytes) -> bytes:
        return self._keys.current.mac.compute(data)

    def verify(self, data: bytes, mac: bytes) -> bool:
        return self._keys.current.mac.verify(data, mac) or self._is_anothers(data, mac)

    def _is_anothers(self, data: bytes, mac: bytes) -> bool:
        for other in self._keys.others():
            if other.mac.verify(data, mac):
                self._keys.proven(other)
                return True
        return False


class RollingRemoteMac(RemoteMac):
    """The same in a device."""

    def __init__(self, keys: Working[RemoteMac]) -> None:
        self._keys = keys

    def compute(self, data: bytes, done: Callable[[bytes | None], None]) -> None:
        self._keys.current.mac.compute(data, done)

    def verify(self, data: bytes, mac: bytes, done: Callable[[bool | None], None]) -> None:
        self._try([self._keys.current, *self._keys.others()], data, mac, done)

    def _try(
        self, keys: list[ReadyKey[RemoteMac]], data: bytes, mac: bytes, done: Callable[[bool | None], None]
    ) -> None:
        key, *others = keys

        def told(right: bool | None) -> None:
            if right:
                self._keys.proven(key)
            if right is False and others:
                self._try(others, data, mac, done)
            else:
                done(right)

        key.mac.verify(data, mac, told)


def rolling(keys: Working[Any]) -> AnyMac | None:
    """What works under these keys; None where they are no MAC keys."""
    if keys.current.mac is None:
        return None
    return RollingRemoteMac(keys) if isinstance(keys.current.mac, RemoteMac) else RollingMac(keys)
