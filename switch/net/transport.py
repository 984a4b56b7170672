"""Frames over a wire, in both directions, without waiting for anybody.

Rule: nothing here knows what a frame means. One `recv` of up to 64 KiB gives many frames, and each is handed
to a plain function. What is sent, by whichever task, is gathered and leaves in one `send` per connection and
turn of the loop. No task, event, cancel scope or timer is made for a frame. A connection keeps at most
`backlog_max` bytes for a peer that reads too slowly; then it is closed.
"""

import math
from collections.abc import Callable

import trio

from switch.net.network import Wire
from switch.wire.framing import FrameTooLong, Framing, FramingError

RECEIVE_MAX = 65_536
BACKLOG_MAX = 1_048_576

OnFrame = Callable[[bytes, bytes], None]  # (prefix, body)


class Flusher:
    """Sends what the tasks of one turn of the loop left in their connections. One per Trio run, shared by
    all.

    It is parked until the first frame of a turn wakes it, and so runs in the next turn, when every task of
    this one has had its say. Measured as a relay over loopback, 50 connections with one request open on each,
    CPU per request: one flusher 17 us; a writer task per connection 20; each reader flushing after its own
    batch 20-24 (it joins less, and what comes from elsewhere, such as the books, has nobody to flush it); a
    send per frame 23-26. Trio's `before_io_wait` hook measured like the flusher, but runs after the loop has
    chosen how long to sleep: a wire in memory that wakes its reader from there would not be served.
    """

    def __init__(self) -> None:
        self._dirty: list[FrameConnection] = []
        self._parked: trio.lowlevel.Task | None = None
        self._nursery: trio.Nursery | None = None

    def mark(self, connection: "FrameConnection") -> None:
        self._dirty.append(connection)
        if self._parked is not None:
            trio.lowlevel.reschedule(self._parked)
            self._parked = None

    def push(self, connection: "FrameConnection") -> None:
        """The kernel took only a part: a task of its own waits until there is room again."""
        if self._nursery is not None:
            self._nursery.start_soon(connection.push_rest)

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Run until cancelled; what was marked by then is still flushed."""
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            try:
                while True:
                    self._flush()
                    self._parked = trio.lowlevel.current_task()
                    await trio.lowlevel.wait_task_rescheduled(self._unpark)
            finally:
                self._flush()

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, []
        for connection in dirty:
            connection.flush()

    def _unpark(self, _: trio.lowlevel.RaiseCancelT) -> trio.lowlevel.Abort:
        self._parked = None
        return trio.lowlevel.Abort.SUCCEEDED


class FrameConnection:
    """One connection that carries frames. Whoever calls `run` owns it; after `run` returns it is closed.

    `queued` and `handed` count the bytes given to `send` and those that the wire took: a frame that began at
    `queued` = n has certainly not left while `handed` <= n. `heard_at` and `partial_since` are moments of
    Trio's clock for whoever sweeps: the last bytes, and the first byte of a frame that is not whole yet (inf:
    none).
    """

    __slots__ = (
        "_buffer",
        "_cut",
        "_emptied",
        "_flusher",
        "_out",
        "_parked",
        "_rest",
        "_send",
        "_wire",
        "_wrap",
        "backlog_max",
        "closed",
        "handed",
        "heard_at",
        "partial_since",
        "paused",
        "peer",
        "queued",
    )

    def __init__(self, wire: Wire, framing: Framing, flusher: Flusher, *, backlog_max: int = BACKLOG_MAX) -> None:
        self.peer = wire.peer
        self.backlog_max = backlog_max
        self.queued = 0
        self.handed = 0
        self.heard_at = trio.current_time()
        self.partial_since = math.inf
        self.paused = False  # while it is, `partial_since` and `heard_at` prove nothing
        self.closed = ""  # why it was closed, in a word; empty while it is open
        self._wire = wire
        self._send = wire.send
        self._cut = framing.cut
        self._wrap = framing.wrap
        self._flusher = flusher
        self._buffer = bytearray()
        self._out: list[bytes] = []
        # What the kernel did not take; while there is some, nothing overtakes it.
        self._rest: memoryview | None = None
        self._emptied: trio.Event | None = None  # somebody waits for the backlog to go
        self._parked: trio.lowlevel.Task | None = None

    def send(self, body: bytes, prefix: bytes = b"") -> None:
        """Queue one frame. Never waits; does nothing once the connection is closed."""
        if self.closed:
            return
        frame = self._wrap(body, prefix)
        out = self._out
        if not out and self._rest is None:
            self._flusher.mark(self)
        out.append(frame)
        self.queued += len(frame)
        if self.queued - self.handed > self.backlog_max:
            self.abort("slow reader")

    @property
    def backlog(self) -> int:
        """Bytes that the wire has not taken yet."""
        return self.queued - self.handed

    def flush(self) -> None:
        """Hand to the wire what is queued, as far as it takes it now."""
        if self._out and self._rest is None and not self.closed:
            self._rest = self._gather()
            if self._hand_over():
                self._flusher.push(self)

    async def push_rest(self) -> None:
        """Wait for the wire as often as it takes to get everything out."""
        while self._rest is not None and not self.closed:
            try:
                await self._wire.wait_writable()
            except (OSError, trio.ClosedResourceError):
                self.abort("cut")
            else:
                self._hand_over()

    def _gather(self) -> memoryview:
        data = b"".join(self._out)
        self._out.clear()
        return memoryview(data)

    def _hand_over(self) -> bool:
        """Send from `_rest` what the wire takes; True if something stays."""
        rest = self._rest
        assert rest is not None
        try:
            taken = self._send(rest)
        except BlockingIOError:
            return True
        except OSError:
            self.abort("cut")
            return False
        self.handed += taken
        if taken < len(rest):
            self._rest = rest[taken:]
        else:
            self._rest = self._gather() if self._out else None
        if self._rest is None and self._emptied is not None:
            self._emptied.set()
        return self._rest is not None

    async def run(self, on_frame: OnFrame) -> str:
        """Read until the connection ends and give each whole frame to `on_frame`; returns why it ended.

        Keep-alives (frames without a body) only count as traffic. An exception of `on_frame` comes out here.
        """
        wait_readable, recv = self._wire.wait_readable, self._wire.recv
        try:
            while not self.closed:
                try:
                    await wait_readable()
                    if self.paused:
                        await self._until_resumed()
                    data = recv(RECEIVE_MAX)
                except BlockingIOError:
                    continue
                except (OSError, trio.ClosedResourceError):
                    self.abort("cut")
                    break
                if not data:
                    self.close("ended by peer")
                    break
                self.heard_at = trio.current_time()
                self._buffer += data
                await self._deliver(on_frame)
        finally:
            self.close("stopped")
        return self.closed

    async def _deliver(self, on_frame: OnFrame) -> None:
        """Hand on every whole frame in the buffer; waits only while reading is paused. Frames that came before a
        bad length are still good."""
        fault: FramingError | None = None
        try:
            frames = self._cut(self._buffer)
        except FramingError as error:
            frames, fault = error.frames, error
        if not self._buffer:
            self.partial_since = math.inf
        elif frames or self.partial_since == math.inf:
            self.partial_since = self.heard_at
        for prefix, body in frames:
            if self.paused:
                await self._until_resumed()
            if self.closed:
                return
            if body:
                on_frame(prefix, body)
        if fault is not None:
            self.close("frame too long" if isinstance(fault, FrameTooLong) else "bad length")

    def pause(self) -> None:
        """Stop reading; frames that were already received wait too."""
        self.paused = True

    def resume(self) -> None:
        """Read again; the other side's time starts anew."""
        self.paused = False
        self.heard_at = trio.current_time()
        if self.partial_since < math.inf:
            self.partial_since = self.heard_at
        self._wake()

    async def _until_resumed(self) -> None:
        while self.paused and not self.closed:
            self._parked = trio.lowlevel.current_task()
            await trio.lowlevel.wait_task_rescheduled(self._unpark)

    def _unpark(self, _: trio.lowlevel.RaiseCancelT) -> trio.lowlevel.Abort:
        self._parked = None
        return trio.lowlevel.Abort.SUCCEEDED

    def _wake(self) -> None:
        if self._parked is not None:
            trio.lowlevel.reschedule(self._parked)
            self._parked = None

    def close(self, reason: str = "closed") -> None:
        """Send what the wire takes at once, then close. May be called again, and from anywhere."""
        if self._out and self._rest is None and not self.closed:
            self._rest = self._gather()
            self._hand_over()
        self.abort(reason)

    async def finish(self) -> None:
        """Wait until the wire has taken everything that is queued now, or until the connection ends."""
        self.flush()
        if self._rest is not None:
            self._emptied = trio.Event()
            await self._emptied.wait()

    def abort(self, reason: str) -> None:
        """Close, whatever is still queued."""
        if self.closed:
            return
        self.closed = reason
        self._out.clear()
        self._rest = None
        self._wire.close()
        if self._emptied is not None:
            self._emptied.set()
        self._wake()
