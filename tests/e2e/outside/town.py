"""A real switch with its ledger, and around it a world in which a test makes things go wrong.

Rule: the switch runs as it ships, with short times; every promise is checked from outside: by what the channels heard,
and by everybody's books once all is quiet.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import trio

from config.choices import Channel as ChannelKind
from config.settings import Settings, demo_path, load, without_tls
from ledger.reader import open_reader
from ledger.verify import verify
from simulators.channels.channel import Channel
from simulators.channels.errands import PayBill
from simulators.channels.gateways import Gateway
from simulators.channels.mobile_gateway import Session
from simulators.channels.questions import Patience, persist
from simulators.channels.subscriber_requests import SubscriberRequest
from simulators.channels.traffic import reserved
from simulators.demo.agreement import look
from simulators.demo.children import Child, start
from simulators.demo.installation import barada, last_words
from simulators.keys import keys_of
from simulators.options import people_today
from simulators.people.population import Customer, customer_number
from simulators.provision import provide_keys
from switch.wire.message import Message
from tests.e2e.kills.bank import children_of
from tests.e2e.kills.judge import findings, told
from tests.e2e.kills.witness import WatchedEnvelope, Witness
from tests.e2e.outside.hosts import Hosts
from tests.e2e.ports import free_ports

SEED, CUSTOMERS = 7, 130
PATIENCE = Patience(answer_within_s=3.0, first_repeat_after_s=0.2, repeat_after_max_s=4.0)
CORE_TIMEOUT_S, BILLER_TIMEOUT_S = 0.8, 0.5
LATE_S = 1.0  # beyond either
QUIET_WITHIN_S = 20.0
OPEN = "next_at IS NOT NULL"
BILLER, BILLER_PEER = "MOBILE1", "telecom"  # its bills never run out

SHORT: dict[str, object] = {
    "switch.answer_within_s": 2,
    "switch.retry_first_s": 0.2,
    "switch.retry_most_s": 0.5,
    "peers.core.timeout_s": CORE_TIMEOUT_S,
    "peers.core.echo_after_s": 1,
    "peers.core.skew_s": 0.5,
}


class Town:
    """`directory` has the books of core and billers, `books` those of the switch: they may be on another disk."""

    def __init__(self, directory: Path, books: Path) -> None:
        demo = load(demo_path())
        keys = [f"listeners.{name}.port" for name in demo.listeners] + [f"peers.{name}.port" for name in demo.peers]
        billers = {f"peers.{name}.timeout_s": BILLER_TIMEOUT_S for name in demo.peers if name != "core"}
        self.overrides: dict[str, object] = {
            **SHORT,
            **without_tls(demo),
            **billers,
            **dict(zip(keys, free_ports(len(keys)), strict=True)),
            **provide_keys(demo, directory),
            "ledger.database": str(books / "ledger.db"),
            "ledger.socket": str(directory / "ledger.sock"),
        }
        self.directory = directory
        self.settings: Settings = load(demo_path(), self.overrides)
        self.population = people_today(self.settings, keys_of(self.settings), SEED, CUSTOMERS)
        self.hosts = Hosts(self.settings, self.population, directory, LATE_S)
        self.switch: Child | None = None

    @property
    def ledger(self) -> Path:
        return Path(self.settings.ledger.database)

    def start(self) -> None:
        self.hosts.start()
        self.switch = start("switch", barada("run", "--json", overrides=self.overrides), self.directory, talks=True)
        assert self.switch.process.stdout is not None
        assert b"serving" in self.switch.process.stdout.readline(), last_words(self.switch)

    def stop(self) -> int:
        """The switch's exit status."""
        try:
            return self._end(self.switch.process) if self.switch is not None else 0
        finally:
            self.hosts.stop()

    def _end(self, process: subprocess.Popen[bytes]) -> int:
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(20)
        finally:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    @property
    def ledger_pid(self) -> int:
        """The switch's one child. IndexError: it was killed a moment ago."""
        assert self.switch is not None
        return children_of(self.switch.pid)[0]

    def kill_ledger(self) -> None:
        """By a descriptor of the switch's child, so that nobody else can be hit."""
        ledger = os.pidfd_open(self.ledger_pid)
        signal.pidfd_send_signal(ledger, signal.SIGKILL)
        os.close(ledger)

    def payments(self, which: str = "true") -> int:
        with closing(open_reader(self.ledger)) as books:
            count: int = books.execute(f"SELECT count(*) FROM payments WHERE {which}").fetchone()[0]
            return count

    @asynccontextmanager
    async def visited(self) -> AsyncIterator[Visitors]:
        """People at a mobile gateway; afterwards all must be final, and everybody's books and beliefs agree."""
        witness = Witness()
        listener = next(one for one in self.settings.listeners.values() if one.channel is ChannelKind.MOBILE)
        gateway = Gateway(
            self.settings, listener, keys_of(self.settings), time.time_ns() % 1_000_000, patience=PATIENCE
        )
        gateway.envelope = WatchedEnvelope(gateway.envelope, witness)
        async with gateway.connected(2) as channel:
            visitors = Visitors(self, gateway, channel, witness)
            await visitors.until_open()
            yield visitors
        await self.settle()
        found = findings(witness, self.ledger)
        assert not found, told(found, [], self.directory)
        agreement = look(self.settings, self.directory, self.population, keys_of(self.settings))
        assert agreement.holds, (agreement.problems(), agreement.differences)
        assert verify(self.ledger).clean

    async def settle(self) -> None:
        with trio.fail_after(QUIET_WITHIN_S):
            while self.payments(OPEN):  # noqa: ASYNC110 - nothing tells us of another process's commits
                await trio.sleep(0.05)


class Visitors:
    """People who pay, each at a terminal of their own (field 41): a test names what goes wrong there."""

    def __init__(self, town: Town, gateway: Gateway, channel: Channel, witness: Witness) -> None:
        self._town = town
        self._witness = witness
        self._gateway = gateway
        self._channel = channel
        self._people = iter([one for one in reserved(town.population) if one.activated] * 100)

    def heard(self, code: str) -> int:
        """How many answers to requests for money said so."""
        return sum(said == code for case in self._witness.cases.values() for _, said in case.heard)

    def terminal(self, number: int) -> str:
        return self._gateway.terminal(number).number

    async def transfer(self, number: int, *, once: bool = False) -> str:
        """The final answer's code; with `once` the first answer's, whatever it says."""
        request, person = self._request(number)
        other = self._town.population.ordinary[0].accounts[0].number
        return await self._code(request.transfer(person.accounts[0], other, 1_000 + number, own=False), once)

    async def pay(self, number: int, *, once: bool = False) -> str:
        """Likewise a bill."""
        request, person = self._request(number)
        account, customer = person.accounts[0], customer_number(BILLER, person.index)
        gateway = self._gateway
        session = Session(self._channel, request.terminal, person.subscriber, gateway.pinpad, gateway.tally)
        bill = await session.find_bill(PayBill(account, BILLER, customer, ""))
        assert bill is not None
        payment = request.bill_payment(account, BILLER, customer, bill.bill_id, bill.amount_minor)
        return await self._code(payment, once)

    async def balance(self) -> str:
        request, person = self._request(0)
        return await self._code(request.balance(person.accounts[0]), True)

    async def bills(self) -> str:
        request, person = self._request(0)
        return await self._code(request.bill_inquiry(BILLER, customer_number(BILLER, person.index)), True)

    async def until_open(self) -> None:
        """Until the switch reaches the core and the biller."""
        with trio.fail_after(QUIET_WITHIN_S):
            while await self.balance() == "91" or await self.bills() == "91":  # noqa: ASYNC110 - asked again
                await trio.sleep(0.02)

    def _request(self, number: int) -> tuple[SubscriberRequest, Customer]:
        person = next(self._people)
        return SubscriberRequest(self._gateway.terminal(number), self._channel.stamp(), person.subscriber), person

    async def _code(self, fields: dict[str, str], once: bool) -> str:
        answer = await persist(self._channel, fields, _any if once else _final)
        return (answer.response_code if answer is not None else None) or "silent"


def _any(answer: Message | None) -> bool:
    return True


def _final(answer: Message | None) -> bool:
    return answer is not None and answer.response_code != "09"
