"""What a payShield's error codes mean here: whose fault it is, and in words that are safe to log.

Rule: one literal table. Only a module that is out of service counts as away; a code that is not in the table is told as
what it is, a code that nobody here knows. 01 is an answer where something is verified, and is judged there.
"""

from collections.abc import Mapping

from switch.security.crypto.pin_block import refusal as no_pin_block
from switch.security.port import KeyRefusedError, ModuleAwayError, PinBlockError, SecurityError

FINE = "00"
WRONG = "01"
# With an IBM key of two or three parts a right PIN is answered so: a warning that DES was not single.
TDES_USED = "02"

REFUSALS: Mapping[str, tuple[type[SecurityError], str]] = {
    "04": (KeyRefusedError, "it does not know the type of the key, or the algorithm"),
    "05": (KeyRefusedError, "the type or the length of the key does not fit the command"),
    "10": (
        KeyRefusedError,
        "the first key has no right parity, so it is another kind of key or under another master key",
    ),
    "11": (
        KeyRefusedError,
        "the second key has no right parity, so it is another kind of key or under another master key",
    ),
    "12": (KeyRefusedError, "its user storage holds no key"),
    "13": (ModuleAwayError, "its master key is not in order"),
    "15": (KeyRefusedError, "what it was given can't be read"),
    "17": (KeyRefusedError, "it is not in the state that this needs authorised"),
    "20": (PinBlockError, ""),
    "22": (PinBlockError, ""),
    "23": (PinBlockError, ""),
    "24": (PinBlockError, ""),
    "25": (KeyRefusedError, "the decimalization table is not one"),
    "26": (KeyRefusedError, "the key's scheme does not fit"),
    "27": (KeyRefusedError, "the key's length does not fit"),
    "28": (KeyRefusedError, "the key's type does not fit"),
    "29": (KeyRefusedError, "the key may not be used so"),
    "40": (ModuleAwayError, "its firmware is broken"),
    "41": (ModuleAwayError, "it is broken inside"),
    "42": (ModuleAwayError, "its cipher is broken"),
    "47": (KeyRefusedError, "it has no licence for the algorithm"),
    "67": (KeyRefusedError, "it has no licence for the command"),
    "68": (KeyRefusedError, "the command is switched off"),
    "69": (KeyRefusedError, "the PIN block format is switched off"),
    "75": (KeyRefusedError, "the key's parts are one and the same"),
    "80": (KeyRefusedError, "the length of the data does not fit"),
    "83": (KeyRefusedError, "the key block is not of its form"),
    "84": (KeyRefusedError, "the key block's check value is wrong"),
    "A1": (KeyRefusedError, "the key is under another kind of master key"),
    "A4": (KeyRefusedError, "the key block is not under this key, or was changed"),
    "A5": (KeyRefusedError, "the length of the key in the block does not fit"),
    "A6": (KeyRefusedError, "the key in the block is for another use"),
    "A7": (KeyRefusedError, "the key in the block is for another algorithm"),
    "A8": (KeyRefusedError, "the key in the block may not do this"),
    "AA": (KeyRefusedError, "the key may not leave the module"),
    "BB": (KeyRefusedError, "the key that wraps the block does not fit"),
}


def refusal(command: str, code: str) -> SecurityError:
    """What a command's error code is to whoever asked. A PIN block is refused in the same words whatever is wrong."""
    kind, meaning = REFUSALS.get(code, (SecurityError, "a code that is not known here"))
    if kind is PinBlockError:
        return no_pin_block()
    return kind(f"the security module answers {command} with {code}: {meaning}")


def word_of(code: bytes) -> str:
    """An error code as a word of ours: what a module makes up is none."""
    text = code.decode("ascii", "replace")
    return text if text in (FINE, WRONG, TDES_USED) or text in REFUSALS else "unknown"
