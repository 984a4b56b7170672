"""Serves the metrics to Prometheus over plain HTTP.

Rule: a scraper, slow, broken or hostile, costs a bounded amount: a few connections at once, a short deadline,
a small request. It learns counts and nothing else.
"""

from functools import partial

import trio

from switch.observe.counters import Counted
from switch.observe.metrics import CONTENT_TYPE, exposition

CONNECTIONS_MAX = 8
DEADLINE_S = 5
REQUEST_MAX = 8192


async def serve_metrics(
    counters: Counted,
    port: int,
    *,
    host: str = "127.0.0.1",
    task_status: trio.TaskStatus[list[trio.SocketListener]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Answers GET /metrics until cancelled. Raises OSError if the port can't be had."""
    handler = partial(answer_scrape, counters, trio.CapacityLimiter(CONNECTIONS_MAX))
    await trio.serve_tcp(handler, port, host=host, task_status=task_status)


async def answer_scrape(counters: Counted, room: trio.CapacityLimiter, stream: trio.abc.Stream) -> None:
    """One request, one answer; whoever comes while there is no room gets none. The caller closes the stream."""
    try:
        room.acquire_nowait()
    except trio.WouldBlock:
        return
    try:
        with trio.move_on_after(DEADLINE_S):
            request = await read_head(stream)
            if request is not None:
                await stream.send_all(response(counters, request))
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        pass  # it went away: there is nobody to tell
    finally:
        room.release()


async def read_head(stream: trio.abc.ReceiveStream) -> bytes | None:
    """The request up to its empty line; None if it never ends."""
    head = b""
    while b"\r\n\r\n" not in head:
        data = await stream.receive_some(REQUEST_MAX)
        head += data
        if not data or len(head) > REQUEST_MAX:
            return None
    return head


def response(counters: Counted, request: bytes) -> bytes:
    """The metrics, or 404 for anything else."""
    if request.startswith(b"GET /metrics "):
        return http("200 OK", CONTENT_TYPE, exposition(counters))
    return http("404 Not Found", "text/plain; charset=utf-8", b"GET /metrics\n")


def http(status: str, content_type: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
