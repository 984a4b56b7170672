"""The configuration that a command is given: a file, and settings that replace its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from config.settings import Settings, demo_path, load
from switch.services.table import BY_NAME

Command = Callable[..., Any]


json_option = click.option("--json", "as_json", is_flag=True, help="JSON, for a program.")


def config_options(command: Command) -> Command:
    """`--config` and `--set`: the parameters `path` and `overrides` of `given_settings`."""
    config = click.option(
        "--config",
        "path",
        type=click.Path(dir_okay=False),
        default=str(demo_path()),
        show_default="the demo's",
        help="The configuration, a TOML file.",
    )
    replaced = click.option(
        "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Replace one setting: listeners.atm.port=0"
    )
    return config(replaced(command))


def given_settings(path: str, overrides: tuple[str, ...]) -> Settings:
    """Raises ConfigError."""
    return load(path, dict(_override(text) for text in overrides), services=BY_NAME)


def _override(text: str) -> tuple[str, object]:
    key, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r}: allowed: KEY=VALUE", param_hint="--set")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value
