"""How the configuration says that something is wrong: one line with file, key, value and what is allowed.

Rule: a value that could be key material is never echoed, wherever it was typed.
"""

import difflib
import re
from collections.abc import Iterable

_COULD_BE_A_KEY = re.compile(r"[0-9A-Fa-f]{16}|[0-9A-Za-z+/=]{40}")
_SHOWN_MAX = 60
HIDDEN = "(not shown)"


class ConfigError(Exception):
    """The configuration can't be used; the text is one line for the person who wrote it."""


def shown(value: object) -> str:
    """The value as it may be repeated in a message: short, on one line, and never something like a key."""
    text = repr(value)
    if _COULD_BE_A_KEY.search(re.sub(r"[\s_:-]", "", text)):
        return HIDDEN
    return text if len(text) <= _SHOWN_MAX else text[: _SHOWN_MAX - 1] + "…"


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """The end of a message about a misspelt word: the closest known one, or nothing."""
    close = difflib.get_close_matches(wrong, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def one_of(names: Iterable[str]) -> str:
    """The known words as a list to choose from, or a dash where there are none."""
    return ", ".join(names) or "nothing (none is configured)"
