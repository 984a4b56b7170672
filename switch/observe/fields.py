"""What may be logged: an allow-list of field names, each with the form that its value must have.

Rule: what is not listed is not logged, and a value that is not of its field's form is withheld, so a new field
or a careless text can't carry a card number, a PIN block, a track or a key out. Deny-lists leak what they did
not foresee.
"""

import re
from collections.abc import Callable, Mapping

WITHHELD = "•"

# No run of nine digits or sixteen hex digits in a text: an account, a subscriber, a card, a block, a key.
_WORD = re.compile(r"[^\x00-\x1f\x7f]{0,400}")
_TOO_TELLING = re.compile(r"(?:\d[ -]?){9}|[0-9A-Fa-f]{16}")
_PAYMENT = re.compile(r"[0-9a-f]{32}")
_REFERENCE = re.compile(r"[0-9A-Za-z]{1,12}")
_CHECK_VALUE = re.compile(r"[0-9A-F]{6}")
_SHORT = re.compile(r"[0-9A-Za-z ()._-]{0,11}")


def word(value: object) -> bool:
    """A text on one line without anything that could name a customer or be a key."""
    return isinstance(value, str) and bool(_WORD.fullmatch(value)) and not _TOO_TELLING.search(value)


def number(value: object) -> bool:
    """A number that counts or measures: too short for an account or a card."""
    return isinstance(value, int | float) and abs(value) < 1e8


def amount(value: object) -> bool:
    """An amount in minor units."""
    return isinstance(value, int) and abs(value) < 10**12


def matching(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    """A text of exactly this form."""
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))


_SHORT_TEXT, _PAYMENT_ID, _REFERENCE_TEXT = matching(_SHORT), matching(_PAYMENT), matching(_REFERENCE)
_CHECK_VALUE_TEXT = matching(_CHECK_VALUE)
_FINGERPRINT_BEGINNING = matching(re.compile(r"[0-9a-f]{8}"))

ALLOWED: Mapping[str, Callable[[object], bool]] = {
    "event": word,
    "level": word,
    "time": word,
    # where
    "listener": word,
    "endpoint": word,
    "peer": word,
    "address": word,
    "connection": number,
    "channel": word,
    "file": word,
    "port": number,
    "pid": number,
    "worker": number,
    # what
    "service": word,
    "biller": word,
    "mti": _SHORT_TEXT,
    "code": _SHORT_TEXT,
    "place": word,
    "field": _SHORT_TEXT,
    "stan": _SHORT_TEXT,
    "acquirer": _SHORT_TEXT,
    "terminal": _SHORT_TEXT,
    "reference": _REFERENCE_TEXT,
    "payment": _PAYMENT_ID,
    "holder": _FINGERPRINT_BEGINNING,
    "state": word,
    "kind": word,
    "destination": word,
    "outcome": word,
    "reason": word,
    "why": word,
    "who": word,
    "action": word,
    "key": word,  # its name
    "check_value": _CHECK_VALUE_TEXT,
    "day": _SHORT_TEXT,
    "amount_minor": amount,
    # how much
    "count": number,
    "attempts": number,
    "bytes": number,
    "elapsed_ms": number,
    "delay_s": number,
    "sequence": number,
    # a fault: made by `events` from the exception, never its text
    "error": word,
    "at": word,
}


def allowed(name: str, value: object) -> object:
    """The value, or the mark that stands for what is withheld. None stays None: it says nothing."""
    form = ALLOWED.get(name)
    return value if value is None or (form is not None and form(value)) else WITHHELD
