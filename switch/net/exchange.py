"""One request of a channel, and the way back.

Rule: whoever gets an exchange ends it, exactly once, by `answer` or by `drop`; a second end is ignored. Neither
waits, and neither fails because the connection has gone: an answer that finds nobody is not kept, the channel
repeats its request.
"""

from typing import Protocol

from config.sections import ListenerSettings
from switch.wire.dialect import Dialect
from switch.wire.message import Message


class Way(Protocol):
    """The way back to the connection that a request came on."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def language(self) -> str: ...

    def end(self, exchange: "Exchange", fields: dict[str, str] | None) -> None: ...


class Exchange:
    """`prefix` is what the answer's frame begins with (a TPDU, turned round)."""

    __slots__ = ("_done", "_way", "dialect", "endpoint", "language", "prefix", "request")

    def __init__(self, request: Message, prefix: bytes, endpoint: ListenerSettings, way: Way) -> None:
        self.request = request
        self.prefix = prefix
        self.endpoint = endpoint
        self.dialect = way.dialect  # what the connection speaks
        self.language = way.language  # the customers', where the request names none
        self._way = way
        self._done = False

    @property
    def connection(self) -> object:
        """The same object for every request of one connection."""
        return self._way

    def answer(self, fields: dict[str, str]) -> None:
        """Send these fields back; the envelope adds the MAC."""
        if not self._done:
            self._done = True
            self._way.end(self, fields)

    def drop(self) -> None:
        """No answer of its own: a repeat of a request whose one answer is still to come."""
        if not self._done:
            self._done = True
            self._way.end(self, None)


class Handler(Protocol):
    def on_request(self, exchange: Exchange) -> None:
        """Called for every admitted request except network management. Must not wait."""
        ...
