"""PINs and activation codes that are guessed at: the core is asked as often as is agreed, at whatever terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from switch.flow.reply import Answered
from switch.wire.message import Message
from tests.unit.engine.bench import (
    PINS,
    WRONG_PINS_PAUSE_S,
    Bench,
    HandExchange,
    repeat_of,
    request,
    reversal_of,
    transfer,
    withdrawal,
)

PAN, ANOTHER = "4000000000000002", "4000000000000010"
WRONG_MAX = 3
NEW_PIN = ("12", PINS.seal("9876", PAN))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, wrong_pins_max=WRONG_MAX)


def cash(stan: int, pan: str = PAN) -> dict[str, str]:
    """At a machine of its own."""
    return withdrawal(f"{stan:06d}", pan=pan, de41=f"ATM{stan:05d}")


def balance(stan: int) -> dict[str, str]:
    card = {"de2": PAN, "de52": PINS.seal("1234", PAN), "de41": f"ATM{stan:05d}"}
    return request("0200", "310000", f"{stan:06d}", **card)


def pin_change(stan: int) -> dict[str, str]:
    card = {"de2": PAN, "de52": PINS.seal("1234", PAN), "de41": f"ATM{stan:05d}"}
    return request("0600", "920000", f"{stan:06d}", NEW_PIN, **card)


def activation(stan: int, subscriber: str = "963900000001", terminal: str = "GW000001") -> dict[str, str]:
    tags = (("01", subscriber), ("07", PINS.seal("123456", None)))
    return request("0600", "910000", f"{stan:06d}", *tags, de102="10000000000001", de41=terminal)


def told(bench: Bench, fields: dict[str, str], core: str) -> str | None:
    """The channel's answer, the core saying this if it is asked."""
    asked = bench.send(fields)
    if bench.core.asked:
        bench.core.say(core)
    return asked.code


def use_up(bench: Bench) -> None:
    assert [told(bench, cash(stan), "55") for stan in range(1, WRONG_MAX + 1)] == ["55"] * WRONG_MAX


def test_beyond_so_many_wrong_pins_at_whatever_machines_the_core_is_not_asked(bench: Bench) -> None:
    use_up(bench)
    assert bench.send(cash(10)).code == "75"
    assert not bench.core.asked
    assert bench.states == {"DECLINED": WRONG_MAX + 1}
    assert bench.books_agree()
    assert bench.send(cash(11, ANOTHER)).code is None, "another card is not slowed down"


def test_then_one_try_a_pause_is_let_through(bench: Bench) -> None:
    use_up(bench)
    bench.wait(WRONG_PINS_PAUSE_S)
    assert told(bench, cash(10), "55") == "55"
    assert told(bench, cash(11), "00") == "75"
    bench.wait(WRONG_PINS_PAUSE_S)
    assert told(bench, cash(12), "00") == "00"
    assert told(bench, cash(13), "00") == "00", "a right PIN costs the owner nothing"


def test_the_cores_own_75_counts_too(bench: Bench) -> None:
    assert [told(bench, cash(stan), "75") for stan in range(1, 4)] == ["75"] * 3
    assert told(bench, cash(4), "00") == "75"


def test_a_right_pin_in_between_wipes_nothing(bench: Bench) -> None:
    verdicts = ("55", "55", "00", "00", "55")
    assert [told(bench, cash(stan), code) for stan, code in enumerate(verdicts, 1)] == list(verdicts)
    assert told(bench, cash(6), "00") == "75"


def test_tries_side_by_side_are_no_way_around(bench: Bench) -> None:
    asked = [bench.send(cash(stan)) for stan in range(1, 10)]
    assert len(bench.core.asked) == WRONG_MAX
    for _ in range(WRONG_MAX):
        bench.core.say("55")
    assert [exchange.code for exchange in asked] == ["55"] * WRONG_MAX + ["75"] * 6


def test_every_service_with_a_pin_counts_and_is_slowed(bench: Bench) -> None:
    assert told(bench, balance(1), "55") == "55"
    assert told(bench, pin_change(2), "55") == "55"
    assert told(bench, cash(3), "55") == "55"
    assert [bench.send(make(stan)).code for stan, make in enumerate((balance, pin_change, cash), 4)] == ["75"] * 3
    assert not bench.core.asked


@pytest.mark.parametrize("code", ["00", "14", "51", "54", "62"])
def test_what_says_nothing_about_the_pin_does_not_count(bench: Bench, code: str) -> None:
    assert [told(bench, cash(stan), code) for stan in range(1, 9)] == [code] * 8


def test_a_core_that_is_silent_or_not_reached_has_judged_nothing(bench: Bench) -> None:
    for stan in range(1, 9):
        assert told_91(bench, bench.send(cash(stan)), silent=stan % 2 == 0)
    assert told(bench, cash(9), "00") == "00"


def told_91(bench: Bench, asked: HandExchange, *, silent: bool) -> bool:
    if silent:
        bench.core.fall_silent()
        bench.core.say("00")  # to the advice
    else:
        bench.core.be_unreachable()
    return asked.code == "91"


def test_a_verdict_that_comes_late_told_nobody_anything(bench: Bench) -> None:
    for stan in range(1, 9):
        bench.send(balance(stan))
        late = bench.core.fall_silent()
        late(Answered(Message({"t": "0210", "39": "55"}), late=True))
    assert told(bench, cash(9), "00") == "00"


def test_the_switchs_own_75_is_repeated_even_when_the_card_may_try_again(bench: Bench) -> None:
    use_up(bench)
    assert bench.send(cash(10)).code == "75"
    bench.wait(2 * WRONG_PINS_PAUSE_S)
    for again in (cash(10), repeat_of(cash(10))):
        assert bench.send(again, connection=object()).code == "75"
    assert not bench.core.asked, "a copy that the network held up can't be approved now"
    assert bench.send(reversal_of(cash(10))).code == "00"
    assert not bench.core.asked, "nothing was asked, so there is nothing to give back"


def test_an_inquirys_75_is_not_stored_like_any_answer_to_an_inquiry(bench: Bench) -> None:
    use_up(bench)
    assert bench.send(balance(10)).code == "75"
    bench.wait(WRONG_PINS_PAUSE_S)
    assert told(bench, balance(10), "00") == "00"


def test_an_approval_is_repeated_while_the_card_is_slowed_down(bench: Bench) -> None:
    assert told(bench, cash(9), "00") == "00"
    use_up(bench)
    assert bench.send(repeat_of(cash(9)), connection=object()).code == "00"


def test_a_request_that_comes_twice_tries_once(bench: Bench) -> None:
    for _ in range(5):
        bench.send(cash(1), connection=object())
    assert len(bench.core.asked) == 1
    bench.core.say("55")
    assert [told(bench, cash(stan), "55") for stan in (2, 3, 4)] == ["55", "55", "75"]


def test_activation_codes_are_slowed_by_subscriber_at_whatever_gateway(bench: Bench) -> None:
    for stan in range(1, WRONG_MAX + 1):
        assert told(bench, activation(stan, terminal=f"GW{stan:06d}"), "55") == "55"
    assert bench.send(activation(10)).code == "75"
    assert told(bench, activation(11, "963900000002"), "00") == "00"
    bench.wait(WRONG_PINS_PAUSE_S)
    assert told(bench, activation(12), "00") == "00"


def test_what_carries_no_pin_is_never_slowed(bench: Bench) -> None:
    assert [told(bench, transfer(f"{stan:06d}"), "55") for stan in range(1, 9)] == ["55"] * 8


def test_a_card_that_is_guessed_at_is_told_of_once_in_a_while_and_without_its_number(bench: Bench) -> None:
    use_up(bench)
    for stan in range(10, 20):
        bench.send(cash(stan))
    assert bench.reports == ["pin guessing"]
    bench.wait(60)
    bench.send(cash(20))
    assert bench.reports == ["pin guessing"] * 2
    shown = bench.keys.vault.fingerprint(PAN.encode()).hex()[:8]
    assert bench.told == [{"kind": "card", "holder": shown, "count": count} for count in (0, 9)]
    assert bench.counters.get("guesses_refused", "card") == 11
