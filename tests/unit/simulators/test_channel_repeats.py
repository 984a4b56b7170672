"""Gateways repeat, machines reverse: what each does when it is not told how a payment ended."""

import trio
from trio.testing import MockClock

from config.settings import demo_path, load
from simulators.channels.atm import Atm, CardRequest, reverse
from simulators.channels.errands import Visit, Withdraw
from simulators.channels.mobile_gateway import settle
from simulators.channels.pinpad import PinPad
from simulators.channels.subscriber_requests import SubscriberRequest
from simulators.channels.tally import Tally
from simulators.keys import invented_keys
from simulators.people.population import populate
from switch.wire.message import Message
from tests.unit.simulators.asking import STRIPE
from tests.unit.simulators.fake_switch import TERMINAL, FakeSwitch, answer_with, channel_to, in_turn

PEOPLE = populate(7, STRIPE)
PERSON = PEOPLE.customers[0]
CARD = PERSON.cards[0]
PINPAD = PinPad(invented_keys(load(demo_path())).pins("atm-pin"))
VOLATILE = {"t", "64", "128", "p", "1"}


def content(message: Message) -> dict[str, str]:
    return {de: value for de, value in message.fields.items() if de not in VOLATILE}


async def pay(switch: FakeSwitch) -> str | None:
    async with channel_to(switch) as channel:
        write = SubscriberRequest(TERMINAL, channel.stamp(), PERSON.subscriber)
        fields = write.bill_payment(PERSON.accounts[0], "ELEC", "1000001", "E-1", 5_000)
        answer = await settle(channel, fields)
        return answer.response_code if answer else None


async def withdraw(switch: FakeSwitch, dispensed_minor: int = 50_000) -> Tally:
    tally = Tally()
    async with channel_to(switch) as channel:
        errand = Withdraw(CARD, "20", 50_000, dispensed_minor)
        await Atm(channel, TERMINAL, PINPAD, tally).serve(Visit(PERSON, (errand,)))
    return tally


async def test_a_gateway_repeats_after_5_10_20_seconds_until_the_outcome_is_known(autojump_clock: MockClock) -> None:
    switch = FakeSwitch(in_turn("09", "09", "09", "00"))
    assert await pay(switch) == "00"
    assert switch.mtis == ["0200", "0201", "0201", "0201"]
    assert [round(at) for at, _ in switch.heard] == [0, 5, 15, 35]


async def test_a_gateway_waits_30_seconds_before_it_calls_it_silence(autojump_clock: MockClock) -> None:
    switch = FakeSwitch(in_turn("", "00"))
    assert await pay(switch) == "00"
    assert [round(at) for at, _ in switch.heard] == [0, 35]


async def test_a_repeat_is_the_request_again_but_for_its_mti_and_mac(autojump_clock: MockClock) -> None:
    switch = FakeSwitch(in_turn("09", "51"))
    assert await pay(switch) == "51"
    (_, first), (_, second) = switch.heard
    assert content(first) == content(second)


async def test_a_late_answer_between_repeats_ends_them(autojump_clock: MockClock) -> None:
    def late(request: Message) -> None:
        switch.respond = in_turn()
        nursery.start_soon(answer_later, request)

    async def answer_later(request: Message) -> None:
        await trio.sleep(32)
        switch.send(answer_with("00", request))

    switch = FakeSwitch(late)
    async with trio.open_nursery() as nursery:
        assert await pay(switch) == "00"
        assert switch.mtis == ["0200"]


async def test_a_gateway_gives_up_one_day_and_says_so(autojump_clock: MockClock) -> None:
    switch = FakeSwitch(lambda request: answer_with("09", request))
    assert await pay(switch) is None


async def test_a_machine_reverses_silence_and_never_repeats_a_withdrawal(autojump_clock: MockClock) -> None:
    switch = FakeSwitch(in_turn("", "", "00"))
    tally = await withdraw(switch)
    assert switch.mtis == ["0200", "0420", "0421"]
    assert tally.report()["withdrawal"] == {"approved": 0, "declined": {"silent": 1}}
    assert tally.report()["reversal"] == {"approved": 1, "declined": {}}


async def test_a_machine_reverses_what_is_in_progress(autojump_clock: MockClock) -> None:
    switch = FakeSwitch(in_turn("09", "09", "91", "25"))
    tally = await withdraw(switch)
    assert switch.mtis == ["0200", "0420", "0421", "0421"]
    assert tally.report()["reversal"]["declined"] == {"25": 1}


async def test_after_a_reversal_answers_to_the_original_are_ignored(autojump_clock: MockClock) -> None:
    original: list[Message] = []

    def approve_the_original_late(request: Message) -> dict[str, str] | None:
        if request.mti == "0200":
            original.append(request)
            return None
        switch.send(answer_with("00", original[0]))
        return answer_with("68", request)

    switch = FakeSwitch(approve_the_original_late)
    tally = await withdraw(switch)
    assert tally.report()["withdrawal"]["approved"] == 0


async def test_a_machine_keeps_quiet_about_a_decline(autojump_clock: MockClock) -> None:
    switch = FakeSwitch(in_turn("51"))
    await withdraw(switch)
    assert switch.mtis == ["0200"]


async def test_jammed_notes_are_given_back_by_a_partial_reversal(autojump_clock: MockClock) -> None:
    switch = FakeSwitch(in_turn("00", "00"))
    await withdraw(switch, dispensed_minor=20_000)
    (_, withdrawal), (_, advice) = switch.heard
    assert advice["4"] == withdrawal["4"] == "000000050000"
    assert advice["95"] == "000000020000" + "0" * 30


async def test_a_reversal_keeps_what_names_its_original_and_nothing_secret(autojump_clock: MockClock) -> None:
    switch = FakeSwitch(in_turn("00"))
    async with channel_to(switch) as channel:
        original = CardRequest(TERMINAL, channel.stamp(), CARD, PINPAD.pin_block(CARD.pin, CARD.pan)).withdrawal(
            "20", 50_000
        )
        await reverse(channel, {**original, "t": "0200"})
    (_, advice) = switch.heard[0]
    for de in ("2", "3", "4", "12", "13", "22", "25", "32", "37", "41", "42", "49"):
        assert advice[de] == original[de]
    assert advice["11"] != original["11"]
    assert advice["90"] == f"0200{original['11']}{original['7']}00000000123{'0' * 11}"
    assert not {"35", "52", "95"} & set(advice.fields)
