"""How the keys of one endpoint change: 0800/161 brings a new key, 0800/162 asks for one.

Rule: a new key travels under the endpoint's key-encryption key as a TR-31 block (field 120) with its check value (tag
30), and either side may bring one or ask. Here it is carried; what a ring of keys does with it is the ring's. The key
that was brought holds from the next message after its 0810/00, both ways; the old one is accepted a while more.
While a key that we brought is unanswered another's is refused: both sides would else take the other's, and part. But a
key that is brought again, for its answer was lost, is answered whatever else is going on. No key is brought twice at a
time: of two answers nobody could say which holds.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from functools import partial

from config.key_checks import CHANGING
from config.sections import ListenerSettings, PeerSettings
from switch.flow.session import KEY_ASKED_FOR, NEW_KEY
from switch.flow.telling import Report
from switch.security.keys.ring import KeyRing
from switch.security.port import FreshKey, KeyToken, SecurityError
from switch.wire import tlv
from switch.wire.codes import ResponseCode
from switch.wire.message import Message

BLOCK, CHECK_VALUE = "120", "30"
CHANGES_MAX, CHANGES_WITHIN_S = 6, 60.0  # that the other side may cause
ANSWERED_WITHIN_S = 30.0

Answer = Callable[[ResponseCode, str], None]  # the code, and the place of a fault in the message
Ask = Callable[[dict[str, str], Callable[[str | None], None]], None]  # fields of an 0800; hears 39, or None for silence


class KeyExchange:
    """The keys of one endpoint, as far as they change on the wire. `now` is of a monotonic clock."""

    def __init__(
        self,
        endpoint: ListenerSettings | PeerSettings,
        ring: KeyRing,
        now: Callable[[], float],
        count: Callable[[str], None],
        report: Report,
    ) -> None:
        self._endpoint = endpoint.name
        self._kek = endpoint.kek
        self._ring = ring
        self._now = now
        self._count = count
        self._report = report
        self._out: dict[str, float] = {}  # what was brought and is not answered yet, and until when it may be
        self._changes: deque[float] = deque(maxlen=CHANGES_MAX)  # when the last ones were begun
        named = [name for name in (endpoint.mac, endpoint.pin) if name is not None]
        self._names = tuple(name for name in named if ring.token(name).settings.use in CHANGING)
        for name in self._names:
            ring.heed(name, self._changed)

    @property
    def possible(self) -> bool:
        """Whether keys change here at all."""
        return self._kek is not None and bool(self._names)

    def take(self, request: Message, answer: Answer, ask: Ask) -> None:
        """Their 161 or 162. What is brought is answered first and then holds; what is asked for is brought after."""
        if self._kek is None or not self._names:
            answer(ResponseCode.INVALID_TRANSACTION, "")
        elif self._ring.is_known(self._names, request.get(BLOCK) or ""):
            self._accept(request, self._kek, answer)
        elif self._too_many():
            self._count("too many key changes")
            answer(ResponseCode.INVALID_TRANSACTION, "")
        elif request.network_code == KEY_ASKED_FOR:
            answer(ResponseCode.APPROVED, "")
            self.bring(ask)
        elif any(map(self._is_out, self._names)):
            answer(ResponseCode.INVALID_TRANSACTION, "")
        else:
            self._accept(request, self._kek, answer)

    def bring(self, ask: Ask) -> None:
        """A new key for each name; one that was brought before and never answered is brought again."""
        for name in self._names:
            self._bring(name, ask)

    def bring_if_few(self, ask: Ask) -> bool:
        """The same where nobody ordered it; False if too many changes were begun already."""
        if self._too_many():
            self._count("too many key changes")
            return False
        self.bring(ask)
        return True

    def bring_again(self, ask: Ask) -> None:
        """Those only that were never answered."""
        for name in self._names:
            if self._ring.is_offered(name):
                self._bring(name, ask)

    def _too_many(self) -> bool:
        """Each change waits for the disk, and an overlap takes but so many earlier keys. An operator's don't count."""
        now = self._now()
        if len(self._changes) == CHANGES_MAX and now < self._changes[0] + CHANGES_WITHIN_S:
            return True
        self._changes.append(now)
        return False

    def _is_out(self, name: str) -> bool:
        return self._now() < self._out.get(name, -math.inf)

    def _bring(self, name: str, ask: Ask) -> None:
        if self._kek is not None and not self._is_out(name):
            self._ring.offer(name, self._kek, partial(self._send, name, ask), self._refused)

    def _send(self, name: str, ask: Ask, fresh: FreshKey) -> None:
        self._out[name] = self._now() + ANSWERED_WITHIN_S
        fields = {"70": NEW_KEY, BLOCK: fresh.block, "48": tlv.build([(CHECK_VALUE, fresh.token.kcv)])}
        ask(fields, partial(self._answered, name, fresh.token))

    def _answered(self, name: str, token: KeyToken, code: str | None) -> None:
        self._out.pop(name, None)
        if code == ResponseCode.APPROVED:
            self._ring.confirm(token)
        elif code is not None:
            self._ring.withdraw(token)
            self._count("key not taken")
            self._report("key not taken", endpoint=self._endpoint, key=name, code=code)

    def _accept(self, request: Message, kek: str, answer: Answer) -> None:
        block = request.get(BLOCK)
        try:
            kcv = tlv.first(request.tags, CHECK_VALUE)
        except tlv.TlvError as error:
            answer(ResponseCode.FORMAT_ERROR, error.place)
            return
        if block is None or kcv is None:
            answer(ResponseCode.FORMAT_ERROR, BLOCK if block is None else f"48.{CHECK_VALUE}")
            return

        def accepted(token: KeyToken) -> None:
            answer(ResponseCode.APPROVED, "")
            self._ring.confirm(token)

        def refused(error: SecurityError) -> None:
            answer(ResponseCode.SECURITY, "")
            self._refused(error)

        self._ring.accept(self._names, kek, block, kcv, accepted, refused)

    def _changed(self, token: KeyToken) -> None:
        self._count("key changed")
        self._report("key changed", endpoint=self._endpoint, key=token.settings.name, check_value=token.kcv)

    def _refused(self, error: SecurityError) -> None:
        self._count("key refused")
        self._report("key refused", endpoint=self._endpoint, why=str(error))
