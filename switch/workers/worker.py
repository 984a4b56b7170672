"""A worker's process: the whole switch, but for what its supervisor has for all of them.

Rule: it ends with its supervisor, at once and as if killed: the ledger ends then, too, and another supervisor may start
its own. `python -m switch.workers.worker DESCRIPTOR`: the standard input is a socket to talk by, the descriptor the one
that connections come by.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, closing
from functools import partial

import trio

from config.hardening.process import harden
from ledger.books import Books
from ledger.client import RemoteBooks
from switch.app import Switch
from switch.cli import BUG, ERROR, told_of
from switch.flow.orders import Verdict
from switch.flow.share import Share
from switch.net.edge import place_of
from switch.net.handing import HandedNetwork
from switch.net.network import Network
from switch.observe.counters import Counters
from switch.running import Telling, run_within
from switch.security.keys.master import ENVIRONMENT
from switch.security.keys.store import KeyStore, MemoryKeyStore, read_keys
from switch.security.opening import Hardware, Security, open_security
from switch.workers.words import (
    Counts,
    Failed,
    Follow,
    Left,
    Serving,
    Start,
    Take,
    Talk,
    Told,
    ToWorker,
    encoded,
    talk_of_worker,
)

STANDARD_INPUT = 0
COUNTS_EVERY_S = 1.0
ORDERS_WAITING_MAX = 100
FAILED = Verdict(False, "a bug in barada, see its log: look at the payment again")


class AsWorker:
    """The surroundings of one: the supervisor keeps the books, accepts the connections and hears the operators."""

    def __init__(self, start: Start, talk: Talk[ToWorker], carrier: socket.socket) -> None:
        self.share = Share(start.worker, start.workers)
        self._handed = HandedNetwork(carrier, lambda ticket: talk.say(Left(ticket)))
        self.network: Network = self._handed
        self.serving = False
        self._give, self._given = trio.open_memory_channel[Take | Follow](ORDERS_WAITING_MAX)
        self._start = start
        self._talk = talk

    def open_security(self, hardware: Hardware | None, now: Callable[[], float]) -> Security:
        """The store's file is the supervisor's, which holds its lock: here it is only read, and no key changes."""
        told = self._start.master_key
        environment = {} if told is None else {ENVIRONMENT: told}
        return open_security(self._start.settings, now, environment, hardware, _read_only)

    async def open_books(self, nursery: trio.Nursery, telling: Telling) -> Books:
        nursery.start_soon(self._tell_counts, telling.counters)  # from here on: the signs that it lives
        books = RemoteBooks(self._start.settings.ledger.socket)
        await nursery.start(books.run)
        return books

    async def serve(self, switch: Switch, nursery: trio.Nursery, telling: Telling) -> None:
        await nursery.start(self._handed.run)
        nursery.start_soon(self._take_orders, switch, telling)

    def tell_serving(self, switch: Switch) -> None:
        self.serving = True
        self._talk.say(Serving())

    async def hear(self, words: AsyncGenerator[ToWorker, None]) -> None:
        """Until the supervisor has ended."""
        async with aclosing(words):
            async for take in words:
                if isinstance(take, Take | Follow):
                    await self._give.send(take)

    async def _take_orders(self, switch: Switch, telling: Telling) -> None:
        async for take in self._given:
            tell = partial(self._tell, take.ticket)
            try:
                if isinstance(take, Follow):
                    switch.engine.restrictions.follow(take.holder, tell)
                else:
                    switch.take(take.order, tell)
            except Exception as error:
                telling.counters.add("edge_faults", "order failed")
                telling.report("order failed", error=type(error).__name__, place=place_of(error))
                tell(FAILED)

    def _tell(self, ticket: int, verdict: Verdict) -> None:
        self._talk.say(Told(ticket, verdict))

    async def _tell_counts(self, counters: Counters) -> None:
        while True:
            self._talk.say(Counts(list(counters.snapshot().items())))
            await trio.sleep(COUNTS_EVERY_S)


def _read_only(path: str) -> KeyStore:
    return MemoryKeyStore(read_keys(path))


class Worker:
    """`words` is a socket to the supervisor."""

    def __init__(self, words: socket.socket, carrier: socket.socket) -> None:
        self._words = words
        self._carrier = carrier
        self._around: AsWorker | None = None

    async def live(self) -> None:
        """From the first line that it is told until it is stopped, or the supervisor has ended."""
        stream = trio.SocketStream(trio.socket.from_stdlib_socket(self._words.dup()))
        async with stream, trio.open_nursery() as nursery:
            talk = talk_of_worker(stream)
            words = talk.read()
            start = await anext(words, None)
            if not isinstance(start, Start):
                return
            around = self._around = AsWorker(start, talk, self._carrier)
            nursery.start_soon(talk.write)
            nursery.start_soon(self._end_with_the_supervisor, around.hear(words), nursery.cancel_scope)
            await run_within(start.settings, around)
            nursery.cancel_scope.cancel()

    async def _end_with_the_supervisor(self, heard: Awaitable[None], all_of_it: trio.CancelScope) -> None:
        await heard
        all_of_it.cancel()

    def tell_failure(self, lines: Sequence[str], code: int) -> None:
        """Before it serves, what a person can mend is the supervisor's to say: all workers would say the same."""
        if code == BUG or self._around is None or self._around.serving:
            print(*lines, sep="\n", file=sys.stderr, flush=True)  # noqa: T201 - it is a program
        else:
            self._words.setblocking(True)
            for line in lines:
                self._words.sendall(encoded(Failed(line.removeprefix(ERROR))))


def main(descriptor: int) -> int:
    """Its exit status."""
    with (
        closing(socket.socket(fileno=os.dup(STANDARD_INPUT))) as words,
        closing(socket.socket(fileno=descriptor)) as carrier,
    ):
        carrier.setblocking(False)
        worker = Worker(words, carrier)
        try:
            trio.run(worker.live)
        except BaseException as error:
            lines, code = told_of(error)
            worker.tell_failure(lines, code)
            return code
    return 0


if __name__ == "__main__":
    harden()
    sys.exit(main(int(sys.argv[1])))
