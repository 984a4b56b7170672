"""The values in a payShield's answers, each command's own.

Rule: pure; ValueError where an answer holds something else (see `answer`). What follows the fields is not looked at.
"""

from dataclasses import dataclass

from config.security_sections import KeySettings
from switch.security.crypto.pin import PinFormat
from switch.security.payshield.answer import Answer
from switch.security.payshield.commands import FORMAT_CODES, PIN_UNDER_LMK_DIGITS
from switch.security.payshield.keys import may_be_held
from switch.security.payshield.requests import block_size
from switch.security.port import FreshKey, KeyToken

KCV_DIGITS = 6
LMK_CHECK_DIGITS, FIRMWARE_LENGTH = 16, 9


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the module says of itself: the check value of its master key, and its firmware."""

    lmk_check: str
    firmware: str


def block_in(answer: Answer, wanted: PinFormat) -> str:
    """The translated block, after its PIN's length and before its format."""
    answer.number(2)
    block = answer.hexadecimal(2 * block_size(wanted))
    if answer.take(2) != FORMAT_CODES[wanted]:
        raise ValueError("a block of another format")
    return block


def sealed_in(answer: Answer) -> str:
    """The block of a PIN that has no card."""
    return answer.hexadecimal(2 * block_size(PinFormat.ISO_1))


def pin_under_lmk_in(answer: Answer) -> str:
    return answer.hexadecimal(PIN_UNDER_LMK_DIGITS)


def token_in(answer: Answer, settings: KeySettings) -> KeyToken:
    return token_of(settings, answer.key(), kcv_in(answer))


def fresh_key_in(answer: Answer, settings: KeySettings) -> FreshKey:
    text, block = answer.key(), answer.tr31_block()
    return FreshKey(token_of(settings, text, kcv_in(answer)), block)


def exported_in(answer: Answer) -> str:
    return answer.tr31_block()


def token_of(settings: KeySettings, text: str, kcv: str) -> KeyToken:
    """A token that can be used again: it will be kept."""
    if not may_be_held(settings, text):
        raise ValueError("a key of another scheme")
    return KeyToken(settings, text, kcv)


def kcv_in(answer: Answer) -> str:
    return answer.hexadecimal(KCV_DIGITS)


def diagnosis_in(answer: Answer) -> Diagnosis:
    return Diagnosis(answer.hexadecimal(LMK_CHECK_DIGITS), answer.take(FIRMWARE_LENGTH))
