"""`barada demo`, and `barada simulator` for each of its parts alone.

Rule: what a command prints for another program is one JSON object a line on standard output, and nothing else is.
"""

import json
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import click
import msgspec
import trio

from config.settings import Channel, HsmSettings, ListenerSettings, Settings
from ledger.errors import BooksError
from simulators.build import biller_peers, core_of
from simulators.channels.day_book import DayBook
from simulators.channels.gateways import Gateway
from simulators.channels.tally import Tally
from simulators.channels.traffic import PAYMENTS_LEAST, Plan
from simulators.day_files import parse_faults, write_files
from simulators.demo.agreement import CORE_BOOKS
from simulators.demo.demo import DemoOptions, run_demo
from simulators.demo.show import outcome_table
from simulators.fleet.drawing import FLEET_SEED, MACHINES, draw_fleet
from simulators.fleet.writing import toml_of
from simulators.hsm import NAME as HSM
from simulators.keys import KeyCase
from simulators.options import DEFAULT_SEED, as_a_channel, as_a_peer, with_settings
from simulators.options import as_json as json_option
from simulators.processes import Stage, run_billers, run_core, run_hsm, run_until_signalled
from switch.commands.times import Day
from switch.flow.share import WORKERS_MAX

TOTALS = "totals"


@click.command()
@click.option("--payments", type=click.IntRange(PAYMENTS_LEAST), default=500, show_default=True, help="How many.")
@click.option("--seed", type=int, default=DEFAULT_SEED, show_default=True, help="Who comes, and what for.")
@click.option("--json", "as_json", is_flag=True, help="The summary as one JSON object, on the last line.")
@click.option("--stay", is_flag=True, help="Print how to connect and who there is, and stay up until Ctrl-C.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep books, logs, files and reports there, and switch.toml for other commands' --config; it must be empty. "
    "Otherwise they are thrown away.",
)
@click.option("--plain", is_flag=True, help="Without TLS.")
@click.option("--hsm", is_flag=True, help="With keys in a simulated hardware module instead of the switch's memory.")
@click.option(
    "--workers",
    type=click.IntRange(1, WORKERS_MAX),
    default=1,
    show_default=True,
    help="Processes of the switch; with several no key changes while it runs.",
)
@click.option(
    "--faults",
    is_flag=True,
    help="Plant breaks in the peers' end-of-day files, and have a channel and a biller miscount: exactly that must be "
    "found.",
)
def demo(
    payments: int,
    seed: int,
    as_json: bool,
    stay: bool,
    keep: Path | None,
    plain: bool,
    hsm: bool,
    workers: int,
    faults: bool,
) -> None:
    """Run a whole bank on this machine: two business days of traffic, then all books compared account by account, and
    each day's totals and files."""
    if keep is not None and keep.is_dir() and any(keep.iterdir()):
        raise click.BadParameter(f"{keep} is not empty", param_hint="--keep")
    options = DemoOptions(payments, seed, as_json, stay, keep, plain, hsm, workers, faults)
    sys.exit(run_demo(options))


@click.group()
def simulator() -> None:
    """Play the bank core, the billers, the channels, or a hardware security module.

    Under TLS each comes with the certificate that `barada certs demo` made for it.
    """


@simulator.command()
@click.option("--seed", type=int, default=FLEET_SEED, show_default=True, help="Which machines there are.")
@click.option("--machines", type=click.IntRange(1, 99_999), default=MACHINES, show_default=True, help="How many.")
def fleet(seed: int, machines: int) -> None:
    """Print the register of an invented fleet of ATMs over real districts, as `fleet.register` takes it."""
    click.echo(toml_of(draw_fleet(seed, machines)), nl=False)


@simulator.command()
@as_a_peer
def core(stage: Stage, directory: Path, any_port: bool, as_json: bool) -> None:
    """The bank core, on books of its own (core.db), until SIGTERM or Ctrl-C."""
    name, port = core_of(stage.settings).name, 0 if any_port else None

    async def serve() -> None:
        async with trio.open_nursery() as nursery:
            started: int = await nursery.start(partial(run_core, stage, directory / CORE_BOOKS, port=port))
            say_serving({name: started}, as_json)

    run_until_signalled(serve)


@simulator.command()
@click.argument("names", nargs=-1, metavar="[PEER]...")
@as_a_peer
def biller(stage: Stage, names: Sequence[str], directory: Path, any_port: bool, as_json: bool) -> None:
    """Billers' hosts by their names in the configuration (all, if none is named), each on books of its own."""
    known = biller_peers(stage.settings)
    for name in names:
        if name not in known:
            raise click.BadParameter(f"{name}: allowed: {', '.join(known)}", param_hint="PEER")
    chosen = names or known
    ports = dict.fromkeys(chosen, 0) if any_port else None

    async def serve() -> None:
        async with trio.open_nursery() as nursery:
            started: dict[str, int] = await nursery.start(partial(run_billers, stage, chosen, directory, ports=ports))
            say_serving(started, as_json)

    run_until_signalled(serve)


@simulator.command()
@click.option("--host", default=HsmSettings().host, show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=HsmSettings().port, show_default=True, help="The port.")
@click.option("--any-port", is_flag=True, help="Any free port instead.")
@click.option(
    "--header-length",
    type=click.IntRange(4, 32),
    default=HsmSettings().header_length,
    show_default=True,
    help="Characters of the message header, as the switch's hsm.header_length.",
)
@json_option
def hsm(host: str, port: int, any_port: bool, header_length: int, as_json: bool) -> None:
    """A payShield that holds the published test LMK: keys under it protect nothing."""

    async def serve() -> None:
        async with trio.open_nursery() as nursery:
            started: int = await nursery.start(run_hsm, host, 0 if any_port else port, header_length)
            say_serving({HSM: started}, as_json)

    run_until_signalled(serve)


@simulator.command()
@with_settings
@click.option(
    "--directory", type=click.Path(file_okay=False, path_type=Path), default=".", help="Where the peers' books are."
)
@click.option("--day", type=Day(), required=True, help="Which of their days.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where PEER-YYYYMMDD.csv go."
)
@click.option("--faults", default="", metavar="NUMBERS", help='What is wrong with them: "drop=1,amount=1,twice=1".')
@click.option("--seed", type=int, default=DEFAULT_SEED, show_default=True, help="Which lines the faults hit.")
@json_option
def files(settings: Settings, directory: Path, day: str, out: Path, faults: str, seed: int, as_json: bool) -> None:
    """The end-of-day files of the core and the billers, from their own books; they may run meanwhile."""
    try:
        written = write_files(settings, directory, day, out, parse_faults(faults), seed)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--faults") from None
    except (BooksError, OSError) as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        planted = [msgspec.to_builtins(one) for one in written.planted]
        click.echo(json.dumps({"files": [str(path) for path in written.files], "planted": planted}))
        return
    for path in written.files:
        click.echo(str(path))
    for one in written.planted:
        click.echo(f"planted in {one.peer}: {one.fault}, field 37 {one.key[2]}, field 11 {one.key[1]}")


@simulator.command()
@as_a_channel
def mobile(
    settings: Settings, keys: KeyCase, plan: Plan, seed: int, stay: bool, miscounts: bool, as_json: bool
) -> None:
    """The mobile gateway: its part of a day's payments, drawn from the seed."""
    drive(Channel.MOBILE, settings, keys, plan, seed, stay, miscounts, as_json)


@simulator.command()
@as_a_channel
def web(settings: Settings, keys: KeyCase, plan: Plan, seed: int, stay: bool, miscounts: bool, as_json: bool) -> None:
    """The bank's website: its part of a day's payments, drawn from the seed."""
    drive(Channel.WEB, settings, keys, plan, seed, stay, miscounts, as_json)


@simulator.command()
@as_a_channel
def atm(settings: Settings, keys: KeyCase, plan: Plan, seed: int, stay: bool, miscounts: bool, as_json: bool) -> None:
    """The bank's cash machines: their part of a day's payments, drawn from the seed."""
    drive(Channel.ATM, settings, keys, plan, seed, stay, miscounts, as_json)


def drive(
    kind: Channel,
    settings: Settings,
    keys: KeyCase,
    plan: Plan,
    seed: int,
    stay: bool,
    miscounts: bool,
    as_json: bool,
) -> None:
    """Carry out the visits of one channel, and say what became of them."""
    gateway = Gateway(settings, listener_of(settings, kind), keys, seed, book=DayBook(miscounts=miscounts))
    began = time.monotonic()
    ended: list[float] = []

    async def through() -> None:
        ended.append(time.monotonic())
        if stay:
            click.echo(json.dumps({"tally": gateway.tally.snapshot(), "through": True}))
            async for line in standard_input():
                await told(gateway, line)

    trio.run(partial(gateway.serve, plan, partial(say_progress, as_json), until=through))
    if as_json:
        times = {"began": began, "ended": ended[0]}
        click.echo(json.dumps({"done": gateway.tally.snapshot(), **times, "counts": gateway.counts}))
    else:
        outcome_table(gateway.tally)


async def told(gateway: Gateway, line: str) -> None:
    """One line of whoever started us; what we do not know is said."""
    order, _, day = line.partition(" ")
    if order != TOTALS or not (len(day) == 4 and day.isascii() and day.isdigit()):
        click.echo(json.dumps({"not_understood": line[:40]}))
        return
    judged = await gateway.reconcile(day)
    click.echo(json.dumps({"totals": judged.told()}))


async def standard_input() -> AsyncIterator[str]:
    """Its lines, until it ends."""
    pending = b""
    async with trio.lowlevel.FdStream(os.dup(sys.stdin.fileno())) as stream:
        async for data in stream:
            *whole, pending = (pending + data).split(b"\n")
            for line in whole:
                yield line.decode(errors="replace").strip()


def listener_of(settings: Settings, kind: Channel) -> ListenerSettings:
    """The first listener of that channel."""
    for listener in settings.listeners.values():
        if listener.channel is kind:
            return listener
    raise click.ClickException(f"the configuration has no listener for the channel {kind.value}")


def say_serving(ports: dict[str, int], as_json: bool) -> None:
    """Only once everything listens: whoever started us may connect now."""
    if as_json:
        click.echo(json.dumps({"serving": ports}))
    else:
        for name, port in ports.items():
            click.echo(f"{name} listens on port {port}")


def say_progress(as_json: bool, tally: Tally) -> None:
    if as_json:
        click.echo(json.dumps({"tally": tally.snapshot()}))
