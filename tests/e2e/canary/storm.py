"""Errands and accidents together, in an order drawn from a seed: what is asked hears what it may, or nothing.

Rule: as elsewhere every request carries all the secrets that it can. Nobody looks at the answers: a storm is for what
is left behind by those that were cut short.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack

import trio

from tests.e2e.canary import harm
from tests.e2e.canary.bank import BILLERS, CORE, SWITCH, Bank
from tests.e2e.canary.desk import Desk, Fields, desk
from tests.e2e.canary.person import ACCOUNTS, CODE, PAN, PIN, WRONG_PIN
from tests.e2e.canary.watch import Canary

FAULTS = "drop=0.05,late=0.05,late_s=0.5,duplicate=0.05,garbage=0.05,disconnect=0.03,wrong_stan=0.03,decline=0.05"
BY_CARD, BY_SUBSCRIBER = ("atm",), ("mobile", "web", "mobile-bcd", "mobile-ebcdic")
BETWEEN_S = 0.3, 1.2
LOOK_EVERY = 4
ENDINGS = (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM)
WRONG = 0.05  # of the PINs at one errand: more would close the card for the rest of the storm
CURRENT, SAVINGS = ACCOUNTS


async def storm(canary: Canary, seed: int, accidents: int) -> None:
    """So many accidents while everybody asks."""
    rng = random.Random(f"{seed}:storm")
    names = (*BY_CARD, *BY_SUBSCRIBER)
    async with AsyncExitStack() as stack:
        desks = [await stack.enter_async_context(desk(canary.bank.settings, name, canary.card)) for name in names]
        async with trio.open_nursery() as nursery:
            for at in desks:
                nursery.start_soon(_ask_on, at, random.Random(f"{seed}:{at.gateway.listener.name}"))
            await _accidents(canary, rng, accidents)
            nursery.cancel_scope.cancel()


async def _accidents(canary: Canary, rng: random.Random, count: int) -> None:
    for number in range(count):
        await trio.sleep(rng.uniform(*BETWEEN_S))
        await _accident(canary.bank, rng)
        canary.note_secrets()
        if number % LOOK_EVERY == 0:  # what is written stays, but for what a write-ahead log writes over
            canary.look(f"after accident {number}")


async def _ask_on(at: Desk, rng: random.Random) -> None:
    errands = _by_card if at.gateway.listener.name in BY_CARD else _by_subscriber
    last: Fields | None = None
    while True:
        fields = errands(at, rng, last)
        last = fields if fields["t"] == "0200" else None
        if rng.random() < 0.2:
            await at.spoil(fields, rng.choice(list(harm.SPOILS.values())))
        else:
            await at.ask(fields)
        if rng.random() < 0.05:
            await at.ask_for_keys()


def _by_card(at: Desk, rng: random.Random, last: Fields | None) -> Fields:
    choices: list[Callable[[], Fields]] = [
        lambda: at.by_card(PIN).withdrawal(CURRENT.kind, 10_000),
        lambda: at.by_card(PIN).balance(),
        lambda: at.by_card(WRONG_PIN if rng.random() < WRONG else PIN).mini_statement(),
        lambda: at.by_card(PIN).pin_change(at.block(PIN)),
        lambda: {**at.by_card(PIN).withdrawal(CURRENT.kind, 10_000), "102": PAN},
    ]
    if last is not None and "4" in last:
        choices += [lambda: {**last, "t": "0201"}, lambda: at.undo(last), lambda: at.undo(last, stands_minor=5_000)]
    return at.with_all(rng.choice(choices)())


def _by_subscriber(at: Desk, rng: random.Random, last: Fields | None) -> Fields:
    new = at.by_subscriber
    choices: list[Callable[[], Fields]] = [
        lambda: new().activation(CURRENT, at.gateway.pinpad.code_block(CODE)),
        lambda: new().balance(CURRENT),
        lambda: new().transfer(CURRENT, SAVINGS.number, 1_000, own=True),
        lambda: new().transfer(CURRENT, PAN, 1_000, own=False),
        lambda: new().bill_payment(CURRENT, "ELEC", "1", "1", 1_000),
        lambda: {**new().balance(CURRENT), "2": PAN},
    ]
    if last is not None and "4" in last:
        choices += [lambda: {**last, "t": "0201"}, lambda: at.undo(last)]
    return at.with_all(rng.choice(choices)())


async def _accident(running: Bank, rng: random.Random) -> None:
    victim = rng.choice((SWITCH, CORE, BILLERS, "ledger", "silence", "disk"))
    if victim == "ledger":
        await running.kill_ledger()
    elif victim == "silence":
        async with running.silent(rng.choice((CORE, BILLERS))):
            await trio.sleep(1.0)
    elif victim == "disk":
        async with running.full_disk():
            await trio.sleep(0.5)
    else:
        await running.kill(victim, rng.choice(ENDINGS))
        await running.start(victim)
