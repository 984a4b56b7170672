"""The demo: a whole bank as real processes, a day's traffic through it, and three sets of books compared.

Rule: it does nothing that a bank's own people could not do from outside. It ends with 0 only if every request got its
answer, every service worked, every key that was to change did, the ledger balances, and nobody's books differ in any
account.
"""

import json
import shutil
import tempfile
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import click
import trio

from config.settings import Channel, demo_path
from simulators.channels.errands import Service
from simulators.channels.tally import Tally
from simulators.channels.traffic import customers_for
from simulators.day_files import Faults
from simulators.demo import show
from simulators.demo.agreement import Agreement, business_day, look_when_quiet
from simulators.demo.card import card_of
from simulators.demo.children import Child, ChildError, start
from simulators.demo.day_end import DayEnd, end_day
from simulators.demo.installation import Installation, barada, installed, last_words
from simulators.demo.key_changes import KeyChanges, change_all
from simulators.demo.opening import wait_until_open
from simulators.interruption import Interruption
from simulators.options import people_today
from simulators.people.population import Population

INTERRUPTED = 130
NOTHING = {"approved": 0}


@dataclass(frozen=True)
class DemoOptions:
    payments: int
    seed: int
    as_json: bool = False
    stay: bool = False
    keep: Path | None = None
    plain: bool = False
    hsm: bool = False
    workers: int = 1
    faults: Faults = field(default_factory=dict)  # in the peers' end-of-day files


@dataclass
class Traffic:
    """What the channels' processes told about theirs, and what it cost the switch."""

    tally: Tally = field(default_factory=Tally)
    began: float = float("inf")
    ended: float = 0.0
    cpu_us: dict[str, int] = field(default_factory=dict)
    keys: KeyChanges = field(default_factory=KeyChanges)

    @property
    def elapsed_s(self) -> float:
        return max(self.ended - self.began, 0.001)

    def add(self, done: dict[str, Any]) -> None:
        """The last words of a channel's process."""
        self.tally.merge(done["done"])
        self.began = min(self.began, done["began"])
        self.ended = max(self.ended, done["ended"])


def run_demo(options: DemoOptions) -> int:
    """Run it; the exit status. Files go to `options.keep`, or away."""
    directory = options.keep or Path(tempfile.mkdtemp(prefix="barada-"))
    directory.mkdir(parents=True, exist_ok=True)
    try:
        return trio.run(play, options, directory.resolve())
    finally:
        if options.keep is None:
            shutil.rmtree(directory, ignore_errors=True)


async def play(options: DemoOptions, directory: Path) -> int:
    """Everything from the first process to the last; the exit status."""
    status, interruption = INTERRUPTED, Interruption()
    customers = customers_for(options.payments)
    people = "--seed", str(options.seed), "--customers", str(customers)
    how = {"plain": options.plain, "hsm": options.hsm}
    place = installed(demo_path(), directory, people, **how, workers=options.workers)
    async with interruption.heeded(), place as installation:
        population = people_today(installation.settings, installation.keys(), options.seed, customers)
        with show.watched(options.payments) as watch:
            await wait_until_open(installation.settings, population, installation.keys())
            watch.say("Paying")
            traffic = await drive(installation, options.payments, people, watch)
            watch.say("Comparing the books")
            agreement = await look_when_quiet(installation.settings, directory, population, installation.keys())
            watch.say("Settling the day")
            day_end = settle_day(options, installation, directory)
            watch.say("Done")
        problems = problems_of(traffic, agreement) + day_end.problems()
        status = 1 if problems else 0
        tell(options, traffic, agreement, day_end, problems)
        if options.stay:
            await stay(options, installation, population, interruption)
    return status


async def drive(installation: Installation, payments: int, people: tuple[str, ...], watch: show.Watch) -> Traffic:
    """A process for each channel, each with its part of the traffic; new keys for everybody at half of it."""
    traffic, course = Traffic(), Course(payments, watch)
    before = installation.cpu_us()
    async with trio.open_nursery() as nursery:
        for channel in Channel:
            options = ("--config", str(installation.config), "--payments", str(payments), "--json", "--stay", *people)
            command = barada("simulator", channel.value, *options, overrides=installation.overrides)
            child = start(channel.value, command, installation.directory, talks=True)
            course.begins(child.name, child.hang_up)
            nursery.start_soon(follow, child, traffic, course)
        await course.halfway.wait()
        traffic.keys = await change_all(installation.settings)
        await course.through.wait()
        course.end()
    traffic.cpu_us = {name: used - before[name] for name, used in installation.cpu_us().items()}
    return traffic


class Paying(Protocol):
    """Who is told how much was paid."""

    def paid(self, payments: int) -> None: ...


class Course:
    """How far the channels are. All of them stay signed on until `end`, so that each can be brought its keys."""

    def __init__(self, payments: int, watch: Paying) -> None:
        self.halfway, self.through = trio.Event(), trio.Event()
        self._payments = payments
        self._watch = watch
        self._ends: dict[str, Callable[[], None]] = {}
        self._tallies: dict[str, Tally] = {}
        self._through: set[str] = set()

    def begins(self, name: str, end: Callable[[], None]) -> None:
        self._ends[name] = end

    def hear(self, name: str, tally: Tally, *, through: bool) -> None:
        """What a channel has made so far; none is told of before it is signed on."""
        self._tallies[name] = tally
        self._through |= {name} if through else set()
        paid = sum(one.payments for one in self._tallies.values())
        self._watch.paid(paid)
        if len(self._through) == len(self._ends):
            self.through.set()
        if len(self._tallies) == len(self._ends) and (2 * paid >= self._payments or self.through.is_set()):
            self.halfway.set()

    def end(self) -> None:
        for end in self._ends.values():
            end()


async def follow(child: Child, traffic: Traffic, course: Course) -> None:
    """Hear a channel's process out."""
    try:
        async with aclosing(child.lines()) as lines:
            async for line in lines:
                told = json.loads(line)
                if "done" in told:
                    traffic.add(told)
                else:
                    course.hear(child.name, Tally.of(told["tally"]), through="through" in told)
        status = await child.wait()
    finally:
        await child.stop()
    if status:
        raise ChildError(f"{child.name} ended with {status}: {last_words(child)}")


def settle_day(options: DemoOptions, installation: Installation, directory: Path) -> DayEnd:
    """Three-way reconciliation of the business day, with what is planted in the files."""
    settings = installation.settings
    today = f"{datetime.now(ZoneInfo(settings.switch.timezone)):%Y%m%d}"
    return end_day(settings, directory, business_day(settings), (today,), options.faults, options.seed)


def problems_of(traffic: Traffic, agreement: Agreement) -> list[str]:
    """Why the demo must not end well: each in words."""
    report, unanswered = traffic.tally.report(), traffic.tally.unanswered
    found = [f"nothing approved: {name.value}" for name in Service if not report.get(name, NOTHING)["approved"]]
    if unanswered:
        found.append(f"requests without a final answer: {unanswered}")
    return found + traffic.keys.problems() + agreement.problems()


def summary_of(traffic: Traffic, agreement: Agreement, day_end: DayEnd, problems: list[str]) -> dict[str, Any]:
    """What `--json` prints."""
    tally = traffic.tally
    cpu = {name: round(used / max(tally.payments, 1), 1) for name, used in traffic.cpu_us.items()}
    return {
        "services": tally.report(),
        "approved": tally.approved,
        "declined": tally.declined,
        "unanswered": tally.unanswered,
        "payments": tally.payments,
        "key_changes": len(traffic.keys.made),
        "elapsed_s": round(traffic.elapsed_s, 3),
        "payments_per_s": round(tally.payments / traffic.elapsed_s, 1),
        "cpu_us_per_payment": cpu,
        "payment_states": dict(agreement.payments),
        "open_payments": agreement.open_payments,
        "trial_balance": agreement.trial_balance(),
        "reconciliation": agreement.reconciliation(),
        "settlement": day_end.summary(),
        "agreed": agreement.holds,
        "problems": problems,
    }


def tell(options: DemoOptions, traffic: Traffic, agreement: Agreement, day_end: DayEnd, problems: list[str]) -> None:
    summary = summary_of(traffic, agreement, day_end, problems)
    if options.as_json:
        click.echo(json.dumps(summary))
        return
    show.outcome_table(traffic.tally)
    show.books_tables(summary)
    show.settlement_line(summary)
    show.figures(summary)
    show.verdict(problems)


async def stay(
    options: DemoOptions, installation: Installation, population: Population, interruption: Interruption
) -> None:
    """Print how to connect and who there is; wait to be told to end."""
    day = business_day(installation.settings)
    card = card_of(installation.settings, population, day, installation.keys())
    click.echo(json.dumps(card, ensure_ascii=False, indent=None if options.as_json else 2))
    await interruption.wait()
