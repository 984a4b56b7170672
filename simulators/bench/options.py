"""What the benches have in common on the command line.

Rule: an option that two of them share is written once, here; a command is handed what the options mean.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from simulators.bench.pressed import Press
from simulators.bench.requests import Asked
from simulators.options import Command

RUNS_LEAST = 3
OPEN_MAX = 700  # what one listener lets in of the requests that may be in progress, by the defaults, and some to spare

runs_option = click.option("--runs", type=click.IntRange(RUNS_LEAST), default=RUNS_LEAST, show_default=True)

_PRESS = (
    click.option(
        "--service", type=click.Choice([asked.value for asked in Asked]), default=Asked.BILL.value, show_default=True
    ),
    click.option("--connections", type=click.IntRange(1, 64), default=Press.connections, show_default=True),
    click.option(
        "--in-flight",
        type=click.IntRange(1, 64),
        default=Press.in_flight,
        show_default=True,
        help="Requests open on each connection where as much as possible is asked.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 16),
        default=Press.workers,
        show_default=True,
        help="Of the switch; scale compares numbers of its own.",
    ),
)


def as_press(command: Command) -> Command:
    """The command gets a `Press` for the options of that name. BadParameter: more than the switch takes on."""

    @wraps(command)
    def with_press(service: str, connections: int, in_flight: int, workers: int, **rest: Any) -> None:
        if connections * in_flight > OPEN_MAX:
            raise click.BadParameter(f"{connections * in_flight} requests open in all: allowed: {OPEN_MAX}")
        command(Press(Asked(service), connections, in_flight, workers), **rest)

    for option in reversed(_PRESS):
        with_press = option(with_press)
    return with_press


def transactions_option(default: int) -> Callable[[Command], Command]:
    return click.option(
        "--transactions", type=click.IntRange(100), default=default, show_default=True, help="In a saturated run."
    )
