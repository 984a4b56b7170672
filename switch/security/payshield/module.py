"""A payShield behind the port of the security module: keys never leave it, and everything is asked of it.

Rule: what can be refused without the module is refused before it is asked (`requests`); the module has the last word.
Nothing here waits or knows a network: `Ask` carries commands there and answers back.
"""

from collections.abc import Callable

from config.choices import KeyUse
from config.security_sections import KeySettings
from switch.security.crypto.ksn import Ksn
from switch.security.crypto.pin import PinFormat
from switch.security.keys.ksn_book import KsnBook
from switch.security.payshield import commands, requests, values
from switch.security.payshield.answer import Ask, ask_for
from switch.security.payshield.keys import LmkKey, lmk_key
from switch.security.payshield.pin_reference import PinReference
from switch.security.payshield.refusals import FINE, WRONG
from switch.security.payshield.remote_mac import PayShieldMac, was_right
from switch.security.payshield.values import Diagnosis
from switch.security.port import FreshKey, KeyToken, PinBlockError, PinRequest, SecurityError

EXPORTED = (KeyUse.MAC, KeyUse.PIN)

Told = Callable[[str | SecurityError], None]


class PayShieldModule:
    """A `SecurityModule`, and what else the hardware can do for a bank. `ksns` remembers the serial numbers of
    terminals, which the hardware does not."""

    __slots__ = ("_ask", "_ksns")

    def __init__(self, ask: Ask, ksns: KsnBook | None = None) -> None:
        self._ask = ask
        self._ksns = ksns if ksns is not None else KsnBook()

    def check(self, key: KeyToken) -> None:
        lmk_key(key, key.settings.use)

    def mac(self, key: KeyToken) -> PayShieldMac:
        return PayShieldMac(self._ask, lmk_key(key, KeyUse.MAC), key.settings)

    def translate_pin(self, request: PinRequest, source: KeyToken, target: KeyToken, done: Told) -> None:
        try:
            keys = lmk_key(source, KeyUse.PIN, KeyUse.DUKPT), lmk_key(target, KeyUse.PIN)
            if request.is_clear and source.settings.use is KeyUse.PIN:
                return self._seal(requests.encryption(request, target.settings, keys[1]), keys[1], done)
            command = requests.translation(request, source.settings, target.settings, keys)
        except SecurityError as refused:
            return done(refused)
        wanted = requests.format_of(target.settings, request.pan)
        told = self._used_once(request, done) if source.settings.use is KeyUse.DUKPT else done
        return ask_for(self._ask, command, lambda answer: values.block_in(answer, wanted), told)

    def import_key(
        self, block: str, kek: KeyToken, settings: KeySettings, done: Callable[[KeyToken | SecurityError], None]
    ) -> None:
        try:
            command = requests.importing(block, lmk_key(kek, KeyUse.KEK), settings)
        except SecurityError as refused:
            return done(refused)
        # 01 warns that the key came without odd parity: the module has put it right, and DES ignores it.
        return ask_for(self._ask, command, lambda answer: values.token_in(answer, settings), done, (FINE, WRONG))

    def generate_key(
        self, settings: KeySettings, kek: KeyToken, done: Callable[[FreshKey | SecurityError], None]
    ) -> None:
        try:
            command = requests.generating(settings, lmk_key(kek, KeyUse.KEK))
        except SecurityError as refused:
            return done(refused)
        return ask_for(self._ask, command, lambda answer: values.fresh_key_in(answer, settings), done)

    def warning(self) -> str | None:
        return None

    # What the hardware can do besides. Not part of the port.

    def export_key(self, key: KeyToken, kek: KeyToken, done: Told) -> None:
        """The TR-31 block of a key under `kek`. KeyRefusedError, ModuleAwayError."""
        try:
            command = requests.exporting(lmk_key(key, *EXPORTED), lmk_key(kek, KeyUse.KEK), key.settings)
        except SecurityError as refused:
            return done(refused)
        return ask_for(self._ask, command, values.exported_in, done)

    def check_value(self, key: KeyToken, done: Told) -> None:
        """The check value of a key, as the module finds it. KeyRefusedError, ModuleAwayError."""
        try:
            command = commands.check_value(lmk_key(key, key.settings.use))
        except SecurityError as refused:
            return done(refused)
        return ask_for(self._ask, command, values.kcv_in, done)

    def verify_pin(
        self, request: PinRequest, key: KeyToken, reference: PinReference, done: Callable[[bool | SecurityError], None]
    ) -> None:
        """Whether the PIN of a block is the one that an issuer's reference is of. PinBlockError, KeyRefusedError,
        ModuleAwayError."""
        try:
            command = requests.verification(request, key.settings, lmk_key(key, KeyUse.PIN), reference)
        except SecurityError as refused:
            return done(refused)
        return ask_for(self._ask, command, was_right, done, reference.fine)

    def diagnose(self, done: Callable[[Diagnosis | SecurityError], None]) -> None:
        """Whether the module is in order. ModuleAwayError."""
        ask_for(self._ask, commands.DIAGNOSE, values.diagnosis_in, done)

    def _seal(self, command: bytes, key: LmkKey, done: Told) -> None:
        """A code in clear goes under the master key first, and from there into a block."""

        def encrypted(pin: str | SecurityError) -> None:
            if isinstance(pin, SecurityError):
                done(pin)
            else:
                ask_for(self._ask, commands.seal_pin(key, pin, PinFormat.ISO_1), values.sealed_in, done)

        ask_for(self._ask, command, values.pin_under_lmk_in, encrypted)

    def _used_once(self, request: PinRequest, done: Told) -> Told:
        """Hands a block on once its serial number is written down, and no block of a number that was used before."""

        def told(block: str | SecurityError) -> None:
            done(block if isinstance(block, SecurityError) else self._first_use(request, block))

        return told

    def _first_use(self, request: PinRequest, block: str) -> str | SecurityError:
        try:
            new = self._ksns.accept(Ksn.parse(request.ksn or ""), request.whose)
        except SecurityError as error:
            return error
        return block if new else PinBlockError("a key serial number that was used before")
