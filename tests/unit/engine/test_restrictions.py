"""Who is blocked hears 62, and what was ordered for somebody stands: at once, in order, and after a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.choices import Channel
from config.sections import ListenerSettings
from ledger.model import RegisterRow
from switch.engine.restrictions import READ_AGAIN_S
from switch.flow.limits import Limit
from switch.flow.orders import BarHolder, Barring, SetCeiling, Verdict
from switch.flow.payment import from_record
from switch.flow.subscribers import (
    BLOCKS,
    CEILINGS,
    SUBSCRIBERS,
    Activation,
    activation_of,
    block_of,
    card_holder,
    card_of,
    ceilings_of,
    subscriber_holder,
)
from tests.unit.engine.bench import (
    DAY,
    PINS,
    START,
    SUBSCRIBER,
    Bench,
    bill_payment,
    repeat_of,
    request,
    reversal_of,
    transfer,
    withdrawal,
)
from tests.unit.engine.test_secrets import DeviceBench, card_balance
from tests.unit.engine.test_workers import Workers

LINA = subscriber_holder(SUBSCRIBER[1])
OTHER = ("01", "963900000002")
PAN = "4000000000000002"


def order(bench: Bench, given: BarHolder | SetCeiling) -> Verdict:
    verdicts: list[Verdict] = []
    bench.engine.customer_orders.take(given, verdicts.append)
    (verdict,) = verdicts
    return verdict


def block(bench: Bench, holder: str = LINA, **more: Any) -> Verdict:
    return order(bench, BarHolder(holder, Barring.BLOCK, "lina", "the telephone was stolen", **more))


def unblock(bench: Bench, holder: str = LINA) -> Verdict:
    return order(bench, BarHolder(holder, Barring.UNBLOCK, "lina", "it was found"))


def ceiling(bench: Bench, service: str = "transfer-own", **figures: Any) -> Verdict:
    return order(bench, SetCeiling(LINA, service, "lina", "asked at the branch", **figures))


def rows(bench: Bench, register: str) -> list[RegisterRow]:
    found: list[Any] = []
    bench.books.register(register, found.append)
    rows: list[RegisterRow] = found[0]
    return rows


def balance(stan: str = "000050", subscriber: tuple[str, str] = SUBSCRIBER) -> dict[str, str]:
    return request("0100", "310000", stan, subscriber, de102="10000000000001")


def activation(stan: str, number: str = SUBSCRIBER[1]) -> dict[str, str]:
    return request("0600", "910000", stan, ("01", number), ("07", PINS.seal("123456", None)), de102="10000000000001")


# Blocked

EVERYTHING = [
    balance(),
    request("0100", "320000", "000051", SUBSCRIBER, ("03", "0001001"), de98="ELEC".ljust(25)),
    request("0100", "330000", "000052", SUBSCRIBER, de103="10000000000002"),
    transfer(),
    bill_payment(),
    transfer(de3="420000"),
]


@pytest.mark.parametrize("asked", EVERYTHING, ids=lambda fields: f"{fields['t']}/{fields['3'][:2]}")
def test_a_blocked_subscriber_hears_62_on_every_service(bench: Bench, asked: dict[str, str]) -> None:
    assert block(bench) == Verdict(True, "blocked now")
    assert bench.send(asked).code == "62"
    assert not bench.core.asked
    assert not bench.biller.asked
    assert unblock(bench) == Verdict(True, "not blocked now")
    assert bench.send(asked | {"11": "000099"}).code is None, "it is asked for again"


def test_who_is_not_blocked_is_served_beside_one_who_is(bench: Bench) -> None:
    block(bench)
    assert bench.send(balance(subscriber=OTHER)).code is None
    assert bench.send(withdrawal()).code is None


def test_62_is_stored_and_a_repeat_after_the_block_was_taken_back_hears_it_again(bench: Bench) -> None:
    block(bench)
    assert bench.send(transfer()).code == "62"
    unblock(bench)
    assert bench.send(repeat_of(transfer())).code == "62"


def test_a_repeat_of_what_was_answered_before_the_block_gets_the_stored_answer(bench: Bench) -> None:
    asked = bench.send(transfer())
    bench.core.say("00")
    assert asked.code == "00"
    block(bench)
    assert bench.send(repeat_of(transfer())).code == "00"


def test_what_was_begun_before_the_block_is_carried_out_and_its_repeat_waits_for_it(bench: Bench) -> None:
    asked = bench.send(transfer())
    block(bench)
    again = bench.send(repeat_of(transfer()), connection="another")
    bench.core.say("00")
    assert (asked.code, again.code) == ("00", "00")


def test_a_reversal_is_never_refused_because_of_a_block(bench: Bench) -> None:
    bench.send(transfer())
    bench.core.say("00")
    block(bench)
    assert bench.send(reversal_of(transfer())).code == "00"
    assert bench.net_minor("customer:10000000000001") == 0


def test_the_reversal_of_a_payment_that_the_block_refused_moves_nothing(bench: Bench) -> None:
    block(bench)
    bench.send(transfer())
    assert bench.send(reversal_of(transfer())).code == "00"
    assert bench.net_minor("customer:10000000000001") == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"de102": "no account"}, "30"),  # the shape comes first
        ({"de7": "1331090000"}, "30"),
        ({"de3": "990000"}, "12"),  # and what is no service
        ({"de4": "000000000000"}, "62"),  # then the block, before the service's own rules
        ({"de103": "99900000000002"}, "62"),
        ({"de4": "000000999999"}, "62"),  # before a limit
    ],
)
def test_a_block_comes_after_the_shape_and_before_everything_else(
    tmp_path: Path, changes: dict[str, str], code: str
) -> None:
    bench = Bench(tmp_path, limits=(Limit("transfer-own", amount_max=100_000),))
    block(bench)
    fields = transfer() | {name.removeprefix("de"): value for name, value in changes.items()}
    assert bench.send(fields).code == code


def test_a_block_comes_before_a_peer_that_is_down(bench: Bench) -> None:
    block(bench)
    bench.core.ready = False
    assert bench.send(transfer()).code == "62"
    assert bench.send(balance()).code == "62"


def test_a_blocked_card_hears_62_and_another_is_served(bench: Bench) -> None:
    bench.send(withdrawal())
    bench.core.say("00")
    found: list[Any] = []
    bench.books.find("", "20261122|REF000003ABC|2|00000000123|ATM00001", found.append)
    holder = card_of(from_record(found[0].payment.record))
    assert holder == card_holder(bench.keys.vault.fingerprint(PAN.encode()).hex())
    assert block(bench, holder, card="400000••••••0002").done
    assert bench.send(withdrawal("000004")).code == "62"
    assert bench.send(withdrawal("000005", pan="4000000000000010")).code is None


@pytest.mark.parametrize("asked", [withdrawal(), card_balance()], ids=["a payment", "an inquiry"])
def test_who_is_blocked_while_the_security_module_works_is_not_let_in(tmp_path: Path, asked: dict[str, str]) -> None:
    bench = DeviceBench(tmp_path)
    waiting = bench.send(asked)
    block(bench, card_holder(bench.keys.vault.fingerprint(PAN.encode()).hex()))
    bench.device.answer()
    assert waiting.code == "62"
    assert not bench.core.asked


def test_blocks_and_ceilings_stand_after_a_restart(bench: Bench) -> None:
    block(bench)
    bench.restart()
    assert bench.send(transfer()).code == "62"
    unblock(bench)
    assert ceiling(bench, amount_max=10).done
    bench.restart()
    assert bench.send(transfer("000009")).code == "61"


def test_nobody_is_served_before_it_is_known_who_is_blocked(bench: Bench) -> None:
    block(bench)
    bench.books.unreadable = True
    ready: list[bool] = []
    bench.start().start(DAY, lambda: ready.append(True))
    assert not ready
    bench.books.unreadable = False
    bench.engine = bench.start()
    assert bench.send(transfer()).code == "62"


def test_an_order_that_finds_no_books_does_nothing(bench: Bench) -> None:
    bench.books.away = True
    assert not block(bench).done
    bench.books.away = False
    bench.books.unreadable = True
    assert not block(bench).done
    bench.books.unreadable = False
    assert bench.send(transfer()).code is None


def test_of_two_orders_at_once_one_is_told_that_it_was_overtaken(bench: Bench) -> None:
    verdicts: list[Verdict] = []
    with bench.books.held_up():
        for who in ("lina", "omar"):
            bench.engine.customer_orders.take(BarHolder(LINA, Barring.BLOCK, who, "stolen"), verdicts.append)
    assert [verdict.done for verdict in verdicts] == [True, False]
    (row,) = rows(bench, BLOCKS)
    assert [note.who for note in block_of(row).history] == ["lina"]


def test_every_order_is_kept_with_who_and_why_and_the_same_again_is_none(bench: Bench) -> None:
    assert block(bench).done
    assert block(bench) == Verdict(False, "blocked already")
    assert unblock(bench).done
    (row,) = rows(bench, BLOCKS)
    kept = block_of(row)
    assert (kept.blocked, row.version) == (False, 2)
    assert [(note.who, note.action, note.why) for note in kept.history] == [
        ("lina", "block", "the telephone was stolen"),
        ("lina", "unblock", "it was found"),
    ]


def test_no_number_is_in_what_is_told_of_an_order(bench: Bench) -> None:
    block(bench)
    assert bench.reports[-1] == "operator"
    assert SUBSCRIBER[1] not in str(bench.told[-1])


def test_what_may_be_a_card_number_is_not_taken_for_a_reason(bench: Bench) -> None:
    given = BarHolder(LINA, Barring.BLOCK, "lina", f"card {PAN}")
    assert "card number" in order(bench, given).words
    assert not rows(bench, BLOCKS)


def test_another_worker_follows_an_order_before_it_is_told(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    block(workers.of(0))
    followed: list[Verdict] = []
    workers.of(1).engine.restrictions.follow(LINA, followed.append)
    assert [verdict.done for verdict in followed] == [True]
    assert workers.of(1).send(transfer()).code == "62"
    unblock(workers.of(0))
    workers.of(1).engine.restrictions.follow(LINA, followed.append)
    assert workers.of(1).send(transfer("000007")).code is None


def test_a_worker_whose_books_are_away_follows_when_they_are_back(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    block(workers.of(0))
    bench, followed = workers.of(1), list[Verdict]()
    bench.books.unreadable = True
    bench.engine.restrictions.follow(LINA, followed.append)
    assert not followed
    bench.books.unreadable = False
    bench.wait(1)
    assert followed
    assert bench.send(transfer()).code == "62"


def test_a_worker_that_nobody_told_finds_out_by_itself(tmp_path: Path) -> None:
    """Whoever gave the order died between its commit and its word."""
    workers = Workers(tmp_path)
    block(workers.of(0))
    bench = workers.of(1)
    bench.wait(READ_AGAIN_S)
    assert bench.send(transfer()).code == "62"


def test_an_order_that_was_carried_out_by_one_that_never_told_holds_when_it_is_given_again(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    block(workers.of(0))
    assert block(workers.of(1)) == Verdict(False, "blocked already")
    assert workers.of(1).send(transfer()).code == "62"


def test_while_the_books_are_away_one_look_waits_for_them_however_long(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    bench = workers.of(1)
    bench.books.unreadable = True
    for _ in range(5):
        bench.wait(READ_AGAIN_S)
    assert len(bench.engine.restrictions._waiting) == 1


# The registry


def test_an_approved_activation_is_listed_by_the_commit_that_approves_it(bench: Bench) -> None:
    asked = bench.send(activation("000060"))
    assert not rows(bench, SUBSCRIBERS)
    bench.clock.now += 2
    bench.core.say("00")
    assert asked.code == "00"
    (row,) = rows(bench, SUBSCRIBERS)
    assert activation_of(row) == Activation(SUBSCRIBER[1], "10000000000001", START + 2, "mobile")


def test_an_activation_that_the_core_refuses_or_never_answers_is_not_listed(bench: Bench) -> None:
    bench.send(activation("000060"))
    bench.core.say("55")
    bench.send(activation("000061"))
    bench.core.fall_silent()
    bench.core.say("00")
    assert bench.states == {"DECLINED": 1, "RELEASED": 1}
    assert not rows(bench, SUBSCRIBERS)


def test_a_second_activation_of_a_number_is_listed_beside_the_first(bench: Bench) -> None:
    for stan in ("000060", "000061"):
        bench.send(activation(stan))
        bench.core.say("00")
    assert len(rows(bench, SUBSCRIBERS)) == 2


# Ceilings


def paid(bench: Bench, fields: dict[str, str]) -> str | None:
    asked = bench.send(fields)
    if asked.code is None:
        bench.core.say("00")
    return asked.code


def test_an_ordered_ceiling_stands_at_once_lower_or_higher(tmp_path: Path) -> None:
    bench = Bench(tmp_path, limits=(Limit("transfer-own", amount_max=60_000),))
    assert ceiling(bench, amount_max=40_000) == Verdict(True, f"it stands from {DAY}")
    assert paid(bench, transfer("000001", 50_000)) == "61"
    ceiling(bench, amount_max=80_000)
    assert paid(bench, transfer("000002", 70_000)) == "00"
    ceiling(bench)
    assert paid(bench, transfer("000003", 70_000)) == "61", "without a figure: as configured again"
    assert paid(bench, transfer("000004", 50_000)) == "00"


def test_the_days_use_counts_on_when_the_ceiling_changes(tmp_path: Path) -> None:
    bench = Bench(tmp_path, limits=(Limit("transfer-own", per_day_amount_max=100_000),))
    assert paid(bench, transfer("000001", 60_000)) == "00"
    assert ceiling(bench, per_day_amount_max=70_000).words == f"it stands from {DAY}"
    assert paid(bench, transfer("000002", 20_000)) == "61"
    ceiling(bench, per_day_amount_max=200_000)
    assert paid(bench, transfer("000003", 140_000)) == "00"
    assert paid(bench, transfer("000004", 1)) == "61"


def test_where_nothing_counted_the_day_it_is_counted_from_the_order_on_and_that_is_said(bench: Bench) -> None:
    assert paid(bench, transfer("000001", 60_000)) == "00"
    assert "is not counted" in ceiling(bench, per_day_amount_max=70_000).words
    assert paid(bench, transfer("000002", 60_000)) == "00"
    assert paid(bench, transfer("000003", 60_000)) == "61"
    assert "is not counted" not in ceiling(bench, per_day_amount_max=130_000).words


def test_an_ordered_ceiling_goes_over_all_channels_together(tmp_path: Path) -> None:
    bench = Bench(tmp_path, limits=(Limit("transfer-own", "web", per_day_count_max=1),))
    ceiling(bench, per_day_count_max=2)
    web = ListenerSettings(name="web", channel=Channel.WEB, port=0, acquirers=("000123",))
    mobile, bench.endpoint = bench.endpoint, web
    assert [paid(bench, transfer(f"00000{number}")) for number in (1, 2)] == ["00", "00"]
    bench.endpoint = mobile
    assert paid(bench, transfer("000003")) == "65"


def test_a_channels_ceiling_counts_what_came_through_it_alone(tmp_path: Path) -> None:
    bench = Bench(tmp_path, limits=(Limit("transfer-own", "web", per_day_count_max=1),))
    assert [paid(bench, transfer(f"00000{number}")) for number in (1, 2)] == ["00", "00"]
    bench.endpoint = ListenerSettings(name="web", channel=Channel.WEB, port=0, acquirers=("000123",))
    assert [paid(bench, transfer(f"00000{number}")) for number in (3, 4)] == ["00", "65"]


def test_a_machines_daily_cash_is_counted_over_all_cards_and_given_back(tmp_path: Path) -> None:
    limit = Limit("withdrawal", "atm", per_day_amount_max=250_000, per_terminal=True)
    bench = Bench(tmp_path, limits=(limit, Limit("withdrawal", per_day_count_max=9)))
    first = withdrawal("000001")
    assert paid(bench, first) == "00"
    assert paid(bench, withdrawal("000002", pan="4000000000000010")) == "00"
    assert paid(bench, withdrawal("000003", pan="4000000000000028")) == "61"
    assert paid(bench, withdrawal("000004", de41="ATM00002")) == "00"
    assert bench.send(reversal_of(first)).code == "00"
    bench.core.say("00")  # to the advice
    assert paid(bench, withdrawal("000005")) == "00"


Figures = dict[str, Any]
FULL: tuple[Figures, Figures] = {"per_day_amount_max": 1}, {"per_day_count_max": 0}
OVER_ALL, OF_CHANNEL, OF_MACHINE = "over all channels", "of the channel", "of the machine"


@pytest.mark.parametrize(
    ("full", "code"),
    [
        ({OVER_ALL: FULL[0]}, "61"),
        ({OVER_ALL: FULL[1]}, "65"),
        ({OVER_ALL: {**FULL[0], **FULL[1]}}, "61"),  # the amount before the number
        ({OVER_ALL: FULL[1], OF_CHANNEL: FULL[0]}, "65"),  # then each in its turn
        ({OF_CHANNEL: FULL[1], OF_MACHINE: FULL[0]}, "65"),
        ({OF_CHANNEL: FULL[0], OF_MACHINE: FULL[1]}, "61"),
        ({OF_MACHINE: FULL[1]}, "65"),
    ],
)
def test_of_several_ceilings_of_the_day_the_first_that_is_reached_answers(
    tmp_path: Path, full: dict[str, Figures], code: str
) -> None:
    limits = [Limit("transfer-own", "mobile", **full[OF_CHANNEL])] if OF_CHANNEL in full else []
    limits += [Limit("transfer-own", per_terminal=True, **full[OF_MACHINE])] if OF_MACHINE in full else []
    bench = Bench(tmp_path, limits=tuple(limits))
    if OVER_ALL in full:
        own = full[OVER_ALL]  # only its own figure: the channel's other one still stands
        assert ceiling(bench, **own).done
    assert bench.send(transfer()).code == code
    assert bench.states == {"DECLINED": 1}


@pytest.mark.parametrize("ready", [True, False])
def test_the_limit_of_one_payment_comes_before_a_peer_that_is_down_and_the_days_after(
    tmp_path: Path, ready: bool
) -> None:
    bench = Bench(tmp_path, limits=(Limit("transfer-own", amount_max=60_000, per_day_count_max=0),))
    bench.core.ready = ready
    assert bench.send(transfer("000001", 60_001)).code == "61"
    assert bench.send(transfer("000002", 60_000)).code == ("65" if ready else "91")


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"from_day": "20261121"}, f"from 20261121: allowed: the open business day, {DAY}, or a later one"),
        ({"from_day": "20261131"}, "from 20261131: allowed: a day as YYYYMMDD"),
        ({"until_day": "20261121"}, f"until 20261121: allowed: {DAY}, when it begins, or a later day"),
        ({"service": "balance"}, "service: allowed: transfer-own, transfer-other, pay-bill, pay-loan"),
        ({"service": "nonsense"}, "service: allowed: transfer-own, transfer-other, pay-bill, pay-loan"),
        ({"service": "withdrawal"}, "service: allowed: transfer-own, transfer-other, pay-bill, pay-loan"),
    ],
)
def test_a_ceiling_that_can_not_stand_is_refused_in_one_line(bench: Bench, figures: dict[str, Any], words: str) -> None:
    assert ceiling(bench, **figures) == Verdict(False, words)
    assert not rows(bench, CEILINGS)


def test_a_ceiling_that_is_planned_stands_from_its_day(bench: Bench) -> None:
    assert ceiling(bench, amount_max=1, from_day="20261123", until_day="20261124").done
    assert [one.from_day for one in ceilings_of(rows(bench, CEILINGS)[0])] == ["20261123"]
    assert paid(bench, transfer("000001")) == "00"
    assert bench.cut_over("20261123").done
    assert paid(bench, transfer("000002")) == "61"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.integers(1, 90), st.tuples(st.integers(0, 200))), max_size=14))
def test_the_days_use_never_exceeds_the_ceiling_that_was_in_force_at_its_commit(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int | tuple[int]]
) -> None:
    """An amount is a payment, a tuple an order."""
    bench = Bench(tmp_path_factory.mktemp("books"), limits=(Limit("transfer-own", per_day_amount_max=100),))
    most, used = 100, 0
    for number, step in enumerate(steps):
        if isinstance(step, tuple):
            (most,) = step
            assert ceiling(bench, per_day_amount_max=most).done
            continue
        code = paid(bench, transfer(f"{number + 1:06d}", step))
        fits = used + step <= most
        assert code == ("00" if fits else "61")
        used += step if fits else 0
