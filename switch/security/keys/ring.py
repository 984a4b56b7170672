"""The key ring: the switch's keys by name, each with those before it and the one that follows.

Rule: a name is all that the rest of the switch says of a key. What becomes of one is `named_key`'s; here the security
module is asked to make keys, to take them in and to put PIN blocks from one under another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from config.choices import KeyUse
from config.security_sections import KeySettings
from switch.security.keys.named_key import NamedKey
from switch.security.keys.rolling import AnyMac
from switch.security.keys.store import KeyStore
from switch.security.port import (
    FreshKey,
    KeyRefusedError,
    KeyToken,
    PinBlockError,
    PinRequest,
    SecurityError,
    SecurityModule,
)

# What a key block's header says that its key is for (X9.143 table 5), of those that change on the wire.
USES = {"M3": KeyUse.MAC, "M6": KeyUse.MAC, "P0": KeyUse.PIN}
USAGE = slice(5, 7)

Refused = Callable[[SecurityError], None]
T = TypeVar("T")


class KeyRing:
    """Made of the configuration's keys. Raises SecurityError at once if one is not in the store, or unfit. `now` is in
    seconds since the epoch: for how long an old key is still accepted outlives a restart."""

    def __init__(
        self,
        keys: Mapping[str, KeySettings],
        module: SecurityModule,
        store: KeyStore,
        now: Callable[[], float],
        overlap_s: float = 60.0,
    ) -> None:
        self._module = module
        self._keys = {
            name: NamedKey(name, key, module, store, now, overlap_s)
            for name, key in keys.items()
            if key.use is not KeyUse.STORAGE
        }
        self._making: set[str] = set()

    def mac(self, name: str) -> AnyMac:
        """The MAC key of that name at work; the same object every time, whatever key it is."""
        found = self._key(name).rolling
        if found is None:
            raise KeyRefusedError(f"keys.{name}: not a MAC key")
        return found

    def kcv(self, name: str) -> str:
        """The current key's check value."""
        return self.token(name).kcv

    def token(self, name: str) -> KeyToken:
        """The current key."""
        return self._key(name).current

    def tokens(self, name: str) -> list[KeyToken]:
        """The current key, then those that what comes in may be under."""
        key = self._key(name)
        return [key.current, *key.others]

    def heed(self, name: str, told: Callable[[KeyToken], None]) -> None:
        """Tell of each key that becomes the current one."""
        self._key(name).told.append(told)

    def translate_pin(
        self, request: PinRequest, source: str, target: str, done: Callable[[str | SecurityError], None]
    ) -> None:
        """A PIN block of one endpoint under another's key. While a key changes the block may be under the old one."""
        key, to = self._key(source), self.token(target)
        others = key.others
        if others:
            self._try_pin(request, key, [key.current, *others], to, done)
        else:
            self._module.translate_pin(request, key.current, to, done)

    def _try_pin(
        self,
        request: PinRequest,
        key: NamedKey,
        sources: list[KeyToken],
        target: KeyToken,
        done: Callable[[str | SecurityError], None],
    ) -> None:
        source, *others = sources

        def told(found: str | SecurityError) -> None:
            if isinstance(found, PinBlockError) and others:
                self._try_pin(request, key, others, target, done)
                return
            if isinstance(found, str):
                key.confirm(source)
            done(found)

        self._module.translate_pin(request, source, target, told)

    def offer(self, name: str, kek: str, done: Callable[[FreshKey], None], refused: Refused) -> None:
        """A new key to send to the other side. One that was offered before and never answered is offered again."""
        key = self._key(name)
        if key.offered is not None:
            done(key.offered)
        elif name in self._making:
            refused(KeyRefusedError(f"keys.{name}: a new key is being made already"))
        else:
            self._making.add(name)
            self._module.generate_key(key.settings, self.token(kek), lambda made: self._made(key, made, done, refused))

    def is_offered(self, name: str) -> bool:
        """Whether a key was offered that the other side has not answered."""
        return self._key(name).offered is not None

    def accept(
        self, names: Iterable[str], kek: str, block: str, kcv: str, done: Callable[[KeyToken], None], refused: Refused
    ) -> None:
        """A key that the other side sends for one of these names. It is staged, not current yet, when `done` hears of
        it; or it is the current one already, for its answer was lost."""
        key = self._meant(names, block)
        if key is None:
            refused(KeyRefusedError("not a key block for a key of this endpoint"))
            return
        if key.knows(block):
            _tell(lambda: key.had(kcv.upper()), done, refused)
            return

        def imported(token: KeyToken | SecurityError) -> None:
            if isinstance(token, SecurityError):
                refused(token)
            elif token.kcv != kcv.upper():
                refused(KeyRefusedError("the key's check value is another one"))
            else:
                _tell(lambda: key.take(token, block), done, refused)

        self._module.import_key(block, self.token(kek), key.settings, imported)

    def is_known(self, names: Iterable[str], block: str) -> bool:
        """Whether this key block came, or was sent, before."""
        key = self._meant(names, block)
        return key is not None and key.knows(block)

    def confirm(self, token: KeyToken) -> None:
        """The other side has this key; if it was staged, it is the current one from here on."""
        self._key(token.settings.name).confirm(token)

    def withdraw(self, token: KeyToken) -> None:
        """The other side refuses this key, which was offered."""
        self._key(token.settings.name).withdraw(token)

    def _made(
        self, key: NamedKey, made: FreshKey | SecurityError, done: Callable[[FreshKey], None], refused: Refused
    ) -> None:
        self._making.discard(key.name)
        if isinstance(made, SecurityError):
            refused(made)
        else:
            _tell(lambda: key.offer(made), done, refused)

    def _meant(self, names: Iterable[str], block: str) -> NamedKey | None:
        use = USES.get(block[USAGE])
        return next((key for key in map(self._key, names) if key.settings.use is use), None)

    def _key(self, name: str) -> NamedKey:
        found = self._keys.get(name)
        if found is None:
            raise SecurityError(f"no key {name!r}")
        return found


def _tell(carry_out: Callable[[], T], done: Callable[[T], None], refused: Refused) -> None:
    try:
        found = carry_out()
    except SecurityError as error:
        refused(error)
    else:
        done(found)
