"""Continuous traffic through a mobile gateway, the website and cash machines, each behaving as a real one does.

Rule: the channels are the simulators' own: they time out, repeat, reverse and connect again by themselves. What is
added here is only that they stop between two errands when they are told to, and that a witness looks on.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import trio

from config.choices import Channel as ChannelKind
from config.settings import Settings
from simulators.channels.atm import Atm
from simulators.channels.channel import Channel
from simulators.channels.errands import CardErrand, ChangePin, MobileErrand, Visit
from simulators.channels.gateways import Gateway
from simulators.channels.mobile_gateway import Session
from simulators.channels.questions import Patience
from simulators.channels.traffic import plan
from simulators.keys import keys_of
from simulators.people.population import Population
from tests.e2e.kills.witness import WatchedEnvelope, Witness

PATIENCE = Patience(answer_within_s=4.0, first_repeat_after_s=0.3, repeat_after_max_s=10.0)
PLACES = {ChannelKind.MOBILE: 8, ChannelKind.WEB: 4, ChannelKind.ATM: 8}
PAUSE_S = 0.04  # between two errands of one place, on the average
PAYMENTS = 20_000  # more than any run gets through
ENDS_WITHIN_S = 40.0

ErrandT = TypeVar("ErrandT", CardErrand, MobileErrand)


class Load:
    """The channels at work, from `running` until it ends."""

    def __init__(self, settings: Settings, population: Population, seed: int, witness: Witness) -> None:
        today = datetime.now(ZoneInfo(settings.switch.timezone)).date()
        self._settings = settings
        self._plan = plan(population, seed, PAYMENTS, today)
        self._seed = seed
        self._witness = witness
        self._stopping = False
        self._random = random.Random(f"{seed}:pauses")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Traffic until the body ends; then every errand that was begun is seen through."""
        async with trio.open_nursery() as nursery:
            for kind in PLACES:
                await nursery.start(self._serve, kind)
            yield
            self._stopping = True
            nursery.cancel_scope.deadline = trio.current_time() + ENDS_WITHIN_S
        assert not nursery.cancel_scope.cancelled_caught, "channels that never came to an end"

    async def _serve(self, kind: ChannelKind, *, task_status: trio.TaskStatus[None]) -> None:
        listener = next(one for one in self._settings.listeners.values() if one.channel is kind)
        gateway = Gateway(self._settings, listener, keys_of(self._settings), self._seed, patience=PATIENCE)
        gateway.envelope = WatchedEnvelope(gateway.envelope, self._witness)
        async with gateway.connected() as channel:
            task_status.started()
            async with trio.open_nursery() as nursery:
                if kind is ChannelKind.ATM:
                    for number, cards in enumerate(_dealt(self._plan.atm, PLACES[kind]), 1):
                        nursery.start_soon(self._machine, gateway, channel, number, cards)
                else:
                    visits = self._plan.web if kind is ChannelKind.WEB else self._plan.mobile
                    for number, people in enumerate(_dealt(visits, PLACES[kind]), 1):
                        nursery.start_soon(self._sessions, gateway, channel, number, people)

    async def _sessions(
        self, gateway: Gateway, channel: Channel, number: int, visits: Sequence[Visit[MobileErrand]]
    ) -> None:
        async for visit in self._errands(visits):
            session = Session(
                channel, gateway.terminal(number), visit.customer.subscriber, gateway.pinpad, gateway.tally
            )
            await session.serve(visit)

    async def _machine(
        self, gateway: Gateway, channel: Channel, number: int, visits: Sequence[Visit[CardErrand]]
    ) -> None:
        machine = Atm(channel, gateway.terminal(number), gateway.pinpad, gateway.tally)
        async for visit in self._errands(visits):
            await machine.serve(visit)

    async def _errands(self, visits: Sequence[Visit[ErrandT]]) -> AsyncIterator[Visit[ErrandT]]:
        """Visits of one errand each, with a pause before each, until there is to be an end."""
        for visit in _one_by_one(visits):
            await trio.sleep(self._random.expovariate(1 / PAUSE_S))
            if self._stopping:
                return
            yield visit


def _dealt(visits: Sequence[Visit[ErrandT]], places: int) -> list[Sequence[Visit[ErrandT]]]:
    """To each place every so-manieth visitor."""
    return [visits[first::places] for first in range(places)]


def _one_by_one(visits: Sequence[Visit[ErrandT]]) -> Iterator[Visit[ErrandT]]:
    """A PIN that is changed would have to be remembered from one visit to the next: nobody changes one here."""
    for visit in visits:
        for errand in visit.errands:
            if not isinstance(errand, ChangePin):
                yield Visit(visit.customer, (errand,))
