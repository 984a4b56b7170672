"""The metrics' endpoint: what a scraper gets, and what a hostile one costs."""

import pytest
import trio
from trio.testing import MockClock, memory_stream_pair

from switch.observe.counters import Counters
from switch.observe.endpoint import CONNECTIONS_MAX, answer_scrape, serve_metrics


def counted() -> Counters:
    counters = Counters()
    counters.add("answers", "mobile", "00")
    return counters


async def scrape(request: bytes, client: trio.abc.Stream) -> bytes:
    await client.send_all(request)
    return b"".join([part async for part in client])


async def answer_to(request: bytes) -> bytes:
    """What one request gets, with the handler closing as trio.serve_tcp does."""
    client, server = memory_stream_pair()
    answer = b""

    async def serve() -> None:
        async with server:
            await answer_scrape(counted(), trio.CapacityLimiter(1), server)

    async def ask() -> None:
        nonlocal answer
        answer = await scrape(request, client)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        nursery.start_soon(ask)
    return answer


async def test_metrics_are_served_over_tcp() -> None:
    async with trio.open_nursery() as nursery:
        (listener,) = await nursery.start(serve_metrics, counted(), 0)
        client = await trio.open_tcp_stream("127.0.0.1", listener.socket.getsockname()[1])
        async with client:
            answer = await scrape(b"GET /metrics HTTP/1.1\r\nHost: switch\r\n\r\n", client)
        nursery.cancel_scope.cancel()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert b'barada_answers_total{code="00",service="mobile"} 1.0' in body


@pytest.mark.parametrize("request_line", [b"GET / HTTP/1.1", b"POST /metrics HTTP/1.1", b"\x00\xff", b""])
async def test_anything_else_is_not_found(request_line: bytes) -> None:
    assert (await answer_to(request_line + b"\r\n\r\n")).startswith(b"HTTP/1.1 404 ")


async def test_a_request_without_end_is_cut_off() -> None:
    assert await answer_to(b"GET /metrics HTTP/1.1\r\n" + b"x" * 100_000) == b""


async def test_a_scraper_that_says_nothing_is_cut_off(autojump_clock: MockClock) -> None:
    client, server = memory_stream_pair()
    await answer_scrape(counted(), trio.CapacityLimiter(1), server)
    assert trio.current_time() < 10
    await client.aclose()


async def test_a_scraper_that_went_away_does_no_harm() -> None:
    client, server = memory_stream_pair()
    await client.send_all(b"GET /metrics HTTP/1.1\r\n\r\n")
    await client.aclose()
    await answer_scrape(counted(), trio.CapacityLimiter(1), server)


async def test_only_a_few_are_served_at_once(autojump_clock: MockClock) -> None:
    room = trio.CapacityLimiter(CONNECTIONS_MAX)
    async with trio.open_nursery() as nursery:
        for _ in range(CONNECTIONS_MAX):
            nursery.start_soon(answer_scrape, counted(), room, memory_stream_pair()[1])
        await trio.testing.wait_all_tasks_blocked()
        began = trio.current_time()
        await answer_scrape(counted(), room, memory_stream_pair()[1])
        assert trio.current_time() == began
