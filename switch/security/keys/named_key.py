"""One key of the ring: the one in use, the one that follows, and those that went before, at work and in the store.

Rule: whatever the other side may use by now is accepted here, and is in the store before it can be. So a key is staged
before anybody hears of it; what stops being current or staged is accepted a while more; and what could not be written
when a key became current leaves a store that still understands both. More changes than an overlap has room for are
refused: no key loses its time to a later one. A key block is taken once: neither an old one nor one of our own that is
thrown back brings a key back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from config.choices import KeyUse
from config.security_sections import KeySettings
from switch.security.keys.rolling import EARLIER_MAX, ReadyKey, Working, rolling
from switch.security.keys.store import RETIRED_MAX, EarlierKey, KeyStore, StagedKey, StoredKey, get_stored
from switch.security.port import FreshKey, KeyRefusedError, KeyToken, SecurityError, SecurityModule


class NamedKey:
    """Raises SecurityError at once if it is not in the store, or unfit."""

    def __init__(
        self,
        name: str,
        settings: KeySettings,
        module: SecurityModule,
        store: KeyStore,
        now: Callable[[], float],
        overlap_s: float,
    ) -> None:
        self.name = name
        self.settings = settings
        self.told: list[Callable[[KeyToken], None]] = []  # of each key that becomes current
        self._module, self._store = module, store
        self._now, self._overlap_s = now, overlap_s
        stored = get_stored(store, name)
        self._keys: Working[Any] = Working(self._ready(stored.token, stored.kcv), now, self.confirm)
        if stored.next is not None:
            self._keys.staged = self._ready(stored.next.token, stored.next.kcv)
        for key in reversed(stored.earlier):
            self._keys.keep(self._ready(key.token, key.kcv), min(key.until - now(), overlap_s))
        self._block = stored.next.block if stored.next is not None else ""
        self._retired = stored.retired
        self.rolling = rolling(self._keys)

    @property
    def current(self) -> KeyToken:
        token: KeyToken = self._keys.current.token
        return token

    @property
    def others(self) -> list[KeyToken]:
        """Those that what comes in may be under too."""
        others = self._keys.others()
        return [key.token for key in others] if others else []

    @property
    def offered(self) -> FreshKey | None:
        """What was made here and sent, or is about to be, and that the other side has not answered."""
        staged = self._keys.staged
        return FreshKey(staged.token, self._block) if staged is not None and self._block else None

    def offer(self, fresh: FreshKey) -> FreshKey:
        """A key that was made here is about to be sent. Raises SecurityError; then nothing has changed."""
        self._stage(fresh.token, fresh.block, sent=True)
        return fresh

    def knows(self, block: str) -> bool:
        """Whether this key block came, or was sent, before."""
        return _fingerprint(block) in self._retired

    def had(self, kcv: str) -> KeyToken:
        """The key of a block that came before: in order if it is the one that we have, for then its answer was lost.
        Raises KeyRefusedError."""
        theirs = self._keys.staged if not self._block else None
        for key in (self._keys.current, theirs):
            if key is not None and key.token.kcv == kcv:
                found: KeyToken = key.token
                return found
        raise KeyRefusedError("a key block that was used before")

    def take(self, token: KeyToken, block: str) -> KeyToken:
        """The other side's key of this block is staged. Raises SecurityError; then nothing has changed."""
        if token.kcv in self._retired:  # in a block that is new, such as one that was exported long ago
            raise KeyRefusedError("a key that was used before")
        self._stage(token, block, sent=False)
        return token

    def confirm(self, token: KeyToken) -> None:
        """The other side has this key: if it is the staged one, it is the current one from here on."""
        staged = self._keys.staged
        if staged is None or staged.token.text != token.text:
            return
        self._keys.keep(self._keys.current, self._overlap_s)
        self._retired = (*self._retired, self.current.kcv)[-RETIRED_MAX:]
        self._keys.current, self._keys.staged, self._block = staged, None, ""
        with suppress(SecurityError):
            self._write()
        for told in self.told:
            told(staged.token)

    def withdraw(self, token: KeyToken) -> None:
        """The other side refuses this key; it may use it all the same, if it took it before and refuses its repeat."""
        staged = self._keys.staged
        if staged is None or staged.token.text != token.text:
            return
        self._keys.keep(staged, self._overlap_s)
        self._keys.staged, self._block = None, ""
        with suppress(SecurityError):
            self._write()

    def _stage(self, token: KeyToken, block: str, *, sent: bool) -> None:
        if not self._keys.has_room:
            raise KeyRefusedError(f"keys.{self.name}: too many changes in one overlap: allowed: {EARLIER_MAX}")
        before = self._keys.staged, self._keys.earlier, self._block, self._retired
        ready = self._ready(token.text, token.kcv)
        if self._keys.staged is not None:  # whoever brought it, or was sent it, may use it by now
            self._keys.keep(self._keys.staged, self._overlap_s)
        self._keys.staged, self._block = ready, block if sent else ""
        self._retired = (*self._retired, _fingerprint(block))[-RETIRED_MAX:]
        try:
            self._write()
        except SecurityError:
            self._keys.staged, self._keys.earlier, self._block, self._retired = before
            raise

    def _write(self) -> None:
        """All of it as it is now, so that what could not be written once is written the next time."""
        current, staged = self.current, self._keys.staged
        self._store.put(
            self.name,
            StoredKey(
                current.text,
                current.kcv,
                next=StagedKey(staged.token.text, staged.token.kcv, self._block) if staged is not None else None,
                earlier=tuple(EarlierKey(key.token.text, key.token.kcv, until) for key, until in self._keys.earlier),
                retired=self._retired,
            ),
        )

    def _ready(self, text: str, kcv: str) -> ReadyKey[Any]:
        token = KeyToken(self.settings, text, kcv)
        self._module.check(token)
        return ReadyKey(token, self._module.mac(token) if self.settings.use is KeyUse.MAC else None)


def _fingerprint(block: str) -> str:
    """In capitals: hexadecimal in small letters is the same block."""
    return hashlib.blake2b(block.upper().encode(), digest_size=16).hexdigest()
