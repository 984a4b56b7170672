"""Lists that may be longer than one message: as many entries as field 48 holds, and a token for the rest.

Rule: pure. An entry may be several tags that belong together; it is shown whole or not at all. A token (tag 13)
names the last entry shown, is bound to what was asked for, and is good for 15 minutes. A check value says so,
not a memory, so a token survives a restart.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Callable, Sequence
from typing import TypeVar

from switch.wire import tlv

PRIVATE_MAX = tlv.FIELD_MAX
REST_TAG = "13"
TOKEN_VALID_S = 15 * 60

Tags = list[tuple[str, str]]
T = TypeVar("T")


class Tokens:
    """`secret` is known to the host alone."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def issue(self, scope: str, last: str, now: dt.datetime) -> str:
        """The token for what comes after the entry `last` of the list `scope`."""
        body = f"{int(now.timestamp()):010x}{last}"
        return self._check(scope, body) + body

    def open(self, scope: str, token: str, now: dt.datetime) -> str | None:
        """The last entry shown; None if the token is not of this list, or too old."""
        check, body = token[:16], token[16:]
        if not hmac.compare_digest(check.encode(), self._check(scope, body).encode()):
            return None
        return body[10:] if now.timestamp() - int(body[:10], 16) <= TOKEN_VALID_S else None

    def _check(self, scope: str, body: str) -> str:
        return hmac.digest(self._secret, f"token\n{scope}\n{body}".encode(), "sha256").hex()[:16]


def page(
    entries: Sequence[T], tags_of: Callable[[T], Tags], token_after: Callable[[T], str], room: int = PRIVATE_MAX
) -> Tags:
    """The tags of as many entries as fit, and of the token if some don't."""
    tags: Tags = []
    for index, entry in enumerate(entries):
        more = tags_of(entry)
        rest = [(REST_TAG, token_after(entry))] if index + 1 < len(entries) else []
        if tags and tlv.size([*tags, *more, *rest]) > room:
            return [*tags, (REST_TAG, token_after(entries[index - 1]))]
        tags += more
    return tags
