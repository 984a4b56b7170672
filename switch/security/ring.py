"""The key ring: the switch's keys by name, each with the one before it and the one that follows.

Rule: a name is all that the rest of the switch says of a key. A key that follows is staged in the store before anybody
may use it, so that a switch that is killed in the middle of a change still understands what comes after; whoever proves
a message under the staged key has it, and it becomes the current one. A key block is taken once: who replays an old one
can't bring an old key back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from config.choices import KeyUse
from config.sections import KeySettings
from switch.security.port import (
    FreshKey,
    KeyRefusedError,
    KeyToken,
    PinBlockError,
    PinRequest,
    SecurityError,
    SecurityModule,
)
from switch.security.rolling import AnyMac, Working, rolling
from switch.security.store import RETIRED_MAX, KeyStore, StagedKey, StoredKey

# What a key block's header says that its key is for (X9.143 table 5), of those that change on the wire.
USES = {"M3": KeyUse.MAC, "M6": KeyUse.MAC, "P0": KeyUse.PIN}
USAGE = slice(5, 7)

Refused = Callable[[SecurityError], None]


class KeyRing:
    """Made of the configuration's keys. Raises SecurityError at once if one is not in the store, or unfit."""

    def __init__(
        self,
        keys: Mapping[str, KeySettings],
        module: SecurityModule,
        store: KeyStore,
        now: Callable[[], float],
        overlap_s: float = 60.0,
    ) -> None:
        self._module = module
        self._store = store
        self._now = now
        self._overlap_s = overlap_s
        self._keys = {name: self._entry(name, key) for name, key in keys.items() if key.use is not KeyUse.STORAGE}

    def mac(self, name: str) -> AnyMac:
        """The MAC key of that name at work; the same object every time, whatever key it is."""
        found = self._entry_of(name).rolling
        if found is None:
            raise KeyRefusedError(f"keys.{name}: not a MAC key")
        return found

    def kcv(self, name: str) -> str:
        """The current key's check value."""
        return self._entry_of(name).tokens.current.kcv

    def token(self, name: str) -> KeyToken:
        """The current key."""
        return self._entry_of(name).tokens.current

    def tokens(self, name: str) -> list[KeyToken]:
        """The current key, then those that what comes in may be under."""
        keys = self._entry_of(name).tokens
        return [keys.current, *keys.others()]

    def translate_pin(
        self, request: PinRequest, source: str, target: str, done: Callable[[str | SecurityError], None]
    ) -> None:
        """A PIN block of one endpoint under another's key. While a key changes the block may be under the old one."""
        entry, to = self._entry_of(source), self._entry_of(target).tokens.current
        others = entry.tokens.others()
        if others:
            self._try_pin(request, entry, [entry.tokens.current, *others], to, done)
        else:
            self._module.translate_pin(request, entry.tokens.current, to, done)

    def _try_pin(
        self,
        request: PinRequest,
        entry: _Entry,
        sources: list[KeyToken],
        target: KeyToken,
        done: Callable[[str | SecurityError], None],
    ) -> None:
        source, *others = sources

        def told(found: str | SecurityError) -> None:
            if isinstance(found, PinBlockError) and others:
                self._try_pin(request, entry, others, target, done)
                return
            if isinstance(found, str) and source is entry.tokens.next:
                self.confirm(entry.name)
            done(found)

        self._module.translate_pin(request, source, target, told)

    def offer(self, name: str, kek: str, done: Callable[[FreshKey], None], refused: Refused) -> None:
        """A new key to send to the other side. One that was offered before and never confirmed is offered again."""
        entry, stored = self._entry_of(name), self._stored(name)
        if entry.tokens.next is not None and stored.next is not None and stored.next.block:
            done(FreshKey(entry.tokens.next, stored.next.block))
            return

        def made(fresh: FreshKey | SecurityError) -> None:
            if isinstance(fresh, SecurityError):
                refused(fresh)
                return
            try:
                self._stage(entry, fresh.token, fresh.block)
            except SecurityError as error:
                refused(error)
            else:
                done(fresh)

        self._module.generate_key(entry.tokens.current.settings, self.token(kek), made)

    def is_offered(self, name: str) -> bool:
        """Whether a key was offered that the other side has not answered."""
        following = self._stored(name).next
        return following is not None and bool(following.block)

    def accept(
        self, names: Iterable[str], kek: str, block: str, kcv: str, done: Callable[[str], None], refused: Refused
    ) -> None:
        """A key that the other side sends for one of these names: `done` hears which. It is staged, not current yet."""
        entry = self._meant(names, block)
        if entry is None:
            refused(KeyRefusedError("not a key block for a key of this endpoint"))
            return
        if _fingerprint(block) in self._stored(entry.name).retired:
            self._repeated(entry, kcv, done, refused)
            return

        def imported(token: KeyToken | SecurityError) -> None:
            if isinstance(token, SecurityError):
                refused(token)
            elif token.kcv != kcv.upper():
                refused(KeyRefusedError("the key's check value is another one"))
            else:
                self._staged(entry, token, block, done, refused)

        self._module.import_key(block, self.token(kek), entry.tokens.current.settings, imported)

    def confirm(self, name: str) -> None:
        """The other side has the staged key: it is the current one from here on. Nothing without a staged one."""
        entry = self._entry_of(name)
        staged = entry.tokens.next
        if staged is None:
            return
        entry.turn(self._overlap_s)
        self._try_to_put(name, replace(self._stored(name), token=staged.text, kcv=staged.kcv, next=None))

    def withdraw(self, name: str) -> None:
        """The other side refuses the key that was offered."""
        self._entry_of(name).stage(None, None)
        self._try_to_put(name, replace(self._stored(name), next=None))

    def _try_to_put(self, name: str, key: StoredKey) -> None:
        """What can't be written now (a full disk) stays staged in the store: a restart then takes both keys."""
        with suppress(SecurityError):
            self._store.put(name, key)

    def _repeated(self, entry: _Entry, kcv: str, done: Callable[[str], None], refused: Refused) -> None:
        """A block that came before: in order if it is of the key that we have, for then its answer was lost."""
        tokens = entry.tokens
        if kcv.upper() in (tokens.current.kcv, tokens.next.kcv if tokens.next is not None else ""):
            done(entry.name)
        else:
            refused(KeyRefusedError("a key block that was used before"))

    def _staged(
        self, entry: _Entry, token: KeyToken, block: str, done: Callable[[str], None], refused: Refused
    ) -> None:
        try:
            self._stage(entry, token, "", _fingerprint(block))
        except SecurityError as error:
            refused(error)
        else:
            done(entry.name)

    def _stage(self, entry: _Entry, token: KeyToken, block: str, fingerprint: str = "") -> None:
        mac = self._made(token)
        stored = self._stored(entry.name)
        retired = (*stored.retired, fingerprint)[-RETIRED_MAX:] if fingerprint else stored.retired
        staged = StagedKey(token.text, token.kcv, block)
        self._store.put(entry.name, replace(stored, next=staged, retired=retired))
        entry.stage(token, mac)

    def _meant(self, names: Iterable[str], block: str) -> _Entry | None:
        use = USES.get(block[USAGE])
        entries = (self._entry_of(name) for name in names)
        return next((entry for entry in entries if entry.tokens.current.settings.use is use), None)

    def _entry(self, name: str, settings: KeySettings) -> _Entry:
        stored = self._stored(name)
        token = KeyToken(settings, stored.token, stored.kcv)
        entry = _Entry(name, token, self._made(token), self._now, lambda: self.confirm(name))
        if stored.next is not None:
            following = KeyToken(settings, stored.next.token, stored.next.kcv)
            entry.stage(following, self._made(following))
        return entry

    def _made(self, token: KeyToken) -> AnyMac | None:
        self._module.check(token)
        return self._module.mac(token) if token.settings.use is KeyUse.MAC else None

    def _stored(self, name: str) -> StoredKey:
        found = self._store.get(name)
        if found is None:
            raise SecurityError(f"keys.{name}: not in the key store: allowed: a key that `barada keys` has put there")
        return found

    def _entry_of(self, name: str) -> _Entry:
        found = self._keys.get(name)
        if found is None:
            raise SecurityError(f"no key {name!r}")
        return found


class _Entry:
    """One name: its tokens, and of a MAC key the same keys at work."""

    __slots__ = ("macs", "name", "rolling", "tokens")

    def __init__(
        self,
        name: str,
        token: KeyToken,
        mac: AnyMac | None,
        now: Callable[[], float],
        on_next: Callable[[], None],
    ) -> None:
        self.name = name
        self.tokens = Working(token, now, on_next)
        self.macs: Working[Any] = Working(mac, now, on_next)  # a module makes MACs of one kind, or none
        self.rolling = rolling(self.macs)

    def stage(self, token: KeyToken | None, mac: AnyMac | None) -> None:
        self.tokens.stage(token)
        self.macs.stage(mac)

    def turn(self, overlap_s: float) -> None:
        self.tokens.turn(overlap_s)
        if self.rolling is not None:
            self.macs.turn(overlap_s)


def _fingerprint(block: str) -> str:
    return hashlib.blake2b(block.encode(), digest_size=16).hexdigest()
