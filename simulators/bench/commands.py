"""`barada bench`: what things cost on this machine.

Rule: the figures are the last line of standard output, as JSON if asked; what is being done goes to standard error.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click
import trio

from simulators.bench import alone as bench_alone
from simulators.bench import books as bench_books
from simulators.bench import chart as bench_chart
from simulators.bench import codec as bench_codec
from simulators.bench import latency as bench_latency
from simulators.bench import overload as bench_overload
from simulators.bench import pay as bench_pay
from simulators.bench import relay as bench_relay
from simulators.bench import scale as bench_scale
from simulators.bench import security as bench_security
from simulators.bench import soak as bench_soak
from simulators.bench.figures import repeated, result, triple
from simulators.bench.options import as_press, runs_option, transactions_option
from simulators.bench.pay import PayLoad, Progress
from simulators.bench.pressed import Press, Pressed, generator_ceiling_per_s, pressed
from simulators.bench.record import record as record_results
from simulators.bench.record import write_table
from simulators.bench.requests import Asked
from simulators.bench.table import RECORDED
from simulators.options import as_json

Measure = Callable[[Pressed, float, Progress], Awaitable[Mapping[str, Any]]]


@click.group()
def bench() -> None:
    """Measure: CPU from the operating system, with the load beside it."""


@bench.command()
@as_press
@transactions_option(PayLoad.requests)
@runs_option
@click.option("--rate", type=click.FloatRange(1), help="Requests a second, whatever is answered; absent: saturated.")
@as_json
def pay(press: Press, transactions: int, runs: int, rate: float | None, as_json: bool) -> None:
    """A bill payment (two legs, six MACs, two durable commits) or a balance enquiry (one leg, four MACs); CPU of the
    switch and the ledger."""
    load = PayLoad(transactions, rate, runs)
    say(_pressing(press, partial(bench_pay.measure, load)), as_json)


@bench.command()
@as_press
@transactions_option(bench_latency.LatencyLoad.requests)
@runs_option
@click.option("--seconds", type=click.FloatRange(1), default=4.0, show_default=True, help="At each rate, in a run.")
@click.option("--chart", type=click.Path(dir_okay=False, path_type=Path), help="Draw latency against rate: a PNG.")
@as_json
def latency(press: Press, transactions: int, runs: int, seconds: float, chart: Path | None, as_json: bool) -> None:
    """How long answers take, and what they cost, at rates from a tenth to nine tenths of saturation."""
    if chart is not None:
        bench_chart.must_be_drawable()
    load = bench_latency.LatencyLoad(transactions, seconds, runs=runs)
    figures = _pressing(press, partial(bench_latency.measure, load))
    if chart is not None:
        bench_chart.draw(figures, chart)
    say(figures, as_json)


@bench.command()
@as_press
@transactions_option(bench_overload.OverloadLoad.requests)
@runs_option
@click.option("--seconds", type=click.FloatRange(1), default=5.0, show_default=True, help="Of overload, in a run.")
@as_json
def overload(press: Press, transactions: int, runs: int, seconds: float, as_json: bool) -> None:
    """Twice as much as goes through: what still does, what is turned away, and how soon all is well again."""
    load = bench_overload.OverloadLoad(transactions, over_s=seconds, runs=runs)
    say(_pressing(press, partial(bench_overload.measure, load)), as_json)


@bench.command()
@as_press
@click.option("--payments", type=click.IntRange(100), default=bench_soak.SoakLoad.payments, show_default=True)
@click.option(
    "--within",
    type=click.FloatRange(1),
    default=bench_soak.SoakLoad.within_s,
    show_default=True,
    help="Seconds after which no more are begun.",
)
@as_json
def soak(press: Press, payments: int, within: float, as_json: bool) -> None:
    """A million payments: memory, descriptors, the books' size, and a restart with all of them."""
    load = bench_soak.SoakLoad(payments, within)
    say(_pressing(press, partial(bench_soak.measure, load)), as_json)


@bench.command()
@as_press
@transactions_option(PayLoad.requests)
@runs_option
@as_json
def scale(press: Press, transactions: int, runs: int, as_json: bool) -> None:
    """One worker of the switch against two."""
    say(trio.run(_scaled, press, PayLoad(transactions, None, runs)), as_json)


@bench.command()
@as_json
def codec(as_json: bool) -> None:
    """Decoding and encoding, beside pyiso8583."""
    say(result("codec", bench_codec.load(), {"dialects": bench_codec.measure()}), as_json)


@bench.command()
@runs_option
@as_json
def books(runs: int, as_json: bool) -> None:
    """The ledger on this disk: transfers a second by batch, CPU of a payment's two commits."""
    figures = repeated(bench_books.measure, runs, "transfers_per_s_batch_100", "payment_cpu_us_batch_50")
    say(result("books", {"transfers_per_batch": 100, "groups_per_batch_for_cpu": 50, "runs": runs}, figures), as_json)


@bench.command()
@click.option("--rows", type=click.IntRange(1_000), default=1_000_000, show_default=True, help="Transfers, at the end.")
@as_json
def growth(rows: int, as_json: bool) -> None:
    """The ledger as it fills: what a transfer costs; balance and statement of an account with a tenth as many lines; a
    restart with half as many payments."""
    sizes = [size for size in (1_000, 10_000, 100_000, 1_000_000, 10_000_000) if size < rows]
    figures = {"transfer_cpu_us": bench_books.growth([*sizes, rows])}
    _progress("a statement, and a restart")
    figures |= {"account": bench_books.statement(rows // 10), "restart": bench_books.restart(rows // 2)}
    load = {"rows": rows, "transfers_per_batch": 100, "lines_of_the_account": rows // 10, "payments": rows // 2}
    say(result("growth", load, figures), as_json)


@bench.command()
@click.option(
    "--service", type=click.Choice([asked.value for asked in Asked]), default=Asked.BILL.value, show_default=True
)
@as_json
def alone(service: str, as_json: bool) -> None:
    """The switch by itself, without sockets, peers or a ledger beside it: the quietest measure of its own work."""
    spent = bench_alone.measure(Asked(service))
    load = {"service": service, "connections": bench_alone.CONNECTIONS, "in_flight": bench_alone.IN_FLIGHT}
    per_run = {"transactions_per_run": bench_alone.TRANSACTIONS, "runs": bench_alone.RUNS}
    say(result("alone", load | per_run, {"cpu_us_per_transaction": triple(spent)}), as_json)


@bench.command()
@runs_option
@as_json
def relay(runs: int, as_json: bool) -> None:
    """The edge alone: CPU of a request that is relayed bare, decoded, and under MACs; in clear and under TLS."""
    figures = repeated(bench_relay.measure, runs, "sealed_per_s", "sealed_cpu_us")
    say(
        result("relay", {"connections": 50, "in_flight": 50, "macs_per_transaction": 4, "runs": runs}, figures), as_json
    )


@bench.command()
@as_json
def security(as_json: bool) -> None:
    """The security module in software: a MAC checked, a PIN block translated, a MAC made."""
    say(result("security", {"message_bytes": bench_security.SIZE}, bench_security.measure()), as_json)


@bench.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--docs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default="docs",
    show_default=True,
    help="Where performance.md is, and what is recorded of each bench.",
)
@click.option("--table-only", is_flag=True, help="Measure nothing.")
def record(names: tuple[str, ...], docs: Path, table_only: bool) -> None:
    """Measure all that docs/performance.md tells, or what is named of it, and write its table."""
    if unknown := set(names) - set(RECORDED):
        raise click.BadParameter(f"{', '.join(sorted(unknown))}: allowed: {', '.join(RECORDED)}")
    if table_only:
        write_table(docs)
    else:
        record_results(names or RECORDED, docs)


def _pressing(press: Press, measure: Measure) -> Mapping[str, Any]:
    """Have a bench measure a switch of its own."""

    async def measured() -> Mapping[str, Any]:
        ceiling_per_s = await _ceiling(press)
        async with pressed(press) as under:
            return await measure(under, ceiling_per_s, _progress)

    return trio.run(measured)


async def _scaled(press: Press, load: PayLoad) -> Mapping[str, Any]:
    """The same with two of them, which differ in their workers."""
    ceiling_per_s = await _ceiling(press)
    one, two = (replace(press, workers=workers) for workers in bench_scale.WORKERS)
    async with pressed(one) as first, pressed(two) as second:
        return await bench_scale.measure(load, (first, second), ceiling_per_s, _progress)


async def _ceiling(press: Press) -> float:
    _progress("the generator's own ceiling")
    return await generator_ceiling_per_s(press)


def _progress(what: str) -> None:
    click.echo(what, err=True)


def say(figures: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
    else:
        for name, value in figures.items():
            click.echo(f"{name}: {json.dumps(value, ensure_ascii=False)}")
