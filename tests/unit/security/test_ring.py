"""The ring of keys: how a key becomes another while messages and PINs are under way, and what survives a kill."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from config.security_sections import KeySettings
from switch.security.crypto.pin import PinCipher, open_pin, seal_pin
from switch.security.keys.key_kind import kcv_of
from switch.security.keys.private_file import write_private
from switch.security.keys.ring import KeyRing
from switch.security.keys.rolling import EARLIER_MAX, RollingMac
from switch.security.keys.store import FileKeyStore, KeyStore, MemoryKeyStore, StoredKey, encoded
from switch.security.port import (
    FreshKey,
    KeyRefusedError,
    KeyToken,
    ModuleAwayError,
    PinBlockError,
    PinRequest,
    SecurityError,
    SecurityModule,
)
from switch.wire.envelope import Mac
from switch.wire.remote_envelope import RemoteMac
from tests.unit.security import keys
from tests.unit.security.keys import CMAC, CORE, KEK, PIN, RETAIL, STORAGE, Clock, SlowModule, block, clear

NAMES = ("retail", "pin")
USED = {one.name: one for one in (RETAIL, PIN, CORE, KEK, STORAGE)}
PAN = "4000001234562007"
DATA = b"0800 some bytes"


class Side:
    """One side's ring. `heard` and `refusals` are what its callbacks were told."""

    def __init__(self, seed: str, clock: Clock, store: KeyStore | None = None) -> None:
        self.soft = keys.module(seed)
        self.clock = clock
        self.store = store if store is not None else keys.store(self.soft, *USED.values())
        self.refusals: list[str] = []
        self.told: list[str] = []
        self.ring = self.opened(self.soft)

    def opened(self, module: SecurityModule) -> KeyRing:
        ring = KeyRing(USED, module, self.store, self.clock)
        for name in NAMES:
            ring.heed(name, lambda token: self.told.append(token.kcv))
        self.ring = ring
        return ring

    def restart(self) -> None:
        self.opened(self.soft)

    def offer(self, name: str = "retail") -> FreshKey | None:
        found: list[FreshKey] = []
        self.ring.offer(name, "kek", found.append, self.refuse)
        return found[0] if found else None

    def accept(self, text: str, kcv: str) -> KeyToken | None:
        found: list[KeyToken] = []
        self.ring.accept(NAMES, "kek", text, kcv, found.append, self.refuse)
        return found[0] if found else None

    def refuse(self, error: SecurityError) -> None:
        self.refusals.append(str(error))

    @property
    def mac(self) -> Mac:
        found = self.ring.mac("retail")
        assert isinstance(found, RollingMac)
        return found

    def sign(self) -> bytes:
        return self.mac.compute(DATA)

    def believes(self, mac: bytes) -> bool:
        return self.mac.verify(DATA, mac)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ours(clock: Clock) -> Side:
    return Side("ours", clock)


@pytest.fixture
def theirs(clock: Clock) -> Side:
    return Side("theirs", clock)


def change(ours: Side, theirs: Side, name: str = "retail") -> FreshKey:
    """A whole exchange, without mishap."""
    fresh = offered(ours, name)
    taken = theirs.accept(fresh.block, fresh.token.kcv)
    assert taken is not None
    theirs.ring.confirm(taken)
    ours.ring.confirm(fresh.token)
    return fresh


def offered(side: Side, name: str = "retail") -> FreshKey:
    fresh = side.offer(name)
    assert fresh is not None, side.refusals
    return fresh


def test_both_sides_change_to_the_key_that_one_of_them_brings(ours: Side, theirs: Side) -> None:
    before = ours.sign()
    fresh = change(ours, theirs)
    assert ours.ring.kcv("retail") == theirs.ring.kcv("retail") == fresh.token.kcv
    assert ours.sign() == theirs.sign() != before
    assert ours.believes(theirs.sign())
    assert theirs.believes(ours.sign())
    assert ours.told == theirs.told == [fresh.token.kcv]


def test_a_mac_is_the_same_object_whatever_key_it_is(ours: Side, theirs: Side) -> None:
    mac = ours.ring.mac("retail")
    change(ours, theirs)
    assert ours.ring.mac("retail") is mac


def test_the_old_key_is_accepted_for_the_overlap_and_not_longer(ours: Side, theirs: Side, clock: Clock) -> None:
    before = ours.sign()
    change(ours, theirs)
    clock.now += 59.9
    assert ours.believes(before)
    assert theirs.believes(before)
    clock.now += 0.2
    assert not ours.believes(before)
    assert not theirs.believes(before)
    assert ours.believes(theirs.sign())


def test_several_changes_in_one_overlap_leave_each_old_key_its_time(ours: Side, theirs: Side, clock: Clock) -> None:
    signed = []
    for _ in range(4):
        signed.append(ours.sign())
        change(ours, theirs)
        clock.now += 20
    assert [theirs.believes(mac) for mac in signed] == [False, False, True, True]


def test_a_change_that_would_take_an_old_key_its_time_is_refused(ours: Side, theirs: Side, clock: Clock) -> None:
    third = Side("third", clock)
    first = ours.sign()
    for _ in range(EARLIER_MAX):
        change(ours, theirs)
    clock.now += 59.9
    agreed = ours.ring.kcv("retail")
    assert ours.offer() is None
    brought = offered(third)
    assert theirs.accept(brought.block, brought.token.kcv) is None
    assert ours.refusals == theirs.refusals == ["keys.retail: too many changes in one overlap: allowed: 8"]
    assert len(ours.ring.tokens("retail")) == 1 + EARLIER_MAX
    assert ours.believes(first)
    assert theirs.believes(first)
    clock.now += 0.2
    change(ours, theirs)
    assert ours.ring.kcv("retail") == theirs.ring.kcv("retail") != agreed


def test_a_key_that_waits_for_its_answer_counts_as_one_that_is_kept(ours: Side, theirs: Side) -> None:
    for _ in range(EARLIER_MAX - 1):
        change(ours, theirs)
    first, fresh = ours.ring.kcv("retail"), offered(ours)
    assert theirs.accept(fresh.block, fresh.token.kcv) is not None
    brought = offered(Side("third", ours.clock))
    assert theirs.accept(brought.block, brought.token.kcv) is None
    assert theirs.accept(fresh.block, fresh.token.kcv) is not None
    assert first in {token.kcv for token in theirs.ring.tokens("retail")}


def test_a_key_that_was_only_offered_is_not_used_but_accepted(ours: Side) -> None:
    before = ours.sign()
    fresh = offered(ours)
    assert ours.sign() == before
    assert ours.ring.kcv("retail") != fresh.token.kcv
    assert ours.ring.is_offered("retail")


def test_a_message_under_the_staged_key_makes_it_current_once(ours: Side, theirs: Side) -> None:
    fresh = offered(ours)
    taken = theirs.accept(fresh.block, fresh.token.kcv)
    assert taken is not None
    theirs.ring.confirm(taken)
    assert ours.believes(theirs.sign())
    assert ours.sign() == theirs.sign()
    ours.ring.confirm(fresh.token)
    assert ours.told == [fresh.token.kcv]
    assert not ours.ring.is_offered("retail")


def test_a_key_that_is_refused_is_withdrawn_and_another_is_offered_next(ours: Side) -> None:
    before = ours.sign()
    first = offered(ours)
    ours.ring.withdraw(first.token)
    assert not ours.ring.is_offered("retail")
    assert ours.sign() == before
    assert offered(ours).block != first.block


def test_who_refuses_only_the_repeat_of_a_key_that_it_took_is_understood_for_the_overlap(
    ours: Side, theirs: Side, clock: Clock
) -> None:
    fresh = offered(ours)
    taken = theirs.accept(fresh.block, fresh.token.kcv)
    assert taken is not None
    theirs.ring.confirm(taken)
    ours.ring.withdraw(fresh.token)
    assert ours.believes(theirs.sign())
    clock.now += 61
    assert not ours.believes(theirs.sign())


def test_an_offer_that_was_never_answered_is_made_again_as_it_was(ours: Side) -> None:
    first = offered(ours)
    assert offered(ours) == first
    ours.restart()
    assert offered(ours).block == first.block


def test_a_late_answer_about_one_key_changes_nothing_about_another(ours: Side, theirs: Side) -> None:
    first = offered(ours)
    ours.ring.withdraw(first.token)
    second = offered(ours)
    ours.ring.confirm(first.token)
    assert ours.ring.is_offered("retail")
    ours.ring.withdraw(first.token)
    assert ours.ring.is_offered("retail")
    ours.ring.confirm(second.token)
    assert ours.ring.kcv("retail") == second.token.kcv


# What is refused.


def test_another_check_value_is_refused_and_nothing_is_staged(ours: Side, theirs: Side) -> None:
    fresh, before = offered(ours), theirs.store.get("retail")
    assert theirs.accept(fresh.block, "000000") is None
    assert theirs.refusals == ["the key's check value is another one"]
    assert theirs.store.get("retail") == before
    assert theirs.accept(fresh.block, fresh.token.kcv.lower()) is not None, "it is no secret and no name: any letters"


def test_an_old_block_brings_no_old_key_back(ours: Side, theirs: Side) -> None:
    first = change(ours, theirs)
    second = change(ours, theirs)
    for text in (first.block, first.block.lower(), first.block[:16] + first.block[16:].lower()):
        assert theirs.accept(text, first.token.kcv) is None
    theirs.restart()
    assert theirs.accept(first.block, first.token.kcv) is None
    assert theirs.refusals[0] == "a key block that was used before"
    assert theirs.ring.kcv("retail") == second.token.kcv


def test_an_old_key_in_another_block_is_not_taken_back(ours: Side, theirs: Side) -> None:
    """Such as the block in which it was first sent by courier."""
    first = theirs.ring.token("retail")
    exported = theirs.soft.exported(first, theirs.ring.token("kek"))
    change(ours, theirs)
    assert theirs.accept(exported, first.kcv) is None
    theirs.restart()
    assert theirs.accept(exported, first.kcv) is None
    assert theirs.refusals == ["a key that was used before"] * 2


def test_the_same_block_again_is_in_order_while_its_key_holds(ours: Side, theirs: Side) -> None:
    fresh = change(ours, theirs)
    for _ in range(2):
        again = theirs.accept(fresh.block, fresh.token.kcv)
        assert again is not None
        assert again.kcv == fresh.token.kcv
        theirs.ring.confirm(again)
        theirs.restart()
    assert theirs.told == [fresh.token.kcv]


def test_a_block_of_our_own_that_is_thrown_back_changes_nothing(ours: Side, theirs: Side) -> None:
    fresh = offered(ours)
    assert ours.accept(fresh.block, fresh.token.kcv) is None
    assert change(ours, theirs) == fresh
    assert ours.accept(fresh.block, fresh.token.kcv) is not None, "they may as well say that they have it"
    change(ours, theirs)
    assert ours.accept(fresh.block, fresh.token.kcv) is None


@pytest.mark.parametrize(
    ("header", "settings"),
    [
        ("D K1 A B", KEK),
        ("D D0 A B", STORAGE),
        ("D M6 A C", CMAC),
        ("D P0 A B", keys.PIN_AES),
        ("D B0 T X", keys.BDK),
        ("D M3 T G", RETAIL),
        ("D M3 T V", RETAIL),
    ],
)
def test_a_block_of_a_key_of_another_use_is_refused_and_nothing_is_staged(
    theirs: Side, header: str, settings: KeySettings
) -> None:
    before = {name: theirs.store.get(name) for name in USED}
    sent = clear(settings, "another")
    assert theirs.accept(block(clear(KEK), header, sent), kcv_of(settings, sent)) is None
    assert {name: theirs.store.get(name) for name in USED} == before
    assert theirs.refusals


@pytest.mark.parametrize("text", ["", "D", "D0112M3TC00E0000", "٠" * 112])
def test_what_is_no_block_is_refused(theirs: Side, text: str) -> None:
    assert theirs.accept(text, "000000") is None
    assert theirs.refusals


def test_a_name_without_a_key_or_another_use_is_an_error(ours: Side) -> None:
    with pytest.raises(SecurityError, match="no key 'gone'"):
        ours.ring.mac("gone")
    with pytest.raises(KeyRefusedError, match=r"keys\.pin: not a MAC key"):
        ours.ring.mac("pin")
    with pytest.raises(SecurityError, match="no key 'storage'"):
        ours.ring.token("storage")


def test_a_ring_without_one_of_its_keys_is_refused_at_once(clock: Clock) -> None:
    soft = keys.module()
    with pytest.raises(SecurityError, match=r"keys\.core: not in the key store: allowed: a key that `barada keys`"):
        KeyRing(USED, soft, keys.store(soft, RETAIL, PIN, KEK), clock)


def test_a_ring_with_an_unfit_key_is_refused_at_once(clock: Clock) -> None:
    soft = keys.module()
    store = keys.store(soft, *USED.values())
    store.keys["pin"] = store.keys["retail"]
    with pytest.raises(KeyRefusedError, match=r"keys\.pin: its key block is for another use"):
        KeyRing(USED, soft, store, clock)


# PINs.


def pin_at(side: Side, name: str) -> PinCipher:
    return PinCipher(side.soft.clear(side.ring.token(name)).raw)


def translate(side: Side, sent: str) -> str | SecurityError:
    found: list[str | SecurityError] = []
    side.ring.translate_pin(PinRequest(sent, PAN), "pin", "core", found.append)
    return found[0]


def test_a_pin_under_the_old_key_is_read_during_the_overlap_and_refused_after(
    ours: Side, theirs: Side, clock: Clock
) -> None:
    old = seal_pin("1234", PAN, pin_at(theirs, "pin"))
    change(ours, theirs, "pin")
    new = seal_pin("5678", PAN, pin_at(theirs, "pin"))
    assert old != seal_pin("1234", PAN, pin_at(theirs, "pin"))
    core = pin_at(ours, "core")
    assert translate(ours, old) == seal_pin("1234", PAN, core)
    assert translate(ours, new) == seal_pin("5678", PAN, core)
    clock.now += 61
    assert isinstance(translate(ours, old), PinBlockError)
    assert translate(ours, new) == seal_pin("5678", PAN, core)


def test_a_pin_under_the_staged_key_makes_it_current(ours: Side, theirs: Side) -> None:
    fresh = offered(ours, "pin")
    taken = theirs.accept(fresh.block, fresh.token.kcv)
    assert taken is not None
    theirs.ring.confirm(taken)
    assert translate(ours, seal_pin("1234", PAN, pin_at(theirs, "pin"))) == seal_pin("1234", PAN, pin_at(ours, "core"))
    assert ours.ring.kcv("pin") == fresh.token.kcv
    assert ours.told == [fresh.token.kcv]


def test_a_pin_under_no_key_of_ours_is_refused_and_makes_nothing_current(ours: Side) -> None:
    offered(ours, "pin")
    assert isinstance(translate(ours, "0123456789ABCDEF"), PinBlockError)
    assert ours.ring.is_offered("pin")


def test_what_the_core_is_sent_is_under_its_current_key(ours: Side, theirs: Side) -> None:
    fresh: list[FreshKey] = []
    ours.ring.offer("core", "kek", fresh.append, ours.refuse)
    sent = seal_pin("1234", PAN, pin_at(ours, "pin"))
    assert translate(ours, sent) == seal_pin("1234", PAN, pin_at(ours, "core")), "it may not have the new one yet"
    ours.ring.confirm(fresh[0].token)
    found = translate(ours, sent)
    assert isinstance(found, str)
    assert open_pin(found, PAN, pin_at(ours, "core")) == "1234"


# Kills and full disks.


class Switch(Side):
    """A side whose keys are in a file, and which is killed: nothing but the file is left."""

    def __init__(self, clock: Clock, path: Path) -> None:
        self.path = str(path)
        soft = keys.module("switch")
        write_private(self.path, encoded(keys.store(soft, *USED.values()).keys))
        self.file = FileKeyStore(self.path)
        super().__init__("switch", clock, self.file)

    def restart(self) -> None:
        self.file.close()
        self.store = self.file = FileKeyStore(self.path)
        super().restart()


@pytest.fixture
def switch(clock: Clock, tmp_path: Path) -> Switch:
    return Switch(clock, tmp_path / "keys.json")


def brought(us: Side, them: Side) -> list[Callable[[], object]]:
    """The steps of a change that we bring, each of which may be the last before a kill."""
    fresh = offered(us)

    def taken() -> None:
        token = them.accept(fresh.block, fresh.token.kcv)
        assert token is not None
        them.ring.confirm(token)

    return [lambda: None, taken, lambda: us.ring.confirm(fresh.token)]


def taken_in(us: Side, them: Side) -> list[Callable[[], object]]:
    """The steps of a change that they bring."""
    fresh = offered(them)
    found: list[KeyToken | None] = []
    return [
        lambda: found.append(us.accept(fresh.block, fresh.token.kcv)),
        lambda: us.ring.confirm(found[0]) if found[0] is not None else None,
        lambda: them.ring.confirm(fresh.token),
    ]


@pytest.mark.parametrize("way", [brought, taken_in])
@pytest.mark.parametrize("last", range(3))
def test_killed_at_any_step_of_a_change_a_switch_still_accepts_both_keys(
    switch: Switch, theirs: Side, clock: Clock, way: Callable[[Side, Side], Sequence[Callable[[], object]]], last: int
) -> None:
    before = theirs.sign()
    steps = way(switch, theirs)
    for at, step in enumerate(steps):
        step()
        if at == last:
            clock.now += 30
            switch.restart()
            assert switch.believes(before), "its answer may be on the way to them still"
            assert switch.believes(theirs.sign())
            assert theirs.believes(switch.sign())


def test_the_overlap_does_not_begin_anew_with_a_restart(switch: Switch, theirs: Side, clock: Clock) -> None:
    before = theirs.sign()
    change(switch, theirs)
    clock.now += 40
    switch.restart()
    clock.now += 19
    assert switch.believes(before)
    clock.now += 2
    assert not switch.believes(before)
    switch.restart()
    assert not switch.believes(before)


def test_a_clock_that_steps_back_makes_no_overlap_longer(switch: Switch, theirs: Side, clock: Clock) -> None:
    before = theirs.sign()
    change(switch, theirs)
    clock.now -= 3600
    switch.restart()
    clock.now += 61
    assert not switch.believes(before)


def test_who_staged_a_key_and_was_killed_keeps_it_acceptable_when_another_follows(switch: Switch, theirs: Side) -> None:
    """They have it, for they brought it, and may use it until they hear of the next one."""
    fresh = offered(theirs)
    assert switch.accept(fresh.block, fresh.token.kcv) is not None
    switch.restart()
    theirs.ring.confirm(fresh.token)
    offered(switch)
    assert switch.believes(theirs.sign())
    assert theirs.believes(switch.sign())


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nothing can be written any more."""

    def refuse(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", refuse)
    return monkeypatch


def test_on_a_full_disk_no_key_is_offered_or_taken_and_the_old_ones_go_on(
    switch: Switch, theirs: Side, full: pytest.MonkeyPatch
) -> None:
    fresh, before = offered(theirs), switch.sign()
    assert switch.offer() is None
    assert switch.accept(fresh.block, fresh.token.kcv) is None
    assert all("No space left" in refusal for refusal in switch.refusals)
    assert len(switch.refusals) == 2
    assert switch.sign() == before
    assert not switch.believes(theirs.soft.mac(fresh.token).compute(DATA))
    full.undo()
    assert switch.accept(fresh.block, fresh.token.kcv) is not None, "it was not used up"


def test_a_change_that_the_disk_has_no_room_to_end_holds_all_the_same(
    switch: Switch, theirs: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, fresh = theirs.sign(), offered(switch)
    taken = theirs.accept(fresh.block, fresh.token.kcv)
    assert taken is not None
    theirs.ring.confirm(taken)
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", _refuse)
        assert switch.believes(theirs.sign()), "a message that proves a key is no victim of the disk"
        assert switch.sign() == theirs.sign()
    switch.restart()
    assert switch.believes(theirs.sign())
    assert switch.believes(before)


def test_what_could_not_be_written_is_written_with_the_next_change(
    switch: Switch, theirs: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = offered(switch)
    taken = theirs.accept(fresh.block, fresh.token.kcv)
    assert taken is not None
    theirs.ring.confirm(taken)
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", _refuse)
        switch.ring.confirm(fresh.token)
    offered(switch)
    switch.restart()
    assert switch.ring.kcv("retail") == fresh.token.kcv
    assert switch.believes(theirs.sign())


def _refuse(*_: object) -> None:
    raise OSError(28, os.strerror(28))


# A module that answers later.


class Device:
    """A ring over a device, and what its callbacks were told."""

    def __init__(self, clock: Clock) -> None:
        soft = keys.module("device")
        self.module = SlowModule(soft)
        self.ring = KeyRing(USED, self.module, keys.store(soft, *USED.values()), clock)
        self.fresh: list[FreshKey] = []
        self.taken: list[KeyToken] = []
        self.refusals: list[SecurityError] = []

    def offer(self) -> None:
        self.ring.offer("retail", "kek", self.fresh.append, self.refusals.append)

    def accept(self, fresh: FreshKey) -> None:
        self.ring.accept(NAMES, "kek", fresh.block, fresh.token.kcv, self.taken.append, self.refusals.append)

    def believes(self, mac: bytes) -> bool | None:
        found: list[bool | None] = []
        rolling = self.ring.mac("retail")
        assert isinstance(rolling, RemoteMac)
        rolling.verify(DATA, mac, found.append)
        self.module.answer()
        (told,) = found
        return told

    def sign(self) -> bytes | None:
        found: list[bytes | None] = []
        rolling = self.ring.mac("retail")
        assert isinstance(rolling, RemoteMac)
        rolling.compute(DATA, found.append)
        self.module.answer()
        return found[0]


@pytest.fixture
def device(clock: Clock) -> Device:
    return Device(clock)


def test_a_device_changes_its_keys_likewise(device: Device, theirs: Side, clock: Clock) -> None:
    before = theirs.sign()
    device.offer()
    device.module.answer()
    (fresh,) = device.fresh
    taken = theirs.accept(fresh.block, fresh.token.kcv)
    assert taken is not None
    theirs.ring.confirm(taken)
    assert device.believes(b"a guess!") is False
    assert device.believes(theirs.sign()) is True, "which makes it current"
    assert device.ring.kcv("retail") == fresh.token.kcv
    assert device.sign() == theirs.sign()
    assert device.believes(before) is True
    clock.now += 61
    assert device.believes(before) is False


def test_a_device_takes_a_key_in(device: Device, theirs: Side) -> None:
    fresh = offered(theirs)
    device.accept(fresh)
    assert not device.taken
    device.module.answer()
    device.ring.confirm(device.taken[0])
    theirs.ring.confirm(fresh.token)
    assert device.sign() == theirs.sign()


def test_one_key_at_a_time_is_made(device: Device) -> None:
    device.offer()
    device.offer()
    device.module.answer()
    assert len(device.fresh) == 1
    assert [str(error) for error in device.refusals] == ["keys.retail: a new key is being made already"]
    device.offer()
    assert device.fresh[0].block == device.fresh[1].block


def test_a_device_that_is_away_costs_one_change_and_nothing_else(device: Device, theirs: Side) -> None:
    before = device.sign()
    device.module.away = True
    device.offer()
    device.accept(offered(theirs))
    device.module.answer()
    assert [type(error) for error in device.refusals] == [ModuleAwayError] * 2
    device.module.away = False
    assert device.sign() == before
    device.offer()
    device.module.answer()
    assert len(device.fresh) == 1


def test_a_pin_that_the_device_is_away_for_is_not_tried_under_other_keys(device: Device) -> None:
    device.ring.offer("pin", "kek", device.fresh.append, device.refusals.append)
    device.module.answer()
    device.module.away = True
    found: list[str | SecurityError] = []
    device.ring.translate_pin(PinRequest("00" * 8, PAN), "pin", "core", found.append)
    device.module.answer()
    assert [type(one) for one in found] == [ModuleAwayError]


def test_a_key_that_needs_a_device_shows_nothing(device: Device) -> None:
    assert repr(device.ring.token("retail")) == f"<key retail for mac, check value {device.ring.kcv('retail')}>"


def test_what_is_no_block_of_this_master_key_is_told_by_its_name(clock: Clock) -> None:
    store = MemoryKeyStore({"retail": StoredKey("no block", "000000")})
    with pytest.raises(SecurityError, match=r"keys\.retail: not a key block under this protection key"):
        KeyRing({"retail": RETAIL}, keys.module(), store, clock)
