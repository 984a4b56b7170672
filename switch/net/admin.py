"""Where operators' orders come in: a Unix socket of the switch's owner, one JSON object per line each way.

Rule: nothing here decides. A line is an order, the line that goes back is its Verdict; what is no order, is too long or
comes too slowly is told so and the connection is closed. However many come, SESSIONS_MAX are served at a time.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

import msgspec
import trio

from switch.flow.orders import AnyOrder, Verdict, unreadable
from switch.flow.telling import Counters, Report
from switch.flow.verdicts import Tell
from switch.net.edge import place_of
from switch.net.local_socket import listen_locally

LINE_MAX = 4096
READ_WITHIN_S = 30.0
DECIDE_WITHIN_S = 10.0
WRITE_WITHIN_S = 5.0
SESSIONS_MAX = 8

_orders: msgspec.json.Decoder[AnyOrder] = msgspec.json.Decoder(AnyOrder)

CarryOut = Callable[[AnyOrder, Tell], None]


class Admin:
    """`take` carries an order out and tells its verdict, perhaps later."""

    def __init__(self, path: str, take: CarryOut, counters: Counters, report: Report) -> None:
        self._path = path
        self._take = take
        self._counters = counters
        self._report = report
        self._sessions = trio.CapacityLimiter(SESSIONS_MAX)

    async def serve(self, *, task_status: trio.TaskStatus[object] = trio.TASK_STATUS_IGNORED) -> None:
        """Until cancelled. OSError if the socket can't be had."""
        listener = trio.SocketListener(trio.socket.from_stdlib_socket(listen_locally(self._path)))
        try:
            await trio.serve_listeners(self._serve_one, [listener], task_status=task_status)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)

    async def _serve_one(self, stream: trio.SocketStream) -> None:
        async with self._sessions, stream:
            try:
                await self._converse(stream)
            except (trio.BrokenResourceError, trio.TooSlowError):
                self._counters.add("admin_events", "cut")
            except Exception as error:
                self._counters.add("edge_faults", "order failed")
                self._report("order failed", error=type(error).__name__, place=place_of(error))

    async def _converse(self, stream: trio.SocketStream) -> None:
        pending = bytearray()
        while (line := await _next_line(stream, pending)) is not None:
            order = _order_of(line)
            verdict = order if isinstance(order, Verdict) else await self._decide(order)
            with trio.fail_after(WRITE_WITHIN_S):
                await stream.send_all(msgspec.json.encode(verdict) + b"\n")
            if isinstance(order, Verdict):
                self._counters.add("admin_events", "no order")
                return

    async def _decide(self, order: AnyOrder) -> Verdict:
        verdicts: list[Verdict] = []
        told = trio.Event()

        def tell(verdict: Verdict) -> None:
            verdicts.append(verdict)
            told.set()

        with trio.move_on_after(DECIDE_WITHIN_S):
            self._take(order, tell)
            await told.wait()
        return verdicts[0] if verdicts else Verdict(False, "it is not decided yet: look at the payment again")


async def _next_line(stream: trio.SocketStream, pending: bytearray) -> bytes | None:
    """None at the end. A line of more than LINE_MAX comes back cut, which makes it no order."""
    with trio.fail_after(READ_WITHIN_S):
        while b"\n" not in pending:
            if len(pending) > LINE_MAX:
                return bytes(pending)
            data = await stream.receive_some(LINE_MAX)
            if not data:
                return None
            pending += data
    line, _, rest = bytes(pending).partition(b"\n")
    pending[:] = rest
    return line


def _order_of(line: bytes) -> AnyOrder | Verdict:
    if len(line) > LINE_MAX:
        return Verdict(False, f"not an order: more than {LINE_MAX} bytes")
    try:
        return _orders.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Verdict(False, unreadable(str(error)))
