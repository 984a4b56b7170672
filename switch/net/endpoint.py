"""What all connections to one listener have in common, and what is counted, told and answered in its name.

Rule: nothing of one connection is kept here but how often its faults were told.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import trio

from config.sections import ListenerSettings
from switch.flow.admission import Admission
from switch.flow.overload import Door, Gate
from switch.flow.session import Patience
from switch.flow.window import OncePerWindow
from switch.net.edge import Edge
from switch.net.exchange import Handler
from switch.net.key_exchange import KeyExchange
from switch.wire.answer import answer_fields
from switch.wire.codes import ResponseCode
from switch.wire.envelope import Envelope
from switch.wire.framing import Framing
from switch.wire.message import Message

TOLD_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`stamp` gives field 11 and 7 of our own requests."""

    settings: ListenerSettings
    envelope: Envelope
    framing: Framing
    handler: Handler
    edge: Edge
    admission: Admission
    patience: Patience
    language: str
    requests_open_max: int
    stamp: Callable[[], tuple[str, str]]
    keys: KeyExchange | None = None
    wrong_macs_max: int = 10
    door: Door = field(default_factory=lambda: Door(Gate()))
    told: OncePerWindow = field(default_factory=partial(OncePerWindow, TOLD_EVERY_S))

    def count(self, what: str) -> None:
        self.edge.counters.add("listener_events", self.settings.name, what)

    def tell(self, event: str, why: str, address: str, **fields: object) -> None:
        """To the operators: what is counted every time is said once per window for each reason and address."""
        suppressed = self.told.suppressed((event, why, address), trio.current_time())
        if suppressed is not None:
            name = self.settings.name
            self.edge.report(event, listener=name, reason=why, address=address, **fields, count=suppressed)

    def answer(self, request: Message, code: ResponseCode, words_suffix: str = "") -> dict[str, str]:
        return answer_fields(
            request,
            code,
            language=self.language,
            business_date=self.edge.business_date(),
            words_suffix=words_suffix,
            charset=self.envelope.dialect.charset,
        )
