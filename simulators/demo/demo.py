"""The demo: a whole bank as real processes, two business days of traffic through it, and all books compared.

Rule: it does nothing that a bank's own people could not do from outside. It ends with 0 only if every request got its
answer, every service worked, every key that was to change did, the ledger balances, nobody's books differ in any
account, and both days closed with everybody's totals and files in agreement: but for what was planted (`--faults`),
which must be found.
"""

import json
import shutil
import tempfile
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import trio

from config.settings import Channel, demo_path, load
from simulators.channels.errands import Service
from simulators.channels.tally import Tally
from simulators.channels.traffic import customers_for
from simulators.demo import show
from simulators.demo.agreement import Agreement, business_day, look_when_quiet, quiet
from simulators.demo.card import card_of
from simulators.demo.children import Child, ChildError, start
from simulators.demo.course import Course
from simulators.demo.days import MISCOUNTING_BILLER, MISCOUNTING_CHANNEL, Days, cut_over, end_days
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
    faults: bool = False


@dataclass
class Traffic:
    """What the channels' processes told about theirs, and what it cost the switch."""

    tally: Tally = field(default_factory=Tally)
    began: float = float("inf")
    ended: float = 0.0
    cpu_us: dict[str, int] = field(default_factory=dict)
    keys: KeyChanges = field(default_factory=KeyChanges)
    days: Days = field(default_factory=Days)

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
    miscounting = load(demo_path()).billers[MISCOUNTING_BILLER].peer if options.faults else None
    place = installed(
        demo_path(),
        directory,
        people,
        plain=options.plain,
        hsm=options.hsm,
        workers=options.workers,
        miscounting=miscounting,
    )
    async with interruption.heeded(), place as installation:
        population = people_today(installation.settings, installation.keys(), options.seed, customers)
        with show.watched(options.payments) as watch:
            await wait_until_open(installation.settings, population, installation.keys())
            watch.say("Paying")
            traffic = await drive(installation, options, people, watch, miscounting)
            watch.say("Comparing the books")
            agreement = await look_when_quiet(installation.settings, directory, population, installation.keys())
            watch.say("Done")
        problems = problems_of(traffic, agreement)
        status = 1 if problems else 0
        tell(options, traffic, agreement, problems)
        if options.keep is not None:
            click.echo(
                f"Kept in {directory}: reports/, files/, logs and books; look in with {beside(installation)}", err=True
            )
        if options.stay:
            await stay(options, installation, population, interruption)
    return status


async def drive(
    installation: Installation,
    options: DemoOptions,
    people: tuple[str, ...],
    watch: show.Watch,
    miscounting: str | None,
) -> Traffic:
    """A process for each channel, each with its part of the traffic; at half of it the next business day, and new keys
    for everybody. Once all of it is through, both days are closed and settled."""
    settings = installation.settings
    traffic, course = Traffic(), Course(options.payments, watch)
    before, first = installation.cpu_us(), business_day(settings)
    async with trio.open_nursery() as nursery:
        for channel in Channel:
            child = start(
                channel.value, _channel(channel, installation, options, people), installation.directory, talks=True
            )
            course.begins(child)
            nursery.start_soon(follow, child, traffic, course)
        await course.halfway.wait()
        await cut_over(settings)
        traffic.keys = await change_all(settings)
        await course.through.wait()
        traffic.cpu_us = {name: used - before[name] for name, used in installation.cpu_us().items()}
        watch.say("Closing both days")
        await quiet(settings)
        wrong = frozenset() if miscounting is None else frozenset((MISCOUNTING_CHANNEL.value, miscounting))
        traffic.days = await end_days(installation, first, course.totals, wrong, faults=options.faults)
        course.end()
    return traffic


def _channel(channel: Channel, installation: Installation, options: DemoOptions, people: tuple[str, ...]) -> list[str]:
    """What starts a channel's process."""
    given = ("--config", str(installation.config), "--payments", str(options.payments), "--json", "--stay", *people)
    wrong = ("--miscounts",) if options.faults and channel is MISCOUNTING_CHANNEL else ()
    return barada("simulator", channel.value, *given, *wrong, overrides=installation.overrides)


async def follow(child: Child, traffic: Traffic, course: Course) -> None:
    """Hear a channel's process out."""
    try:
        async with aclosing(child.lines()) as lines:
            async for line in lines:
                told = json.loads(line)
                if "done" in told:
                    traffic.add(told)
                elif "totals" in told:
                    course.hear_totals(child.name, told["totals"])
                else:
                    course.hear(child.name, Tally.of(told["tally"]), through="through" in told)
        status = await child.wait()
    finally:
        await child.stop()
    if status:
        raise ChildError(f"{child.name} ended with {status}: {last_words(child)}")


def problems_of(traffic: Traffic, agreement: Agreement) -> list[str]:
    """Why the demo must not end well: each in words."""
    report, unanswered = traffic.tally.report(), traffic.tally.unanswered
    found = [f"nothing approved: {name.value}" for name in Service if not report.get(name, NOTHING)["approved"]]
    if unanswered:
        found.append(f"requests without a final answer: {unanswered}")
    return found + traffic.keys.problems() + traffic.days.problems() + agreement.problems()


def summary_of(traffic: Traffic, agreement: Agreement, problems: list[str]) -> dict[str, Any]:
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
        "days": traffic.days.told(),
        "agreed": agreement.holds,
        "problems": problems,
    }


def tell(options: DemoOptions, traffic: Traffic, agreement: Agreement, problems: list[str]) -> None:
    summary = summary_of(traffic, agreement, problems)
    if options.as_json:
        click.echo(json.dumps(summary))
        return
    show.outcome_table(traffic.tally)
    show.books_tables(summary)
    show.days_table(summary["days"])
    show.figures(summary)
    show.verdict(problems, faults=options.faults)


def beside(installation: Installation) -> str:
    """A command that finds this demo; others find it likewise."""
    return f"barada day show --config {installation.whole_config}"


async def stay(
    options: DemoOptions, installation: Installation, population: Population, interruption: Interruption
) -> None:
    """Print how to connect and who there is; wait to be told to end."""
    day = business_day(installation.settings)
    card = card_of(installation.settings, population, day, installation.keys())
    card = {"config": str(installation.whole_config), **card}
    click.echo(json.dumps(card, ensure_ascii=False, indent=None if options.as_json else 2))
    click.echo(f"It stays up until Ctrl-C. Beside it: {beside(installation)}", err=True)
    await interruption.wait()
