"""Any bytes at the simulated security module, and any bytes from one: nothing breaks, and everybody is told once."""

import random
from collections.abc import Callable
from typing import Any

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from config.choices import KeyUse
from config.security_sections import HsmSettings
from simulators.hsm import HsmServer
from simulators.lmk import under_test_lmk
from simulators.payshield.module import COMMANDS, SimulatedPayShield
from switch.net.hsm import HsmLink
from switch.security.crypto.pin import PinCipher, seal_pin
from switch.security.payshield.answer import response_code
from switch.security.payshield.module import PayShieldModule
from switch.security.payshield.pin_reference import VisaReference
from switch.security.payshield.refusals import REFUSALS
from switch.security.port import FreshKey, KeyToken, PinRequest, SecurityError
from tests.unit.net.kit import FRAMING, Kit
from tests.unit.security.payshield.kit import KEK_KEY, ONE_KEY, PAN, AtOnce, Heard, Scripted, mac_token, token

HEADER = 8
KEK, PIN, MAC = token(KeyUse.KEK, KEK_KEY), token(KeyUse.PIN), mac_token()
BLOCK = seal_pin("1234", PAN, PinCipher(ONE_KEY))
VISA = VisaReference(under_test_lmk("002", ONE_KEY), 1, "1234")

Call = Callable[[PayShieldModule, Heard[Any]], None]

# Each call of the client, the code of the command that it makes, and what it may be told but a refusal.
CALLS: dict[str, tuple[str, Call, tuple[type, ...]]] = {
    "diagnose": ("NC", lambda module, done: module.diagnose(done), (object,)),
    "compute": ("M6", lambda module, done: module.mac(MAC).compute(b"data", done), (bytes, type(None))),
    "verify": ("M8", lambda module, done: module.mac(MAC).verify(b"data", bytes(8), done), (bool, type(None))),
    "translate": ("CC", lambda module, done: module.translate_pin(PinRequest(BLOCK, PAN), PIN, PIN, done), (str,)),
    "import": ("A6", lambda module, done: module.import_key("B0080", KEK, PIN.settings, done), (KeyToken,)),
    "generate": ("A0", lambda module, done: module.generate_key(PIN.settings, KEK, done), (FreshKey,)),
    "export": ("A8", lambda module, done: module.export_key(PIN, KEK, done), (str,)),
    "check value": ("BU", lambda module, done: module.check_value(PIN, done), (str,)),
    "verify a PIN": ("EC", lambda module, done: module.verify_pin(PinRequest(BLOCK, PAN), PIN, VISA, done), (bool,)),
}

hexadecimal = st.text(st.sampled_from("0123456789ABCDEF"), max_size=60)
keys = st.builds(under_test_lmk, st.sampled_from(["000", "001", "002", "003", "008", "009"]), st.just(ONE_KEY))
texts = st.text(st.sampled_from("USTXRB;&0123456789ABCDEFN%"), max_size=12)
fields = st.lists(st.one_of(hexadecimal, keys, texts), max_size=8).map(lambda parts: "".join(parts).encode("ascii"))
commands = st.builds(
    lambda code, rest, tail: code + rest + tail, st.sampled_from(sorted(COMMANDS)), fields, st.binary(max_size=10)
)


def well_formed() -> list[bytes]:
    """A command of each kind that the client makes, as it makes it."""
    module = Scripted()
    for _, call, _ in CALLS.values():
        call(PayShieldModule(module), Heard())
    return module.asked


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good command with some of its bytes changed, cut off or doubled."""
    body = bytearray(draw(st.sampled_from(well_formed())))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(body)))
        body[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    return bytes(body[: draw(st.integers(0, len(body)))])


anything = st.one_of(st.binary(max_size=60), commands, damaged())


@settings(max_examples=500, deadline=None)
@given(anything)
def test_any_bytes_get_an_answer_of_the_form_that_answers_have(body: bytes) -> None:
    answer = SimulatedPayShield(random.Random(7).randbytes).answer(body).decode("ascii")
    assert len(answer) >= 4
    assert answer[:2] == "ZZ" or answer[:2] == response_code(body[:2].decode("ascii"))
    assert answer[2:4].isalnum()


@settings(max_examples=100, deadline=None)
@given(st.lists(anything, max_size=6), st.lists(st.integers(1, 40), min_size=1, max_size=5))
def test_any_bytes_on_the_simulators_port_harm_no_other_connection(bodies: list[bytes], pieces: list[int]) -> None:
    async def run() -> None:
        async with trio.open_nursery() as nursery:
            kit = await Kit(nursery).start()
            server = HsmServer(SimulatedPayShield(random.Random(7).randbytes), HEADER, kit.edge)
            await nursery.start(server.serve, "127.0.0.1", 0)
            bad = await kit.network.dial("127.0.0.1", server.port)
            rest = b"".join(FRAMING.wrap(body) for body in bodies)
            for turn in range(len(rest)):
                bad.send(rest[: pieces[turn % len(pieces)]])
                rest = rest[pieces[turn % len(pieces)] :]
                if not rest:
                    break
            await kit.settle()
            good = await kit.network.dial("127.0.0.1", server.port)
            good.send(FRAMING.wrap(b"01234567NC"))
            await kit.settle()
            assert good.recv(100)[2:].startswith(b"01234567ND00")
            assert not kit.reports
            nursery.cancel_scope.cancel()

    trio.run(run, clock=MockClock(autojump_threshold=0))


codes = st.sampled_from(["00", "01", "02", *REFUSALS, "99"])


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_answer_is_told_once_as_what_was_asked_for_or_as_a_refusal(name: str, data: st.DataObject) -> None:
    code, call, kinds = CALLS[name]
    start = st.builds(lambda error: f"{response_code(code)}{error}".encode("ascii"), codes)
    answers = st.one_of(st.none(), st.binary(max_size=60), st.builds(lambda one, two: one + two, start, fields))
    heard = Heard[Any]()
    call(PayShieldModule(Scripted(data.draw(answers))), heard)
    (told,) = heard
    assert isinstance(told, (*kinds, SecurityError))


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 200), changed=st.integers(0, 200), byte=st.integers(0, 255))
def test_a_good_answer_that_was_damaged_is_told_once(name: str, cut: int, changed: int, byte: int) -> None:
    _, call, _ = CALLS[name]
    good = AtOnce(random.Random(7).randbytes)

    def ask(command: bytes, done: Callable[[bytes | None], None]) -> None:
        def damage(answer: bytes | None) -> None:
            assert answer is not None
            body = bytearray(answer)
            body[changed % len(body)] = byte
            done(bytes(body[: max(0, len(body) - cut)]))

        good(command, damage)

    heard = Heard[Any]()
    call(PayShieldModule(ask), heard)
    assert len(heard) == 1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=40), st.just(b"00000001ND00"), st.just(b"00000002M700")), max_size=8))
def test_any_bytes_from_a_module_leave_nobody_untold(frames: list[bytes]) -> None:
    async def run() -> None:
        async with trio.open_nursery() as nursery:
            kit = await Kit(nursery).start()
            port = await kit.network.listen("127.0.0.1", 0)
            link = HsmLink(HsmSettings(port=port.number, connections=1, header_length=HEADER), kit.edge)
            await nursery.start(link.run)
            module = await port.accept()
            await kit.settle()
            module.send(FRAMING.wrap(module.recv(100)[2:10] + b"ND002686040000000000SIMU-0001"))
            await kit.settle()
            heard = [Heard[bytes | None]() for _ in range(4)]
            for each in heard:
                link.ask(b"M6", each)
            module.send(b"".join(FRAMING.wrap(frame) for frame in frames))
            await kit.settle()
            module.close()
            await kit.settle()
            assert [len(each) for each in heard] == [1] * 4
            nursery.cancel_scope.cancel()

    trio.run(run, clock=MockClock(autojump_threshold=0))
