"""The ledger process: one thread that owns the books and serves them on a Unix socket.

Rule: read all that is there, commit it as one batch, answer each client with one write. While a commit waits for the
disk the next batch gathers in the sockets: that is the whole of group commit. A client that does not read its answers
is not read from either, so nothing grows without bound.
"""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import socket
import stat
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from ledger.errors import UNREADABLE, BooksError
from ledger.model import Committed
from ledger.protocol import (
    ANSWER,
    GROUP,
    OUTCOMES,
    QUERY,
    Outcomes,
    ProtocolError,
    answer_body,
    cut,
    decode_query,
    encode,
    frame,
)
from ledger.store import Store

BATCH_MAX = 1_000
READ_SIZE = 256 * 1024
BACKLOG_MAX = 1024 * 1024
COMPANY = 32  # groups that share a commit: more would hardly make each cheaper
LATELY = 2  # lingers: groups that are further apart would wait for nobody
FOLLOW_WITHIN_S = 0.5  # so long may the tables be behind the journal


class Client:
    """One connection: what came and is not a whole frame yet, and what did not go out yet."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.incoming = bytearray()
        self.questions: deque[tuple[int, bytes]] = deque()  # a ticket and a Query each, not answered yet
        self.outgoing = bytearray()

    def send(self, data: bytes) -> None:
        self.outgoing += data
        with contextlib.suppress(BlockingIOError):
            del self.outgoing[: self.connection.send(self.outgoing)]


Arrived = tuple[Client, int, bytes]  # whose, its ticket, its body


class Server:
    def __init__(self, store: Store, path: str, *, linger_s: float = 0.0, owner: int | None = None) -> None:
        self._store = store
        self._path = path
        self._linger_s = linger_s
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._listener = _listen(path)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._owner = owner
        if owner is not None:
            self._selector.register(owner, selectors.EVENT_READ)
        self._follow_at = 0.0  # when the tables are to be written, as long as they are behind
        self._arrived_at = 0.0  # when groups came last; kept only by who lingers
        self._groups: list[Arrived] = []
        self._asking: list[Client] = []

    def stop(self) -> None:
        """After the batch at hand. Safe in a signal handler."""
        self._stopping = True

    def serve(self, ready: Callable[[], None] = lambda: None) -> None:
        """Until `stop`; then everything that was read is committed and answered."""
        with self._waking_signals():
            ready()
            while not self._stopping:
                self._turn()
        self._close()

    def _turn(self) -> None:
        self._gather(max(0.0, self._follow_at - time.monotonic()) if self._store.behind else None)
        if self._groups:
            if self._expects_company():
                time.sleep(self._linger_s)
                self._gather(0)
            self._commit()
        asking, self._asking = self._asking, []
        for client in asking:
            self._answer(client)
        self._follow()

    def _gather(self, within_s: float | None) -> None:
        """Take in what has come, or comes first."""
        for key, events in self._selector.select(within_s):
            if key.fileobj is self._listener:
                self._accept()
            elif key.fileobj == self._owner:
                self._stopping = self._stopping or not os.read(self._owner, READ_SIZE)
            elif isinstance(key.data, Client):
                self._serve_client(key.data, events)

    def _expects_company(self) -> bool:
        """Few came, and others shortly before: a commit that waits for the next ones serves them all."""
        if not self._linger_s:
            return False
        now = time.monotonic()
        lately, self._arrived_at = now - self._arrived_at < LATELY * self._linger_s, now
        return lately and len(self._groups) < COMPANY

    def _follow(self) -> None:
        """Have the tables follow the journal, when nobody waits for it or it has waited long enough."""
        now = time.monotonic()
        if not self._store.behind:
            self._follow_at = now + FOLLOW_WITHIN_S
        elif now >= self._follow_at:
            self._store.write_tables()
            self._follow_at = now + FOLLOW_WITHIN_S

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            connection, _ = self._listener.accept()
            connection.setblocking(False)
            self._selector.register(connection, selectors.EVENT_READ, Client(connection))

    def _serve_client(self, client: Client, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                client.send(b"")
                self._answer(client)
            if events & selectors.EVENT_READ:
                self._read(client)
        except (OSError, ProtocolError, EOFError):
            self._drop(client)

    def _read(self, client: Client) -> None:
        with contextlib.suppress(BlockingIOError):
            data = client.connection.recv(READ_SIZE)
            if not data:
                raise EOFError
            client.incoming += data
            for kind, ticket, body in cut(client.incoming):
                if kind == GROUP:
                    self._groups.append((client, ticket, body))
                elif kind == QUERY:
                    client.questions.append((ticket, body))
                else:
                    raise ProtocolError(f"a frame of kind {kind!r}")
            if client.questions:
                self._asking.append(client)

    def _commit(self) -> None:
        groups, self._groups = self._groups, []
        for start in range(0, len(groups), BATCH_MAX):
            some = groups[start : start + BATCH_MAX]
            outcomes = self._store.apply([body for _, _, body in some])
            replies: dict[Client, Outcomes] = {}
            sequence = self._store.sequence
            for (client, ticket, _), outcome in zip(some, outcomes, strict=True):
                reply = replies.get(client)
                if reply is None:
                    reply = replies[client] = Outcomes(sequence, [], [])
                if type(outcome) is Committed and outcome.sequence == sequence:
                    reply.committed.append(ticket)
                else:
                    reply.others.append((ticket, outcome))
            for client, reply in replies.items():
                self._reply(client, frame(OUTCOMES, 0, encode(reply)))

    def _answer(self, client: Client) -> None:
        """As many of its questions as it reads the answers of."""
        with contextlib.suppress(*UNREADABLE):
            while client.questions and len(client.outgoing) < BACKLOG_MAX:
                ticket, body = client.questions.popleft()
                self._reply(client, frame(ANSWER, ticket, answer_body(self._store.answer(decode_query(body)))))
            self._watch(client)
            return
        self._drop(client)

    def _reply(self, client: Client, data: bytes) -> None:
        if client.connection.fileno() < 0:
            return  # gone meanwhile: it asks again on its next connection
        try:
            client.send(data)
            self._watch(client)
        except OSError:
            self._drop(client)

    def _watch(self, client: Client) -> None:
        """Read from it, or wait until it reads from us."""
        if client.connection.fileno() < 0:
            return
        events = selectors.EVENT_WRITE if client.outgoing else selectors.EVENT_READ
        if self._selector.get_key(client.connection).events != events:
            self._selector.modify(client.connection, events, client)

    def _drop(self, client: Client) -> None:
        if client.connection.fileno() >= 0:
            self._selector.unregister(client.connection)
            client.connection.close()

    def _close(self) -> None:
        for key in list(self._selector.get_map().values()):
            if isinstance(key.data, Client):
                key.data.connection.close()
        self._listener.close()
        self._selector.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)

    @contextlib.contextmanager
    def _waking_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT end the wait for sockets, wherever it stands."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.setblocking(False)
            self._selector.register(ours, selectors.EVENT_READ)
            before = signal.set_wakeup_fd(theirs.fileno())
            handlers = {number: signal.signal(number, self._on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
            try:
                yield
            finally:
                for number, handler in handlers.items():
                    signal.signal(number, handler)
                signal.set_wakeup_fd(before)
                self._selector.unregister(ours)

    def _on_signal(self, number: int, interrupted: FrameType | None) -> None:
        self.stop()


def serve(
    store: Store,
    path: str,
    *,
    linger_s: float = 0.0,
    ready: Callable[[], None] = lambda: None,
    owner: int | None = None,
) -> None:
    """Until SIGTERM or SIGINT, or until the file descriptor `owner` ends: a pipe that closes with whoever started us,
    even by SIGKILL."""
    server = Server(store, path, linger_s=linger_s, owner=owner)
    calm_collector()
    server.serve(ready)


def calm_collector() -> None:
    """Nothing here is cyclic: the collector would only walk the caches, batch after batch."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _listen(path: str) -> socket.socket:
    _remove_stale(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o077)  # whoever can connect can move money: the owner only
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        listener.bind(path)
    except OSError as error:
        listener.close()
        raise BooksError(f"{path}: {error.strerror or error}") from error
    finally:
        os.umask(mask)
    listener.listen()
    listener.setblocking(False)
    return listener


def _remove_stale(path: str) -> None:
    """A socket that nobody serves any more was left by a process that was killed."""
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            raise BooksError(f"{path}: not a socket")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
        except OSError as error:
            raise BooksError(f"{path}: {error.strerror}") from error
        else:
            raise BooksError(f"{path}: in use by another process")
