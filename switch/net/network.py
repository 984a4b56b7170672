"""The network as the rest of `switch.net` sees it: wires, ports, and a way to get them.

Rule: nothing above this file touches a socket. A `Wire` behaves like a non-blocking stream socket, so that
TCP costs no layer, and an in-memory pipe can stand in for it where a run must be deterministic.
"""

import errno
import functools
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Protocol

import trio

BACKLOG = 1024  # connections the kernel may queue for us; a gateway that restarts opens all of its at once
ACCEPT_PAUSE_S = 0.25  # after an accept that failed for another reason than its connection


class Wire(Protocol):
    """One connection. `recv` and `send` never wait: they raise BlockingIOError instead, and another OSError
    once the connection is gone; `recv` gives b"" at the other side's end. After `close` whoever waits gets
    trio.ClosedResourceError."""

    @property
    def peer(self) -> str: ...  # the other side's host: what limits count by
    @property
    def recv(self) -> Callable[[int], bytes]: ...
    @property
    def send(self) -> Callable[[bytes | memoryview], int]: ...
    @property
    def wait_readable(self) -> Callable[[], Awaitable[None]]: ...
    @property
    def wait_writable(self) -> Callable[[], Awaitable[None]]: ...
    def close(self) -> None: ...


class Port(Protocol):
    """Where connections arrive. `accept` waits for one; its OSError concerns that one, or this machine."""

    @property
    def number(self) -> int: ...
    async def accept(self) -> Wire: ...
    def close(self) -> None: ...


class Network(Protocol):
    async def dial(self, host: str, port: int) -> Wire: ...
    async def listen(self, host: str, port: int) -> Port: ...


class SocketWire:
    """A connected stream socket. Its own methods are the wire's: a call costs what the system call costs."""

    def __init__(self, sock: socket.socket, peer: str) -> None:
        sock.setblocking(False)
        # Frames are joined before they are sent; Nagle's wait would only add the peer's delayed ACK to each.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.peer = peer
        self.recv: Callable[[int], bytes] = sock.recv
        self.send: Callable[[bytes | memoryview], int] = sock.send
        self.wait_readable: Callable[[], Awaitable[None]] = functools.partial(trio.lowlevel.wait_readable, sock)
        self.wait_writable: Callable[[], Awaitable[None]] = functools.partial(trio.lowlevel.wait_writable, sock)
        self._socket = sock

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        if self._socket.fileno() >= 0:
            trio.lowlevel.notify_closing(self._socket)
            self._socket.close()
            self.wait_readable = self.wait_writable = _closed


class TcpPort:
    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self.number: int = sock.getsockname()[1]

    async def accept(self) -> Wire:
        while True:
            if self._socket.fileno() < 0:
                raise trio.ClosedResourceError("closed")
            await trio.lowlevel.wait_readable(self._socket)
            try:
                sock, address = self._socket.accept()
            except BlockingIOError:  # it went away between the kernel's word and ours
                continue
            return _wire(sock, address[0])

    def close(self) -> None:
        if self._socket.fileno() >= 0:
            trio.lowlevel.notify_closing(self._socket)
            self._socket.close()


class TcpNetwork:
    """TCP, by the machine's own resolver; the first address that works is taken."""

    async def dial(self, host: str, port: int) -> Wire:
        """Connect; an OSError when no address answers. Callers own the timeout."""
        trouble: OSError | None = None
        for family, kind, protocol, _, address in await _addresses(host, port):
            sock = socket.socket(family, kind, protocol)
            try:
                await trio.socket.from_stdlib_socket(sock).connect(address)
            except OSError as error:
                sock.close()
                trouble = error
            except BaseException:
                sock.close()
                raise
            else:
                return _wire(sock, host)
        raise trouble or OSError(f"{host}: no address")

    async def listen(self, host: str, port: int) -> Port:
        """Bind and listen; port 0 lets the kernel choose one. An OSError says why it can't be done."""
        family, kind, protocol, _, address = (await _addresses(host, port))[0]
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(address)
            sock.listen(BACKLOG)
        except OSError as error:
            sock.close()
            raise OSError(error.errno, f"{host}:{port}: {error.strerror}") from None
        except BaseException:
            sock.close()
            raise
        return TcpPort(sock)


async def keep_accepting(port: Port, take: Callable[[Wire], None], trouble: Callable[[OSError], None]) -> None:
    """Hand every connection that arrives to `take`, until the port is closed."""
    async with aclosing(arrivals(port, trouble)) as wires:
        async for wire in wires:
            take(wire)


async def arrivals(port: Port, trouble: Callable[[OSError], None]) -> AsyncGenerator[Wire, None]:
    """Every connection that arrives, until the port is closed.

    When the process is out of descriptors (EMFILE) the connection stays in the kernel's queue and the port
    stays readable, so that trying again at once would spin: wait, others may close.
    """
    while True:
        try:
            wire = await port.accept()
        except trio.ClosedResourceError:
            return
        except OSError as error:
            trouble(error)
            if error.errno != errno.ECONNABORTED:
                await trio.sleep(ACCEPT_PAUSE_S)
        else:
            yield wire


def _wire(sock: socket.socket, peer: str) -> Wire:
    """The wire of a connected socket; it is closed if it can't be one."""
    try:
        return SocketWire(sock, peer)
    except BaseException:
        sock.close()
        raise


async def _closed() -> None:
    raise trio.ClosedResourceError("closed")


async def _addresses(host: str, port: int) -> list[tuple[int, int, int, str, tuple[object, ...]]]:
    return list(await trio.socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
