"""MACs that a device makes: the same messages as with a key at hand, in the order in which they were asked for."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.wire.dialect import BadMessage, UnencodableMessage, dialect_named
from switch.wire.envelope import BadMac, Envelope, Opened, Sealed, Unjudged
from switch.wire.message import Message
from switch.wire.remote_envelope import RemoteEnvelope, RemoteMac
from switch.wire.specs import DIALECTS
from tests.unit.wire.test_envelope import REQUEST, HashMac

MAC = HashMac()
MTIS = ["0200", "0201", "0210", "0420", "0800", "0810", "0600"]
MESSAGES = st.builds(
    lambda mti, stan, code, account: {
        "t": mti,
        "11": f"{stan:06d}",
        **({"39": code} if code and mti.endswith("10") else {}),
        **({"102": account} if account else {}),
    },
    st.sampled_from(MTIS),
    st.integers(1, 999_999),
    st.sampled_from(["", "00", "30", "51", "63"]),
    st.text("0123456789", max_size=20),
)


class Device(RemoteMac):
    """Knows the key, and answers when and in the order in which it is told to; at once with `at_once`."""

    def __init__(self, *, at_once: bool = False) -> None:
        self.at_once = at_once
        self.dumb = False
        self.open: list[Callable[[], None]] = []

    def compute(self, data: bytes, done: Callable[[bytes | None], None]) -> None:
        self._ask(lambda: done(None if self.dumb else MAC.compute(data)))

    def verify(self, data: bytes, mac: bytes, done: Callable[[bool | None], None]) -> None:
        self._ask(lambda: done(None if self.dumb else MAC.verify(data, mac)))

    def answer(self, at: int = 0) -> None:
        self.open.pop(at)()

    def _ask(self, answer: Callable[[], None]) -> None:
        if self.at_once:
            answer()
        else:
            self.open.append(answer)


def local(dialect: str = "iso87-ascii", *, mac_network: bool = False) -> Envelope:
    return Envelope(dialect_named(dialect), MAC, mac_network=mac_network)


def remote(device: Device, dialect: str = "iso87-ascii", *, mac_network: bool = False) -> RemoteEnvelope:
    return RemoteEnvelope(dialect_named(dialect), device, mac_network=mac_network)


def request(stan: int) -> dict[str, str]:
    return {**REQUEST, "11": f"{stan:06d}"}


def words(found: Opened) -> object:
    """An outcome that can be compared."""
    if isinstance(found, Message):
        return found.fields
    return type(found), found.message.fields if isinstance(found, BadMac) else str(found)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("device", [None, Device(at_once=True), Device()], ids=["at hand", "at once", "later"])
@given(fields=MESSAGES, mac_network=st.booleans(), lenient=st.booleans(), spoil=st.integers(-1, 40))
def test_what_is_told_is_what_open_and_seal_say(
    dialect: str, device: Device | None, fields: dict[str, str], mac_network: bool, lenient: bool, spoil: int
) -> None:
    here = local(dialect, mac_network=mac_network)
    there = here if device is None else remote(device, dialect, mac_network=mac_network)
    sealed: list[Sealed] = []
    there.sealed(fields, sealed.append)
    wait_for(device)
    assert sealed == [here.seal(fields)]
    body = bytearray(here.seal(fields))
    if 0 <= spoil < len(body):
        body[spoil] ^= 1
    opened: list[Opened] = []
    there.opened(bytes(body), opened.append, refusals_without_mac=lenient)
    wait_for(device)
    try:
        expected: Opened = here.open(bytes(body), refusals_without_mac=lenient)
    except (BadMac, BadMessage) as fault:
        expected = fault
    assert [words(found) for found in opened] == [words(expected)]


def wait_for(device: Device | None) -> None:
    while device is not None and device.open:
        device.answer()


def note(told: list[int], stan: int, _: Opened) -> None:
    told.append(stan)


@given(seed=st.integers(), count=st.integers(1, 12))
def test_messages_keep_their_order_whatever_the_devices(seed: int, count: int) -> None:
    device, rng = Device(), random.Random(seed)
    envelope = remote(device)
    opened: list[int] = []
    sealed: list[Sealed] = []
    for stan in range(count):
        fields = request(stan) if rng.random() < 0.8 else {"t": "0800", "7": "1122101530", "11": f"{stan:06d}"}
        body = local().seal(fields)
        envelope.opened(body if rng.random() < 0.9 else b"0200?", partial(note, opened, stan))
        envelope.sealed(fields, sealed.append)
    while device.open:
        device.answer(rng.randrange(len(device.open)))
    assert opened == list(range(count))
    assert [local().open(body or b"").stan for body in sealed] == [f"{stan:06d}" for stan in range(count)]


def test_what_needs_no_device_waits_for_what_came_before_it() -> None:
    device, told = Device(), list[str]()
    envelope = remote(device)
    envelope.opened(local().seal(request(1)), lambda _: told.append("1"))
    envelope.opened(local().seal({"t": "0800", "7": "1122101530", "11": "000002"}), lambda _: told.append("2"))
    assert told == []
    device.answer()
    assert told == ["1", "2"]


def test_what_comes_does_not_wait_for_what_goes() -> None:
    device, told = Device(), list[str]()
    envelope = remote(device)
    envelope.sealed(request(1), lambda _: told.append("sealed"))
    envelope.opened(local().seal(request(2)), lambda _: told.append("opened"))
    device.answer(1)
    assert told == ["opened"]


def test_a_message_is_told_to_its_end_before_the_next_one_begins() -> None:
    """A sign-on must have taken effect before the request behind it is judged."""
    device, told = Device(), list[str]()
    envelope = remote(device)

    def first(_: Opened) -> None:
        told.append("first begins")
        envelope.opened(b"0200?", lambda _: told.append("one that came meanwhile"))
        told.append("first ends")

    envelope.opened(local().seal(request(1)), first)
    envelope.opened(local().seal(request(2)), lambda _: told.append("second"))
    device.answer(1)
    device.answer(0)
    assert told == ["first begins", "first ends", "second", "one that came meanwhile"]


def test_a_callback_that_fails_holds_up_nobody_for_ever() -> None:
    device, told = Device(), list[str]()
    envelope = remote(device)

    def broken(_: Opened) -> None:
        raise RuntimeError("a bug")

    envelope.opened(local().seal(request(1)), broken)
    with pytest.raises(RuntimeError):
        device.answer()
    envelope.opened(local().seal(request(2)), lambda _: told.append("next"))
    device.answer()
    assert told == ["next"]


def test_a_device_that_does_not_say_leaves_a_message_unjudged_and_another_unsealed() -> None:
    device = Device()
    device.dumb = True
    envelope = remote(device)
    opened, sealed = list[Opened](), list[Sealed]()
    envelope.opened(local().seal(request(1)), opened.append)
    envelope.sealed(request(2), sealed.append)
    wait_for(device)
    assert [type(found) for found in opened] == [Unjudged]
    assert sealed == [None]


def test_a_message_that_cannot_be_written_is_told_to_its_sender_and_takes_no_place() -> None:
    device, sealed = Device(), list[Sealed]()
    envelope = remote(device)
    with pytest.raises(UnencodableMessage):
        envelope.sealed({**REQUEST, "11": "far too long"}, sealed.append)
    envelope.sealed(request(2), sealed.append)
    device.answer()
    assert len(sealed) == 1


def test_what_needs_a_devices_mac_never_leaves_without_one() -> None:
    """Who asks for it at once is wrong, and is told; what has no MAC anyway is there."""
    envelope = remote(Device())
    with pytest.raises(AssertionError, match="ask `sealed`"):
        envelope.seal(request(1))
    echo = {**request(1), "t": "0800"}
    assert envelope.seal(echo) == local().seal(echo)
    sealed = local().seal(request(1))
    with pytest.raises(BadMac):
        envelope.open(sealed)
