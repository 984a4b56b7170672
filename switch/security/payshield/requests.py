"""What is asked of a payShield, checked before it is asked: requests become commands, or are refused here.

Rule: pure; by the same tables as in software (`pin`, `soft`). A refusal is raised, without what was given.
"""

from config.choices import KeyAlgorithm, KeyUse
from config.security_sections import KeySettings
from switch.security.crypto.ksn import TDES_DIGITS, Ksn
from switch.security.crypto.pin import WITH_CARD, WITHOUT_CARD, PinFormat, block_of
from switch.security.crypto.pin_block import checked_pan, checked_pin
from switch.security.keys.key_kind import header_of
from switch.security.keys.keyblock import KeyHeader
from switch.security.payshield import commands
from switch.security.payshield.keys import (
    BLOCK_SCHEME,
    SCHEME_OF_SIZE,
    KeyType,
    LmkKey,
    must_fit_variant,
    type_of,
)
from switch.security.payshield.pin_reference import PinReference
from switch.security.port import KeyRefusedError, PinBlockError, PinRequest

BLOCK_VERSION = "B"  # of TR-31, under a TDES key
BLOCK_SIZES = {PinFormat.ISO_4: 16}
OTHER_BLOCK_SIZE = 8


def translation(request: PinRequest, source: KeySettings, target: KeySettings, keys: tuple[LmkKey, LmkKey]) -> bytes:
    """The command for a block from one key to another. Raises PinBlockError, KeyRefusedError."""
    given, wanted = format_of(source, request.pan), format_of(target, request.pan)
    if wanted not in (WITHOUT_CARD if request.pan is None else WITH_CARD)[given]:
        raise PinBlockError("a PIN block may not go from this format to that one")
    must_be_a_zones(keys[1], target)
    block, account = checked_block(request, given), checked_account(request, given, wanted)
    if source.use is KeyUse.DUKPT:
        return commands.translate_pin("G0", keys, checked_ksn(request.ksn), block, (given, wanted), account)
    command = "CA" if keys[0].kind is KeyType.TPK else "CC"
    return commands.translate_pin(command, keys, "", block, (given, wanted), account)


def encryption(request: PinRequest, target: KeySettings, key: LmkKey) -> bytes:
    """The command for a code in clear, on its way to a block under this key. Raises PinBlockError, KeyRefusedError."""
    if format_of(target, None) is not PinFormat.ISO_1:
        raise PinBlockError("a code without a card number goes under a TDES key")
    must_be_a_zones(key, target)
    checked_pin(request.block)
    return commands.encrypt_pin(request.block)


def must_be_a_zones(key: LmkKey, settings: KeySettings) -> None:
    if key.kind is KeyType.TPK:
        raise KeyRefusedError(f"keys.{settings.name}: a terminal's: allowed as the target of a PIN block: a zone's")


def verification(request: PinRequest, settings: KeySettings, key: LmkKey, reference: PinReference) -> bytes:
    given = format_of(settings, request.pan)
    return reference.command(key, checked_block(request, given), given, checked_account(request, given))


def importing(block: str, zmk: LmkKey, settings: KeySettings) -> bytes:
    if not (block.isascii() and block.isalnum()):
        raise KeyRefusedError("not a key block: allowed: its letters and digits")
    if zmk.is_block:
        return commands.import_key(KeyType.IN_ITS_BLOCK, BLOCK_SCHEME, zmk, block)
    must_fit_variant(settings)
    return commands.import_key(type_of(settings), SCHEME_OF_SIZE[settings.size], zmk, block)


def generating(settings: KeySettings, zmk: LmkKey) -> bytes:
    if zmk.is_block:
        raise KeyRefusedError(
            "keys are made under a variant LMK alone: import one that was made at the module's console"
        )
    must_fit_variant(settings)
    header = sendable(settings)
    return commands.generate_key(type_of(settings), SCHEME_OF_SIZE[settings.size], zmk, header)


def exporting(key: LmkKey, zmk: LmkKey, settings: KeySettings) -> bytes:
    """A key that has a block of its own brings its header along."""
    return commands.export_key(key, zmk, None if key.is_block else sendable(settings))


def sendable(settings: KeySettings) -> KeyHeader:
    """The header of a key that goes to the other side. Raises KeyRefusedError for one that must stay."""
    header = header_of(settings, BLOCK_VERSION)
    if header.exportability == "N":
        raise KeyRefusedError(f"keys.{settings.name}: not to be given to others")
    return header


def format_of(settings: KeySettings, pan: str | None) -> PinFormat:
    """The format of a block under this key; a code that has no card is format 1 (see `pin`)."""
    if pan is None and settings.algorithm is not KeyAlgorithm.AES:
        return PinFormat.ISO_1
    return PinFormat(settings.block_format)


def checked_block(request: PinRequest, pin_format: PinFormat) -> str:
    return block_of(request.block, block_size(pin_format)).hex().upper()


def checked_account(request: PinRequest, *formats: PinFormat) -> str:
    return commands.account_number(None if request.pan is None else checked_pan(request.pan), *formats)


def checked_ksn(ksn: str | None) -> str:
    """The serial number of a transaction under TDES. Raises SecurityError."""
    if ksn is None or len(ksn) != TDES_DIGITS:
        raise PinBlockError("a block under a derived key comes with its key's serial number, 20 hexadecimal digits")
    Ksn.parse(ksn)
    return ksn.upper()


def block_size(pin_format: PinFormat) -> int:
    return BLOCK_SIZES.get(pin_format, OTHER_BLOCK_SIZE)
