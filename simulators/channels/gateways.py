"""A gateway, the website or the bank's machines at work: a plan's visits carried out through one listener.

Rule: many visitors at once over few connections, and no pause that a real channel would not make. What became of every
request is in the tally; progress is told as it happens, so that whoever watches needs no other look.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

import trio

from config.fleet import load_fleet
from config.settings import Channel as ChannelKind
from config.settings import ListenerSettings, Settings
from simulators.channels import atm, mobile_gateway, website
from simulators.channels.atm import Atm
from simulators.channels.channel import Channel
from simulators.channels.day_book import DayBook, Judgement, reconcile
from simulators.channels.device import Tags
from simulators.channels.errands import CardErrand, MobileErrand, Visit
from simulators.channels.mobile_gateway import Session
from simulators.channels.pinpad import PinPad
from simulators.channels.questions import Patience
from simulators.channels.tally import Tally
from simulators.channels.terminal import Terminal
from simulators.channels.traffic import Plan
from simulators.fleet.morning import Morning, morning_of
from simulators.keys import KeyCase
from simulators.secure import channel_tls
from switch.wire.dialect import dialect_named
from switch.wire.framing import framing_named

CONNECTIONS = 4
VISITORS_AT_ONCE = 48
TELL_EVERY_S = 0.05
TERMINALS = {
    ChannelKind.MOBILE: mobile_gateway.terminal,
    ChannelKind.WEB: website.terminal,
    ChannelKind.ATM: atm.terminal,
}

Progress = Callable[[Tally], None]
Wait = Callable[[], Awaitable[None]]
VisitT = TypeVar("VisitT")


@dataclass
class Gateway:
    """One channel of the configuration: its listener's far end."""

    settings: Settings
    listener: ListenerSettings
    keys: KeyCase
    seed: int = 0
    tally: Tally = field(default_factory=Tally)
    counts: Counter[str] = field(default_factory=Counter)  # what went wrong on the wire
    patience: Patience = Patience()  # noqa: RUF009 - frozen
    book: DayBook = field(default_factory=DayBook)  # its own count of each day

    def __post_init__(self) -> None:
        dialect = dialect_named(self.listener.dialect, self.listener.charset)
        self.envelope = self.keys.envelope(self.listener, dialect)
        assert self.listener.pin is not None, f"listeners.{self.listener.name}.pin: needed to be a customer's channel"
        self._channel: Channel | None = None
        self.pinpad = PinPad(self.keys.pins(self.listener.pin), self.seed)

    async def reconcile(self, day: str) -> Judgement:
        """Tell the switch this channel's totals of a business day (MMDD), while it is connected."""
        channel = self._channel
        if channel is None:
            raise RuntimeError("a channel that is not connected can't reconcile")
        ours = self.settings.switch
        institution = ours.forwarder or ours.bank_prefixes[0]
        return await reconcile(channel, channel.stamp(), channel.terminal, institution, day, self.book.figures(day))

    def terminal(self, number: int) -> Terminal:
        terminal_of = TERMINALS[self.listener.channel]
        return terminal_of(self.listener, number, self.settings.switch.currency)

    @asynccontextmanager
    async def connected(self, connections: int = CONNECTIONS) -> AsyncIterator[Channel]:
        """Its channel, signed on; signed off afterwards."""
        channel = Channel(
            (self.listener.host, self.listener.port),
            self.envelope,
            framing_named(self.listener.framing, self.listener.frame_size_max),
            self.terminal(0),
            ZoneInfo(self.settings.switch.timezone),
            connections=connections,
            seed=self.seed,
            patience=self.patience,
            keys=self.keys.exchange(self.listener),
            tls=channel_tls(self.settings, self.listener),
            book=self.book,
        )
        async with trio.open_nursery() as nursery:
            await nursery.start(channel.run)
            self._channel = channel
            yield channel
            self._channel = None
            await channel.sign_off()
            self.counts.update(channel.counts)
            nursery.cancel_scope.cancel()

    async def serve(
        self, plan: Plan, progress: Progress, at_once: int = VISITORS_AT_ONCE, until: Wait | None = None
    ) -> None:
        """Carry out this channel's visits, `at_once` of them side by side, each place with a terminal of its own; then
        stay signed on `until` that has been waited for."""
        async with self.connected() as channel, trio.open_nursery() as nursery:
            nursery.start_soon(self._tell, progress)
            if self.listener.channel is ChannelKind.ATM:
                morning = self._morning()
                await self._begin(channel, morning)
                machine = partial(self._machine, morning)
                await side_by_side(machine, channel, plan.atm, min(at_once, len(morning.working)))
            else:
                visits = plan.web if self.listener.channel is ChannelKind.WEB else plan.mobile
                await side_by_side(self._sessions, channel, visits, at_once)
            if until is not None:
                await until()
            nursery.cancel_scope.cancel()
        progress(self.tally)

    def _morning(self) -> Morning:
        register = self.settings.fleet.register
        fleet = load_fleet(register) if register is not None else None
        return morning_of(fleet, self.listener, self.settings.switch.currency, self.seed)

    async def _begin(self, channel: Channel, morning: Morning) -> None:
        """Every machine that can says how it is, before the first customer."""
        async with trio.open_nursery() as nursery:
            for number, device in morning.devices.items():
                nursery.start_soon(self._report, channel, number, (device.told(),))
            for number, told in morning.reports.items():
                nursery.start_soon(self._report, channel, number, told)

    async def _report(self, channel: Channel, number: int, reports: Sequence[Tags]) -> None:
        machine = Atm(channel, self.terminal(number), self.pinpad, self.tally)
        for tags in reports:
            await machine.report(tags)

    async def _machine(
        self, morning: Morning, channel: Channel, place: int, visits: Iterator[Visit[CardErrand]]
    ) -> None:
        number = morning.working[place - 1]
        machine = Atm(channel, self.terminal(number), self.pinpad, self.tally, morning.devices.get(number))
        for visit in visits:
            await machine.serve(visit)

    async def _sessions(self, channel: Channel, number: int, visits: Iterator[Visit[MobileErrand]]) -> None:
        terminal = self.terminal(number)
        for visit in visits:
            session = Session(channel, terminal, visit.customer.subscriber, self.pinpad, self.tally)
            await session.serve(visit)

    async def _tell(self, progress: Progress) -> None:
        while True:
            await trio.sleep(TELL_EVERY_S)
            progress(self.tally)


Place = Callable[[Channel, int, Iterator[VisitT]], Awaitable[None]]


async def side_by_side(place: Place[VisitT], channel: Channel, visits: Sequence[VisitT], at_once: int) -> None:
    """Places 1 to `at_once`; each takes the next visitor when it has served one."""
    waiting = iter(visits)
    async with trio.open_nursery() as nursery:
        for number in range(1, min(at_once, len(visits)) + 1):
            nursery.start_soon(place, channel, number, waiting)
