"""A core or a biller that is down, deaf, slow, silent, talkative or wrong: new money is refused, nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial

import pytest
import trio

from simulators.hosts.faults import Fault
from tests.e2e.outside.hosts import Door, Host
from tests.e2e.outside.town import BILLER_PEER, BILLER_TIMEOUT_S, CORE_TIMEOUT_S, Town, Visitors

AT_ONCE_S = 0.3
UNDONE, DONE = "91", "00"

# What a customer hears in the end when this happens to the question at the core: all but a clear answer is undone.
AT_THE_CORE = {
    Fault.LOSE: UNDONE,
    Fault.STALL: UNDONE,
    Fault.DROP: UNDONE,
    Fault.LATE: UNDONE,
    Fault.GARBAGE: UNDONE,
    Fault.WRONG_STAN: UNDONE,
    Fault.WRONG_TERMINAL: UNDONE,
    Fault.WRONG_AMOUNT: UNDONE,
    Fault.DUPLICATE: DONE,
}
# And at a biller, which can be asked what became of it.
AT_THE_BILLER = {
    Fault.LOSE: UNDONE,
    Fault.STALL: UNDONE,
    Fault.DROP: DONE,
    Fault.LATE: DONE,
    Fault.GARBAGE: DONE,
    Fault.WRONG_STAN: DONE,
    Fault.WRONG_TERMINAL: DONE,
    Fault.WRONG_AMOUNT: DONE,
    Fault.DUPLICATE: DONE,
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    directory = tmp_path_factory.mktemp("town")
    town = Town(directory, directory)
    try:
        town.start()
        yield town
    finally:
        assert town.stop() == 0


def biller(town: Town) -> Host:
    return town.hosts.by_name[BILLER_PEER]


async def refused_at_once(ask: Callable[[int], Awaitable[str]]) -> None:
    """Three in a row, each without a wait; the very first may meet a line that only then turns out to be cut."""
    with trio.fail_after(10):
        while await ask(400) != UNDONE:  # noqa: ASYNC110 - asked again
            await trio.sleep(0.02)
    for number in range(3):
        began = time.perf_counter()
        assert await ask(401 + number) == UNDONE
        assert time.perf_counter() - began < AT_ONCE_S


async def all_at_once(visitors: Visitors, host: Host, faults: dict[Fault, str], *, bills: bool) -> dict[Fault, str]:
    """One payment for each fault, side by side; the final answers."""
    heard: dict[Fault, str] = {}

    async def one(number: int, fault: Fault) -> None:
        host.told.faults[visitors.terminal(number)] = fault
        heard[fault] = await (visitors.pay(number) if bills else visitors.transfer(number))

    async with trio.open_nursery() as nursery:
        for number, fault in enumerate(faults, 100):
            nursery.start_soon(one, number, fault)
    host.told.faults.clear()
    return heard


async def test_whatever_the_core_does_with_a_question_only_its_clear_answer_moves_money(town: Town) -> None:
    async with town.visited() as visitors:
        assert await all_at_once(visitors, town.hosts.core, AT_THE_CORE, bills=False) == AT_THE_CORE
        assert await visitors.transfer(1) == DONE


async def test_whatever_a_biller_does_with_a_payment_it_is_found_out_and_paid_once_or_not(town: Town) -> None:
    async with town.visited() as visitors:
        assert await all_at_once(visitors, biller(town), AT_THE_BILLER, bills=True) == AT_THE_BILLER
        assert await visitors.pay(1) == DONE


@pytest.mark.parametrize("who", ["core", BILLER_PEER])
async def test_a_connection_that_ends_instead_of_the_answer_loses_nothing(town: Town, who: str) -> None:
    async with town.visited() as visitors:
        host = town.hosts.by_name[who]
        host.told.faults[visitors.terminal(200)] = Fault.DISCONNECT
        assert await visitors.pay(200) in (DONE, UNDONE)
        host.told.faults.clear()
        await visitors.until_open()
        assert await visitors.pay(201) == DONE


@pytest.mark.alone
async def test_a_slow_core_and_a_slow_biller_are_waited_for(town: Town) -> None:
    async with town.visited() as visitors:
        town.hosts.core.told.waits_s[visitors.terminal(300)] = 0.7 * CORE_TIMEOUT_S
        biller(town).told.waits_s[visitors.terminal(300)] = 0.7 * BILLER_TIMEOUT_S
        assert await visitors.pay(300) == DONE


@pytest.mark.parametrize("door", [Door.CLOSED, Door.DEAF])
@pytest.mark.alone
async def test_while_the_core_is_away_money_is_refused_at_once_and_afterwards_taken_again(
    town: Town, door: Door
) -> None:
    """The breaker: nobody queues behind a peer that is not there, and nobody restarts the switch."""
    async with town.visited() as visitors:
        town.hosts.set_door(town.hosts.core, door)
        await refused_at_once(partial(visitors.transfer, once=True))
        town.hosts.set_door(town.hosts.core, Door.OPEN)
        await visitors.until_open()
        assert await visitors.transfer(401) == DONE


@pytest.mark.parametrize("door", [Door.CLOSED, Door.DEAF])
@pytest.mark.alone
async def test_while_a_biller_is_away_its_bills_are_refused_at_once_and_all_else_goes_on(
    town: Town, door: Door
) -> None:
    async with town.visited() as visitors:
        host = biller(town)
        town.hosts.set_door(host, door)
        asked = host.told.asked.total()
        await refused_at_once(lambda number: visitors.bills())
        assert await visitors.transfer(501) == DONE
        assert host.told.asked.total() == asked
        town.hosts.set_door(host, Door.OPEN)
        await visitors.until_open()
        assert await visitors.pay(502) == DONE
