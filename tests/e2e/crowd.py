"""A peer that counts how many questions it is asked at one time: what a switch must not overrun."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import trio

from config.settings import Settings
from simulators.build import build_server
from simulators.hosts.faults import Draw, Faults
from simulators.keys import keys_of
from switch.net.clock import TrioClock
from switch.net.edge import Edge
from switch.net.network import TcpNetwork
from switch.net.transport import Flusher
from switch.observe.counters import Counters
from switch.wire.answer import answer_fields
from switch.wire.codes import ResponseCode
from switch.wire.message import Message


class Crowd(Faults):
    """Keeps each question for a while. `most` were open at one time; `asked` by MTI."""

    def __init__(self, keeps_s: float, codes: Mapping[str, str]) -> None:
        super().__init__()
        self._keeps_s = keeps_s
        self._codes = codes
        self._open = 0
        self.most = 0
        self.asked: Counter[str] = Counter()

    def draw(self, request: Message) -> Draw:
        self._open += 1
        self.most = max(self.most, self._open)
        self.asked[request.mti] += 1
        return Draw(self._keeps_s, None)

    def answer(self, message: Message, *, refuse: str = "") -> dict[str, str]:
        self._open -= 1
        code = ResponseCode(self._codes.get(message.mti, "00"))
        return answer_fields(message, code, language="en", business_date=None)

    def cut_over(self, mmdd: str) -> bool:
        return True


@asynccontextmanager
async def crowds(settings: Settings, peers: Mapping[str, Crowd]) -> AsyncIterator[None]:
    """Each of these peers open at its port."""
    edge = Edge(TcpNetwork(), Flusher(), TrioClock(), Counters(), _unsaid, random.Random(7))
    async with trio.open_nursery() as nursery:
        await nursery.start(edge.flusher.run)
        for name, crowd in peers.items():
            server = build_server(settings, name, crowd, edge, crowd, keys_of(settings))
            await nursery.start(server.serve, settings.peers[name].host, settings.peers[name].port)
        yield
        nursery.cancel_scope.cancel()


def _unsaid(event: str, **fields: object) -> None:
    """Nobody reads a log here."""
