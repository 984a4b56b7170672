"""Writes a configuration that was loaded with settings replaced: one file says what the file and all of them said.

Rule: loading what it wrote, where it was written, gives the very settings it was written from. Comments are lost.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from config.errors import ConfigError
from config.settings import load, read_toml, replace

Table = Mapping[str, Any]
TLS_FILES = ("certificate", "key", "authorities")


def written(path: Path, overrides: Mapping[str, object]) -> str:
    """The text of the one file: `path` with `overrides`, and with whole paths, so that it may lie anywhere."""
    raw = read_toml(path)
    replace(
        raw, {**overrides, **whole_paths(path, overrides)}, lambda key, wrong: ConfigError(f"{path}: {key}: {wrong}")
    )
    return "\n".join(table_lines("", raw)) + "\n"


def whole_paths(path: Path, overrides: Mapping[str, object]) -> dict[str, object]:
    """Every file that the settings name, as `load` makes it of them."""
    settings = load(path, overrides)
    tls = {f"tls.{name}": one for name, one in settings.tls.items()}
    paths: dict[str, object] = {
        "switch.admin_socket": settings.switch.admin_socket,
        "ledger.database": settings.ledger.database,
        "ledger.socket": settings.ledger.socket,
        "security.store": settings.security.store,
        "security.master_key": settings.security.master_key,
        "fleet.register": settings.fleet.register,
        **{f"{place}.{key}": getattr(one, key) for place, one in tls.items() for key in TLS_FILES},
    }
    return paths


def table_lines(place: str, table: Table) -> Iterator[str]:
    """A table: its own values first, then the tables in it, then the lists of tables."""
    yield from (f"{key} = {value_text(value)}" for key, value in table.items() if not holds_tables(value))
    for key, value in table.items():
        inner = f"{place}.{key}" if place else key
        if isinstance(value, Mapping):
            yield f"\n[{inner}]"
            yield from table_lines(inner, value)
        elif holds_tables(value):
            for one in value:
                yield f"\n[[{inner}]]"
                yield from table_lines(inner, one)


def holds_tables(value: object) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(one, Mapping) for one in value))


def value_text(value: object) -> str:
    """A text, number, truth or list of them: JSON's way to write those is one of TOML's."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
