"""The security module in software: key blocks under a master key, opened in this process.

Rule: for test only; whoever can read the process can read the keys. Outside of it a key is only ever a TR-31 block of
version D under the master key, and each call asks the block's own header whether the key may do that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from config.choices import KeyAlgorithm, KeyUse
from config.security_sections import KeySettings
from switch.security.crypto.clear_key import ClearKey
from switch.security.crypto.dukpt_aes import AesDukpt, DukptKeyType, DukptUse
from switch.security.crypto.dukpt_tdes import TdesDukpt
from switch.security.crypto.ksn import Ksn
from switch.security.crypto.mac import AesCmac, RetailMac
from switch.security.crypto.pin import AesPinCipher, PinCipher, PinFormat, PinZone, seal_pin, translate
from switch.security.crypto.pin_block import FILL_SIZE as PIN_FILL
from switch.security.crypto.tdes import with_parity
from switch.security.keys.key_kind import fits, header_of, is_tdes, kcv_of, role_meant
from switch.security.keys.key_policy import KeyAct, checked_import, permits
from switch.security.keys.keyblock import FILL_SIZE, KeyHeader, unwrap, wrap
from switch.security.keys.ksn_book import KsnBook
from switch.security.port import FreshKey, KeyRefusedError, KeyToken, PinBlockError, PinRequest, SecurityError
from switch.wire.envelope import Mac

Draw = Callable[[int], bytes]  # so many random bytes

WARNING = (
    "SOFTWARE KEYS, FOR TEST ONLY: keys work in this process's memory; live PINs need a hardware security module, and "
    "security.forbid_software = true makes sure of it"
)
KEYS_MAX = 4096
BASES_MAX = 16  # base derivation keys, each with what it has derived half-way


class SoftModule:
    """A `SecurityModule`. `draw` gives random bytes; `ksns` remembers the serial numbers of terminals."""

    def __init__(self, master: bytes, draw: Draw, ksns: KsnBook | None = None) -> None:
        self._master = ClearKey(master)
        self._draw = draw
        self._ksns = ksns if ksns is not None else KsnBook()
        self._opened = lru_cache(KEYS_MAX)(self._unwrapped)
        self._tdes_base, self._aes_base = lru_cache(BASES_MAX)(TdesDukpt), lru_cache(BASES_MAX)(AesDukpt)
        self._pairs: dict[tuple[str, str], _Pair] = {}

    def check(self, key: KeyToken) -> None:
        name = key.settings.name
        try:
            header, clear = self._opened(key.text)
            checked_import(self._master, header, clear)
        except SecurityError as error:
            raise KeyRefusedError(f"keys.{name}: {error}") from None
        if not fits(header, key.settings):
            raise KeyRefusedError(f"keys.{name}: its key block is for another use")

    def mac(self, key: KeyToken) -> Mac:
        clear = self._key(key, KeyUse.MAC, KeyAct.GENERATE, KeyAct.VERIFY).raw
        if key.settings.algorithm is KeyAlgorithm.RETAIL:
            return RetailMac(clear, key.settings.padding)
        return AesCmac(clear)

    def translate_pin(
        self, request: PinRequest, source: KeyToken, target: KeyToken, done: Callable[[str | SecurityError], None]
    ) -> None:
        try:
            found: str | SecurityError = self._translated(request, source, target)
        except SecurityError as error:
            found = error
        done(found)

    def import_key(
        self, block: str, kek: KeyToken, settings: KeySettings, done: Callable[[KeyToken | SecurityError], None]
    ) -> None:
        try:
            found: KeyToken | SecurityError = self.imported(block, kek, settings)
        except SecurityError as error:
            found = KeyRefusedError(str(error))
        done(found)

    def generate_key(
        self, settings: KeySettings, kek: KeyToken, done: Callable[[FreshKey | SecurityError], None]
    ) -> None:
        try:
            token = self.made(settings)
            found: FreshKey | SecurityError = FreshKey(token, self.exported(token, kek))
        except SecurityError as error:
            found = KeyRefusedError(str(error))
        done(found)

    def warning(self) -> str | None:
        return WARNING

    # For key ceremonies, and for who plays the other side. Not part of the port.

    def made(self, settings: KeySettings) -> KeyToken:
        """A new key of this use."""
        return self.taken(settings, ClearKey(self._fresh(settings)))

    def taken(self, settings: KeySettings, clear: ClearKey) -> KeyToken:
        """A key that is known already. Raises SecurityError if it is unfit."""
        return self._kept(settings, header_of(settings, "D"), clear)

    def imported(self, block: str, kek: KeyToken, settings: KeySettings) -> KeyToken:
        """The key of a block under a key-encryption key: what its sender lets it do, it may do here, and no more.
        Raises SecurityError."""
        protection = self._key(kek, KeyUse.KEK, KeyAct.DECRYPT)
        header, clear = unwrap(protection, block)
        checked_import(protection, header, clear)
        if not fits(header, settings):
            raise KeyRefusedError("a key for another use")
        return self._kept(settings, replace(header, version="D"), clear)

    def exported(self, key: KeyToken, kek: KeyToken) -> str:
        """The key under a key-encryption key, to be sent. Raises SecurityError."""
        protection = self._key(kek, KeyUse.KEK, KeyAct.ENCRYPT)
        header, clear = self._opened(key.text)
        if header.exportability == "N":
            raise KeyRefusedError(f"keys.{key.settings.name}: not to be given to others")
        sent = replace(header, version="B" if is_tdes(kek.settings) else "D")
        checked_import(protection, sent, clear)
        return wrap(protection, sent, clear, self._draw(FILL_SIZE))

    def clear(self, key: KeyToken) -> ClearKey:
        """The key itself. Raises SecurityError."""
        return self._opened(key.text)[1]

    def zone(self, key: KeyToken, *acts: KeyAct) -> PinZone:
        """A PIN key at work. Raises KeyRefusedError."""
        clear = self._key(key, KeyUse.PIN, *acts).raw
        return zone_of(clear, key.settings.block_format)

    def _translated(self, request: PinRequest, source: KeyToken, target: KeyToken) -> str:
        if source.settings.use is KeyUse.DUKPT:
            return self._from_terminal(request, source, target)
        pair = self._pairs.get((source.text, target.text))
        if pair is None or pair.source is not source or pair.target is not target:
            pair = self._paired(source, target)
        if request.is_clear:
            return seal_pin(request.block, None, pair.to, self._draw(PIN_FILL))
        fill = self._draw(PIN_FILL) if pair.reformats and request.pan is not None else b""
        return translate(request.block, request.pan, pair.of, pair.to, fill)

    def _paired(self, source: KeyToken, target: KeyToken) -> _Pair:
        """Kept ready: a block is translated for every PIN that is typed."""
        pair = _Pair(source, target, self.zone(source, KeyAct.DECRYPT), self.zone(target, KeyAct.ENCRYPT))
        if len(self._pairs) >= KEYS_MAX:
            self._pairs.clear()
        self._pairs[source.text, target.text] = pair
        return pair

    def _from_terminal(self, request: PinRequest, source: KeyToken, target: KeyToken) -> str:
        ksn = Ksn.parse(request.ksn or "")
        to = self.zone(target, KeyAct.ENCRYPT)
        found = translate(request.block, request.pan, self._derived(source, ksn), to, self._draw(PIN_FILL))
        if not self._ksns.accept(ksn, request.whose):
            raise PinBlockError("a key serial number that was used before")
        return found

    def _derived(self, key: KeyToken, ksn: Ksn) -> PinZone:
        base = self._key(key, KeyUse.DUKPT, KeyAct.DERIVE)
        if key.settings.algorithm is KeyAlgorithm.TDES:
            return zone_of(self._tdes_base(base.raw).pin_key(ksn), key.settings.block_format)
        kind = DukptKeyType.AES_128 if key.settings.block_format == PinFormat.ISO_4 else DukptKeyType.TDES_2
        return zone_of(self._aes_base(base.raw).working_key(ksn, DukptUse.PIN, kind), key.settings.block_format)

    def _kept(self, settings: KeySettings, header: KeyHeader, clear: ClearKey) -> KeyToken:
        """Under the master key."""
        checked_import(self._master, header, clear)
        return KeyToken(settings, wrap(self._master, header, clear, self._draw(FILL_SIZE)), kcv_of(settings, clear))

    def _key(self, key: KeyToken, use: KeyUse, *acts: KeyAct) -> ClearKey:
        """A key of this use: by its modes of use alone a PIN key could open key blocks."""
        header, clear = self._opened(key.text)
        role, is_of_use = role_meant(key.settings), key.settings.use is use and fits(header, key.settings)
        if not is_of_use or not all(permits(header, role, act) for act in acts):
            raise KeyRefusedError(f"keys.{key.settings.name}: its key block does not permit that")
        return clear

    def _unwrapped(self, text: str) -> tuple[KeyHeader, ClearKey]:
        return unwrap(self._master, text)

    def _fresh(self, settings: KeySettings) -> bytes:
        drawn = self._draw(settings.size)
        return with_parity(drawn) if is_tdes(settings) else drawn


class _Pair:
    """Two PIN keys at work, from one to the other. `reformats`: their blocks are not of one format."""

    __slots__ = ("of", "reformats", "source", "target", "to")

    def __init__(self, source: KeyToken, target: KeyToken, of: PinZone, to: PinZone) -> None:
        self.source, self.target = source, target
        self.of, self.to = of, to
        self.reformats = source.settings.block_format != target.settings.block_format


def zone_of(clear: bytes, block_format: int) -> PinZone:
    """A PIN key with the format of its blocks."""
    return AesPinCipher(clear) if block_format == PinFormat.ISO_4 else PinCipher(clear, PinFormat(block_format))
