"""`barada bench`: what things cost on this machine.

Rule: the figures are the last line of standard output, as JSON if asked; what is being done goes to standard error.
"""

import json
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click
import trio

from simulators.bench import books as bench_books
from simulators.bench import codec as bench_codec
from simulators.bench import relay as bench_relay
from simulators.bench import security as bench_security
from simulators.bench.pay import PayLoad
from simulators.bench.pay import measure as measure_pay
from simulators.options import as_json
from switch.flow.share import WORKERS_MAX

RUNS_LEAST = 3


@click.group()
def bench() -> None:
    """Measure: CPU from the operating system, with the load beside it."""


@bench.command()
@click.option("--connections", type=click.IntRange(1, 64), default=PayLoad.connections, show_default=True)
@click.option(
    "--in-flight",
    type=click.IntRange(1, 64),
    default=PayLoad.in_flight,
    show_default=True,
    help="Requests open on each connection.",
)
@click.option("--transactions", type=click.IntRange(100), default=PayLoad.payments, show_default=True, help="In a run.")
@click.option("--runs", type=click.IntRange(RUNS_LEAST), default=PayLoad.runs, show_default=True)
@click.option("--workers", type=click.IntRange(1, WORKERS_MAX), default=1, show_default=True, help="Of the switch.")
@as_json
def pay(connections: int, in_flight: int, transactions: int, runs: int, workers: int, as_json: bool) -> None:
    """A bill payment: two legs, six MACs, two durable commits; CPU of the switch and the ledger."""
    load = PayLoad(connections, in_flight, transactions, runs, workers=workers)
    with tempfile.TemporaryDirectory(prefix="barada-") as place:
        say(trio.run(measure_pay, load, Path(place).resolve(), partial(click.echo, err=True)), as_json)


@bench.command()
@as_json
def codec(as_json: bool) -> None:
    """Decoding and encoding, beside pyiso8583."""
    say({"bench": "codec", "dialects": bench_codec.measure()}, as_json)


@bench.command()
@as_json
def books(as_json: bool) -> None:
    """The ledger on this disk: transfers a second by batch, CPU of a payment's two commits."""
    say({"bench": "books", **bench_books.measure()}, as_json)


@bench.command()
@as_json
def relay(as_json: bool) -> None:
    """The edge alone: CPU of a request that is relayed bare, decoded, and under MACs; in clear and under TLS."""
    say({"bench": "relay", **bench_relay.measure()}, as_json)


@bench.command()
@as_json
def security(as_json: bool) -> None:
    """The security module in software: a MAC checked, a PIN block translated, a MAC made."""
    say({"bench": "security", **bench_security.measure()}, as_json)


def say(figures: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rounded(figures)))
    else:
        for name, value in figures.items():
            click.echo(f"{name}: {json.dumps(rounded(value))}")


def rounded(value: Any) -> Any:
    """Figures to the second decimal: there is no more in them."""
    if isinstance(value, Mapping):
        return {name: rounded(one) for name, one in value.items()}
    return round(value, 2) if isinstance(value, float) else value
