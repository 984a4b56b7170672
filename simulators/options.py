"""What the simulators' commands have in common on the command line.

Rule: an option that two commands share is written once, here; a command is handed what the options mean.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache, wraps
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from config.settings import Settings, demo_path, load
from simulators.build import stripe_of
from simulators.channels.traffic import PAYMENTS_LEAST, Plan, plan
from simulators.hosts.faults import FaultRates, parse_rates
from simulators.keys import KeyCase, keys_of, lent_keys
from simulators.people.population import Population, populate
from simulators.processes import Stage

DEFAULT_SEED = 7
DEFAULT_CUSTOMERS = 200

Command = Callable[..., None]

as_json = click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object a line.")

_WORLD = (
    click.option(
        "--config",
        type=click.Path(dir_okay=False, path_type=Path),
        default=demo_path(),
        show_default="the demo's",
        help="The switch's configuration: its peers and channels are read from it.",
    ),
    click.option(
        "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Replace one setting: peers.core.port=8600"
    ),
    click.option("--seed", type=int, default=DEFAULT_SEED, show_default=True, help="Who the customers are."),
    click.option(
        "--customers", type=click.IntRange(1), default=DEFAULT_CUSTOMERS, show_default=True, help="How many there are."
    ),
)
_PEER = (
    *_WORLD,
    click.option(
        "--directory", type=click.Path(file_okay=False, path_type=Path), default=".", help="Where its books are."
    ),
    click.option("--any-port", is_flag=True, help="Any free port instead of the configured one."),
    click.option("--faults", default="", metavar="RATES", help='What goes wrong: "drop=0.01,late=0.02,late_s=20".'),
    click.option("--miscounts", multiple=True, metavar="PEER", help="A peer whose totals of a day come out wrong."),
    as_json,
)
_CHANNEL = (
    *_WORLD,
    click.option(
        "--payments",
        type=click.IntRange(PAYMENTS_LEAST),
        default=500,
        show_default=True,
        help="Payments of the day, all channels together.",
    ),
    click.option(
        "--stay",
        is_flag=True,
        help="Afterwards stay signed on until the standard input ends; a line 'totals MMDD' there tells the switch the "
        "channel's totals of that day (0500).",
    ),
    click.option("--miscounts", is_flag=True, help="Its totals of a day come out wrong."),
    as_json,
)


def as_a_peer(command: Command) -> Command:
    """The command gets a `Stage` for its first four options and --faults."""

    @wraps(command)
    def with_stage(
        config: Path,
        overrides: tuple[str, ...],
        seed: int,
        customers: int,
        faults: str,
        miscounts: tuple[str, ...],
        **rest: Any,
    ) -> None:
        settings = settings_of(config, overrides)
        for name in miscounts:
            if name not in settings.peers:
                raise click.BadParameter(f"{name}: allowed: {', '.join(settings.peers)}", param_hint="--miscounts")
        keys = lent_keys(settings)
        people = cache(lambda: people_today(settings, keys(), seed, customers))
        command(Stage(settings, people, keys, rates_of(faults), seed, frozenset(miscounts)), **rest)

    return _with(_PEER, with_stage)


def as_a_channel(command: Command) -> Command:
    """The command gets settings, keys and a `Plan` for all but --json and the seed."""

    @wraps(command)
    def with_plan(
        config: Path, overrides: tuple[str, ...], seed: int, customers: int, payments: int, **rest: Any
    ) -> None:
        settings = settings_of(config, overrides)
        keys = keys_of(settings)
        command(settings, keys, planned_today(settings, keys, seed, customers, payments), seed=seed, **rest)

    return _with(_CHANNEL, with_plan)


def with_settings(command: Command) -> Command:
    """The command gets settings for --config and --set."""

    @wraps(command)
    def with_them(config: Path, overrides: tuple[str, ...], **rest: Any) -> None:
        command(settings_of(config, overrides), **rest)

    return _with(_WORLD[:2], with_them)


def settings_of(config: Path, overrides: tuple[str, ...]) -> Settings:
    """The settings of the file with single ones replaced. Raises ConfigError."""
    return load(config, dict(override(text) for text in overrides))


def override(text: str) -> tuple[str, object]:
    """KEY=VALUE; the value is JSON where it can be, else text."""
    key, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r}: allowed: KEY=VALUE", param_hint="--set")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


def replaced(overrides: Mapping[str, object]) -> list[str]:
    """Settings to replace as KEY=VALUE: what `override` reads."""
    return [f"{key}={json.dumps(value)}" for key, value in overrides.items()]


def people_today(settings: Settings, keys: KeyCase, seed: int, customers: int) -> Population:
    """The population of today in the bank's zone: the same in every process that is started today."""
    return populate(seed, stripe_of(settings, keys), customers, _today(settings))


def planned_today(settings: Settings, keys: KeyCase, seed: int, customers: int, payments: int) -> Plan:
    """Today's traffic; likewise the same in every process."""
    return plan(people_today(settings, keys, seed, customers), seed, payments, _today(settings))


def _today(settings: Settings) -> date:
    return datetime.now(ZoneInfo(settings.switch.timezone)).date()


def rates_of(text: str) -> FaultRates:
    try:
        return parse_rates(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--faults") from None


def _with(options: tuple[Callable[[Command], Command], ...], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
