"""Stands between a question that carries a PIN or an activation code and the core, and hears what the core says of it.

Rule: what is slowed down is refused here as the core would refuse it (75), when its question would leave. A payment's
intent is durable by then, so that the answer is stored and repeated like any other: a copy that comes late, when the
card may try again, can't be approved after its channel was told no. An inquiry is not stored, as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from switch.engine.ports import Tools
from switch.flow.reply import Answered, Reply
from switch.flow.window import OncePerWindow
from switch.wire import tlv

WRONG, TRIES_USED_UP = "55", "75"
TOLD_EVERY_S = 60.0
SHOWN = 8  # hexadecimal digits of a fingerprint: enough to find the card's payments by, and nothing of its number
_CODE_TAG, _SUBSCRIBER_TAG = "07", "01"

Done = Callable[[Reply], None]


class Holder(NamedTuple):
    """Whose secret is tried. `kind` is a word for those who watch."""

    kind: str
    fingerprint: bytes


class Guesses:
    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._told = OncePerWindow(TOLD_EVERY_S)

    def watched(self, secrets: Mapping[str, str], done: Done) -> Done | None:
        """Who is to hear the core's word on a question with these secrets, which is asked at once; None: it may not be
        asked now, and is 75."""
        holder = self._holder(secrets) if secrets else None
        if holder is None:
            return done
        if self._tools.guesses.admits(holder.fingerprint, self._tools.clock.mono()):
            return partial(self._heard, holder.fingerprint, done)
        self._tell(holder)
        return None

    def _holder(self, secrets: Mapping[str, str]) -> Holder | None:
        """None where nothing is tried."""
        if "52" in secrets and "2" in secrets:
            return Holder("card", self._tools.vault.fingerprint(secrets["2"].encode()))
        if "48" in secrets:
            tags = tlv.parse(secrets["48"])
            if tlv.first(tags, _CODE_TAG) is not None:
                subscriber = tlv.first(tags, _SUBSCRIBER_TAG) or ""
                return Holder("subscriber", self._tools.vault.fingerprint(f"subscriber:{subscriber}".encode()))
        return None

    def _heard(self, fingerprint: bytes, done: Done, reply: Reply) -> None:
        """An answer that comes after its question fell silent is told to no channel: whoever guesses learns nothing."""
        if not isinstance(reply, Answered):
            self._settle(fingerprint, wrong=False)
        elif not reply.late:
            self._settle(fingerprint, wrong=reply.message.response_code in (WRONG, TRIES_USED_UP))
        done(reply)

    def _settle(self, fingerprint: bytes, *, wrong: bool) -> None:
        self._tools.guesses.settle(fingerprint, self._tools.clock.mono(), wrong=wrong)

    def _tell(self, holder: Holder) -> None:
        self._tools.counters.add("guesses_refused", holder.kind)
        suppressed = self._told.suppressed(holder.fingerprint, self._tools.clock.mono())
        if suppressed is not None:
            shown = holder.fingerprint.hex()[:SHOWN]
            self._tools.report("pin guessing", kind=holder.kind, holder=shown, count=suppressed)
