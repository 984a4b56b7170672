"""The configuration reference as a page: the settings' own tables, with what is to be known of all of them."""

from __future__ import annotations

from config.reference import reference
from switch.reference.markdown import Lines, code, heading, prose, table
from switch.reference.services import TITLES


def configuration_reference() -> str:
    """The page in Markdown."""
    return "\n".join(beginning()) + "\n" + reference().rstrip("\n") + "\n"


def beginning() -> Lines:
    yield from ("<!-- Written by `barada reference config`; change `config/sections.py`, then `make docs`. -->", "")
    yield from heading(1, "Configuration")
    yield from prose("""
        One TOML file. `config/demo.toml` is one that uses everything; copy it. `barada config check FILE` says on
        one line what is wrong with a file: the key, the value, what is allowed. A key that is not listed here is
        refused.

        Times end in `_s` (seconds) or `_ms`, ceilings in `_max`, amounts in minor units. Paths start at the file's
        own directory. Times must fit into each other: a biller's `timeout_s` is below the core's, and the core's
        below `answer_within_s`.

        A limit and a route name a service as the [wire reference](wire.md#services) does:
    """)
    yield from table(("service", "what for"), ((code(name), title) for name, title in TITLES.items()))
