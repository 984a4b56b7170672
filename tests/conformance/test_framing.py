"""Frames and connections: how bytes become messages, and what closes a line."""

import contextlib
import random
import socket

import pytest

from tests.conformance import law
from tests.conformance.client import ClosedError, answer_mti
from tests.conformance.desk import Connect, Gateway
from tests.conformance.pools import Card

KEEP_ALIVE = b"\x00\x00"


def alive(desk: Gateway) -> None:
    assert desk.echo().code == "00"


def test_frames_may_come_many_in_one_write(card: Card, mobile: Gateway) -> None:
    who, account = card.take_account()
    requests = [mobile.balance(who, account) for _ in range(20)]
    mobile.client.send(*requests)
    for request in requests:
        law.check(request, mobile.client.answer_to(request), mobile.listener)


def test_a_frame_may_come_byte_by_byte(card: Card, mobile: Gateway) -> None:
    who, account = card.take_account()
    request = mobile.balance(who, account)
    frame = mobile.client.wire.framed(mobile.client.wire.seal(request))
    for at in range(len(frame)):
        mobile.client.send_raw(frame[at : at + 1])
    law.check(request, mobile.client.answer_to(request), mobile.listener)


def test_a_write_may_end_inside_the_next_frames_length(card: Card, mobile: Gateway) -> None:
    who, account = card.take_account()
    first, second = mobile.balance(who, account), mobile.balance(who, account)
    wire = mobile.client.wire
    data = wire.framed(wire.seal(first)) + wire.framed(wire.seal(second))
    cut = len(wire.framed(wire.seal(first))) + 1
    mobile.client.send_raw(data[:cut])
    law.check(first, mobile.client.answer_to(first), mobile.listener)
    mobile.client.send_raw(data[cut:])
    law.check(second, mobile.client.answer_to(second), mobile.listener)


def test_length_zero_is_a_keep_alive_and_ignored(card: Card, mobile: Gateway) -> None:
    who, account = card.take_account()
    request = mobile.balance(who, account)
    frame = mobile.client.wire.framed(mobile.client.wire.seal(request))
    mobile.client.send_raw(KEEP_ALIVE * 3 + frame + KEEP_ALIVE)
    law.check(request, mobile.client.answer_to(request), mobile.listener)
    assert mobile.client.listen() == []


@pytest.mark.parametrize("length", [4097, 0xFFFF])
def test_a_larger_length_than_4096_closes_before_anything_is_buffered(mobile: Gateway, length: int) -> None:
    mobile.client.send_raw(length.to_bytes(2, "big"))
    assert mobile.client.is_closed()


def test_4096_bytes_are_not_too_many(mobile: Gateway) -> None:
    mobile.client.send_raw((4096).to_bytes(2, "big") + b"?" * 4096)
    alive(mobile)


def test_no_readable_mti_is_counted_and_the_third_closes_the_connection(mobile: Gateway) -> None:
    for garbage in (b"hello, is this a web server?", b"02"):
        mobile.client.send_body(garbage)
        alive(mobile)
    mobile.client.send_body(b"\xff" * 40)
    assert mobile.client.is_closed()


def test_a_readable_mti_with_nothing_behind_it_is_30(mobile: Gateway) -> None:
    mobile.client.send_body(b"0200")
    received = mobile.client.receive()
    assert (received.fields["t"], received.code) == ("0210", "30")
    alive(mobile)


@pytest.mark.parametrize("mti", ["1200", "2200", "1804", "9999", "0210", "0110", "0430", "0810"])
def test_another_version_or_an_answer_that_matches_nothing_is_not_answered(
    card: Card, mobile: Gateway, mti: str
) -> None:
    who, account = card.take_account()
    mobile.client.send({**mobile.balance(who, account), "t": mti})
    alive(mobile)
    assert mobile.client.listen() == []


@pytest.mark.parametrize("mti", ["0300", "0120", "0220", "0700"])
def test_a_request_mti_of_our_version_that_is_not_in_the_table_gets_its_answer_mti_with_12(
    card: Card, mobile: Gateway, mti: str
) -> None:
    who, account = card.take_account()
    request = {**mobile.balance(who, account), "t": mti}
    received = mobile.ask(request)
    assert (received.fields["t"], received.code) == (answer_mti(mti), "12")


def test_200_connections_of_garbage_dont_disturb_another(card: Card, mobile: Gateway, connect: Connect) -> None:
    """They may be refused or closed at any time; who is signed on is served all the while."""
    who, account = card.take_account()
    noise = random.Random(7)
    listener = mobile.listener
    with contextlib.ExitStack() as stack:
        for number in range(200):
            with contextlib.suppress(OSError):
                line = stack.enter_context(socket.create_connection((listener.host, listener.port), timeout=2))
                line.sendall(noise.randbytes(noise.randrange(1, 3000)))
            if number % 20 == 0:
                request = mobile.balance(who, account)
                law.check(request, mobile.ask(request), listener)
        request = mobile.balance(who, account)
        law.check(request, mobile.ask(request), listener)
    alive(mobile)
    assert serves_newcomers(mobile, connect)


def serves_newcomers(mobile: Gateway, connect: Connect) -> bool:
    """Whether a new connection can sign on; the garbage's places may take a moment to become free again."""
    for _ in range(50):
        newcomer = connect("mobile")
        with contextlib.suppress(ClosedError, OSError):
            newcomer.send(mobile.network("001"))
            return newcomer.receive().code == "00"
        mobile.client.listen(0.1)
    return False


def test_a_line_cut_inside_a_frame_disturbs_nobody(card: Card, mobile: Gateway, connect: Connect) -> None:
    who, account = card.take_account()
    frame = mobile.client.wire.framed(mobile.client.wire.seal(mobile.balance(who, account)))
    cut = connect("mobile")
    cut.send_raw(frame[: len(frame) // 2])
    cut.close()
    alive(mobile)
