from itertools import pairwise

import pytest

from config.settings import load
from simulators.bench.patches import Sealer, copies, frames_in, places, shape_of
from simulators.bench.pressed import CONFIG
from simulators.bench.requests import STANS, Asked, Requests
from simulators.bench.stub import Stub
from simulators.keys import invented_keys
from switch.wire.answer import ECHOED, answer_fields
from switch.wire.codes import ResponseCode

SETTINGS = load(CONFIG)
KEYS = invented_keys(SETTINGS)


def some_requests(number: int, asked: Asked = Asked.BILL) -> list[bytes]:
    requests = Requests(SETTINGS, KEYS, asked)
    return [frame for _ in range(number) for frame in frames_in(bytearray(requests.next()[0]))]


@pytest.mark.parametrize("asked", Asked)
def test_patched_requests_are_what_the_dialect_and_the_mac_make_of_them(asked: Asked) -> None:
    requests = Requests(SETTINGS, KEYS, asked)
    opened = [requests.envelope.open(body) for body in some_requests(3, asked)]
    for before, after in pairwise(opened):
        assert before.tags != after.tags
        assert {de for de in before.fields if before[de] != after[de]} == {"11", "37", "48", "102", "128"}
    assert opened[1].stan == (opened[1].reference or "")[-6:]


def test_a_request_is_known_by_its_stan() -> None:
    requests = Requests(SETTINGS, KEYS)
    for _ in range(3):
        frame, stan = requests.next()
        assert requests.envelope.open(frame[2:]).stan == stan.decode()


def test_when_stans_come_round_another_terminal_sends_them() -> None:
    requests = Requests(SETTINGS, KEYS)
    requests.skip_to(STANS - 2)
    opened = [requests.envelope.open(requests.next()[0][2:]) for _ in range(4)]
    assert len({(one.terminal, one.stan) for one in opened}) == 4
    assert {one.terminal for one in opened} == {"GW000001", "GW000002"}


def test_a_stub_answers_the_hundredth_question_as_carefully_as_the_first() -> None:
    envelope = Requests(SETTINGS, KEYS).envelope
    for name in ("core", "power"):
        stub = Stub(SETTINGS, name, KEYS)
        for body in some_requests(100):
            question = envelope.open(body)
            (frame,) = frames_in(bytearray(stub.answer(body)))
            answer = envelope.open(frame)
            wanted = answer_fields(question, ResponseCode.APPROVED, language="en", business_date="0101")
            assert {de: answer.fields.get(de) for de in wanted} == wanted


def test_neighbouring_fields_are_copied_together() -> None:
    question = {"3": (10, 16), "7": (16, 26), "11": (26, 32), "12": (40, 46)}
    answer = {"3": (0, 6), "7": (6, 16), "11": (16, 22), "12": (22, 28), "13": (28, 32)}
    assert copies(question, answer, ECHOED) == [(0, 22, 10, 32), (22, 28, 40, 46)]


def test_a_shape_is_not_a_matter_of_values() -> None:
    one, two = some_requests(2)
    assert one != two
    assert shape_of(one) == shape_of(two)
    assert shape_of(one) != shape_of(one + b" ")


def test_a_sealer_seals_what_its_buffer_says() -> None:
    envelope = Requests(SETTINGS, KEYS).envelope
    (body,) = some_requests(1)
    sealer = Sealer(body, envelope)
    sealer.buffer[slice(*places(body, envelope)["11"])] = b"654321"
    (frame,) = frames_in(bytearray(sealer.sealed()))
    assert envelope.open(frame).stan == "654321"


def test_half_a_frame_waits_for_the_rest() -> None:
    buffer = bytearray(b"\x00\x02ab\x00\x03c")
    assert frames_in(buffer) == [b"ab"]
    assert buffer == b"\x00\x03c"
