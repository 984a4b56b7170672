"""The exchange of one endpoint's keys: what is answered to 161 and 162, what is brought when, what is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from config.sections import ListenerSettings
from switch.net.key_exchange import ANSWERED_WITHIN_S, CHANGES_MAX, CHANGES_WITHIN_S, KeyExchange
from switch.security.keys.ring import KeyRing
from switch.security.port import SecurityModule
from switch.wire import tlv
from switch.wire.message import Message
from tests.unit.net.kit import management
from tests.unit.security import keys
from tests.unit.security.keys import BDK, KEK, PIN, RETAIL, STORAGE, Clock, SlowModule

USED = {one.name: one for one in (RETAIL, PIN, KEK, BDK, STORAGE)}


class End:
    """One side of a line: its exchange, what it asked and has not heard about, what it told."""

    def __init__(self, clock: Clock, seed: str, slow: bool = False, **named: Any) -> None:
        soft = keys.module(seed)
        self.module: SecurityModule = SlowModule(soft) if slow else soft
        self.clock = clock
        self.ring = KeyRing(USED, self.module, keys.store(soft, *USED.values()), clock)
        names = {"mac": "retail", "pin": "pin", "kek": "kek"} | named
        settings = ListenerSettings(name="mobile", port=0, acquirers=("1",), **names)
        self.counts: Counter[str] = Counter()
        self.reports: list[dict[str, object]] = []
        self.exchange = KeyExchange(settings, self.ring, clock, self._count, self._report)
        self.asked: list[tuple[dict[str, str], Callable[[str | None], None]]] = []

    def ask(self, fields: dict[str, str], heard: Callable[[str | None], None]) -> None:
        self.asked.append((fields, heard))

    def hear(self, code: str | None, at: int = 0) -> None:
        self.asked.pop(at)[1](code)

    def bring(self) -> None:
        self.exchange.bring(self.ask)

    def take(self, fields: dict[str, str]) -> tuple[str, str]:
        """The answer to their question: the code, and the place of a fault."""
        answers: list[tuple[str, str]] = []
        request = Message({**management(fields["70"]), **fields})
        self.exchange.take(request, lambda code, at: answers.append((code.value, at)), self.ask)
        (answer,) = answers
        return answer

    def kcvs(self) -> tuple[str, str]:
        return self.ring.kcv("retail"), self.ring.kcv("pin")

    def _count(self, what: str) -> None:
        self.counts[what] += 1

    def _report(self, event: str, **fields: object) -> None:
        self.reports.append({"event": event, **fields})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ours(clock: Clock) -> End:
    return End(clock, "ours")


@pytest.fixture
def theirs(clock: Clock) -> End:
    return End(clock, "theirs")


def exchange(ours: End, theirs: End) -> list[str]:
    """Everything that is asked is answered, both ways; the codes in order."""
    codes = []
    while ours.asked or theirs.asked:
        asker, taker = (ours, theirs) if ours.asked else (theirs, ours)
        code, _ = taker.take(asker.asked[0][0])
        asker.hear(code)
        codes.append(code)
    return codes


def test_a_key_of_each_use_is_brought_in_a_message_of_its_own(ours: End, theirs: End) -> None:
    ours.bring()
    assert [fields["70"] for fields, _ in ours.asked] == ["161", "161"]
    assert [fields["120"][5:7] for fields, _ in ours.asked] == ["M3", "P0"]
    assert all(tlv.parse(fields["48"])[0][0] == "30" for fields, _ in ours.asked)
    before = ours.kcvs()
    assert exchange(ours, theirs) == ["00", "00"]
    assert ours.kcvs() == theirs.kcvs()
    assert not set(before) & set(ours.kcvs())


def test_a_changed_key_is_counted_and_told_once_on_each_side_with_its_check_value(ours: End, theirs: End) -> None:
    ours.bring()
    exchange(ours, theirs)
    for end in (ours, theirs):
        assert end.counts == {"key changed": 2}
        assert end.reports == [
            {"event": "key changed", "endpoint": "mobile", "key": name, "check_value": end.ring.kcv(name)}
            for name in ("retail", "pin")
        ]


def test_who_is_asked_for_keys_answers_first_and_then_brings_them(ours: End, theirs: End) -> None:
    assert ours.take({"70": "162"}) == ("00", "")
    assert exchange(ours, theirs) == ["00", "00"]
    assert ours.kcvs() == theirs.kcvs()


@pytest.mark.parametrize("named", [{"kek": None}, {"mac": None, "pin": None}, {"mac": None, "pin": "bdk"}])
@pytest.mark.parametrize("code", ["161", "162"])
def test_where_no_key_changes_it_is_12(clock: Clock, theirs: End, named: dict[str, Any], code: str) -> None:
    end = End(clock, "ours", **named)
    assert not end.exchange.possible
    theirs.bring()
    assert end.take({**theirs.asked[0][0], "70": code}) == ("12", "")
    end.bring()
    assert not end.asked


@pytest.mark.parametrize("gone", ["120", "48"])
def test_a_161_that_lacks_something_is_30_with_its_place(ours: End, theirs: End, gone: str) -> None:
    theirs.bring()
    fields = {de: value for de, value in theirs.asked[0][0].items() if de != gone}
    assert ours.take(fields) == ("30", {"120": "120", "48": "48.30"}[gone])
    assert ours.take({**theirs.asked[0][0], "48": "30006AB"})[0] == "30"


def test_a_block_that_is_none_is_63_and_told_without_it(ours: End, theirs: End) -> None:
    before = ours.kcvs()
    theirs.bring()
    fields = theirs.asked[0][0]
    spoilt = fields["120"][:-1] + ("0" if fields["120"][-1] != "0" else "1")
    assert ours.take({**fields, "120": spoilt}) == ("63", "")
    assert ours.take({**fields, "48": tlv.build([("30", "000000")])}) == ("63", "")
    assert ours.kcvs() == before
    assert ours.counts == {"key refused": 2}
    assert ours.reports[0]["why"] == "not a key block under this protection key"
    assert fields["120"] not in str(ours.reports)


def test_a_refused_key_is_dropped_counted_and_another_is_brought_next_time(ours: End) -> None:
    before = ours.kcvs()
    ours.bring()
    first = ours.asked[0][0]["120"]
    ours.hear("63")
    ours.hear("12")
    assert ours.kcvs() == before
    assert ours.counts == {"key not taken": 2}
    assert ours.reports[0] == {"event": "key not taken", "endpoint": "mobile", "key": "retail", "code": "63"}
    ours.bring()
    assert ours.asked[0][0]["120"] != first


def test_silence_leaves_the_key_to_be_brought_again(ours: End, theirs: End) -> None:
    ours.bring()
    sent = [fields for fields, _ in ours.asked]
    ours.hear(None)
    ours.hear(None)
    ours.exchange.bring_again(ours.ask)
    assert [fields for fields, _ in ours.asked] == sent
    exchange(ours, theirs)
    ours.exchange.bring_again(ours.ask)
    assert not ours.asked, "what was answered is not brought again"


def test_a_key_whose_answer_was_lost_is_answered_again(ours: End, theirs: End) -> None:
    ours.bring()
    for fields, _ in ours.asked:
        assert theirs.take(fields) == ("00", "")
    ours.hear(None)
    ours.hear(None)
    assert theirs.kcvs() != ours.kcvs()
    ours.exchange.bring_again(ours.ask)
    assert exchange(ours, theirs) == ["00", "00"]
    assert theirs.kcvs() == ours.kcvs()
    assert theirs.counts == {"key changed": 2}


def test_a_key_on_its_way_is_not_sent_twice_until_its_answer_is_overdue(ours: End, clock: Clock) -> None:
    ours.bring()
    ours.bring()
    ours.exchange.bring_again(ours.ask)
    assert len(ours.asked) == 2
    clock.now += ANSWERED_WITHIN_S
    ours.bring()
    assert len(ours.asked) == 4
    assert ours.asked[0][0] == ours.asked[2][0]


def test_while_a_key_of_ours_is_on_its_way_theirs_is_12_and_nothing_parts(ours: End, theirs: End) -> None:
    before = ours.kcvs()
    ours.bring()
    theirs.bring()
    assert [theirs.take(fields) for fields, _ in ours.asked] == [("12", "")] * 2
    assert [ours.take(fields) for fields, _ in theirs.asked] == [("12", "")] * 2
    for end in (ours, theirs):
        end.hear("12")
        end.hear("12")
    assert ours.kcvs() == theirs.kcvs() == before
    ours.bring()
    assert exchange(ours, theirs) == ["00", "00"]


def test_a_key_that_we_took_is_answered_again_even_while_one_of_ours_is_on_its_way(ours: End, theirs: End) -> None:
    theirs.bring()
    brought = [fields for fields, _ in theirs.asked]
    assert [ours.take(fields) for fields in brought] == [("00", "")] * 2
    ours.bring()
    assert [ours.take(fields) for fields in brought] == [("00", "")] * 2


def test_a_peer_that_never_answers_does_not_keep_its_own_keys_out(ours: End, theirs: End, clock: Clock) -> None:
    ours.bring()
    ours.asked.clear()
    theirs.bring()
    assert ours.take(theirs.asked[0][0]) == ("12", "")
    clock.now += ANSWERED_WITHIN_S
    assert exchange(theirs, ours) == ["00", "00"]
    assert ours.kcvs() == theirs.kcvs()


def test_a_late_answer_about_a_key_that_was_given_up_changes_nothing(ours: End, theirs: End, clock: Clock) -> None:
    ours.bring()
    clock.now += ANSWERED_WITHIN_S
    theirs.bring()
    for fields, heard in theirs.asked:
        assert ours.take(fields) == ("00", "")
        heard("00")
    agreed = ours.kcvs()
    ours.hear("00")
    ours.hear("63")
    assert ours.kcvs() == theirs.kcvs() == agreed


def test_the_other_side_can_change_keys_so_often_and_not_more(ours: End, theirs: End, clock: Clock) -> None:
    for _ in range(CHANGES_MAX // 2):
        theirs.bring()
        assert exchange(theirs, ours) == ["00", "00"]
    theirs.bring()
    refused = [fields for fields, _ in theirs.asked]
    assert [ours.take(fields) for fields in refused] == [("12", "")] * 2
    assert ours.take({"70": "162"}) == ("12", "")
    assert ours.counts["too many key changes"] == 3
    clock.now += CHANGES_WITHIN_S
    assert ours.take(refused[0]) == ("00", "")


def test_a_device_that_takes_its_time_changes_keys_likewise(clock: Clock, theirs: End) -> None:
    device = End(clock, "device", slow=True)
    slow = device.module
    assert isinstance(slow, SlowModule)
    device.bring()
    assert not device.asked
    slow.answer()
    assert exchange(device, theirs) == ["00", "00"]
    assert device.kcvs() == theirs.kcvs()
    slow.away = True
    device.bring()
    slow.answer()
    assert not device.asked
    assert device.counts["key refused"] == 2
