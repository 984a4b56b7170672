"""Imports run one way, and the rules are pure: read from the source of every file of the project.

What a layer may use of ours is listed in MAY_USE; what makes code depend on when, where or by whom it is run
is kept out of PURE.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("switch", "ledger", "simulators", "config")

# The longest name that fits a module decides.
MAY_USE = {
    "switch": ("switch", "ledger", "config"),
    "switch.wire": ("switch.wire",),
    "switch.flow": ("switch.flow", "switch.wire", "ledger.model", "ledger.scale"),
    "switch.services": ("switch.services", "switch.flow", "switch.wire", "ledger.model"),
    "switch.fleet": ("switch.fleet", "switch.wire", "ledger.model", "ledger.scale", "config.fleet_sections"),
    "switch.engine": (
        *("switch.engine", "switch.fleet", "switch.flow", "switch.services", "switch.wire", "switch.security"),
        *("ledger.model", "ledger.books", "ledger.scale", "config.sections"),
    ),
    "switch.settlement": (
        *("switch.settlement", "switch.flow", "switch.wire", "ledger.model", "ledger.scale", "ledger.spreadsheet"),
    ),
    "switch.backoffice": (
        *("switch.backoffice", "switch.settlement", "switch.flow", "switch.wire", "switch.terms", "ledger", "config"),
    ),
    "switch.security": ("switch.security", "switch.wire", "switch.flow.admission", "config"),
    "switch.observe": ("switch.observe", "config"),
    "switch.net": (
        *("switch.net", "switch.flow", "switch.services", "switch.wire", "switch.security", "switch.observe"),
        *("ledger", "config"),
    ),
    "ledger": ("ledger", "config.hardening"),
    "config": ("config", "switch.wire"),
    "simulators": ("simulators", "switch", "ledger", "config"),
    "config.hardening": ("config.hardening",),
}

PURE = (
    *("switch.wire", "switch.flow", "switch.services", "switch.fleet", "switch.engine", "switch.settlement"),
    *("ledger.rules", "ledger.model", "ledger.scale", "ledger.spreadsheet"),
)
IMPURE = frozenset(
    (
        *("trio", "asyncio", "threading", "multiprocessing", "subprocess", "concurrent", "signal", "contextvars"),
        *("socket", "ssl", "select", "selectors", "http", "urllib", "sqlite3", "sqlite_utils", "fcntl", "mmap"),
        *("time", "random", "secrets", "uuid", "os", "io", "pathlib", "shutil", "tempfile", "glob", "sys"),
        *("logging", "structlog", "warnings", "prometheus_client", "click", "rich", "cryptography", "zoneinfo"),
    )
)
READS_THE_CLOCK = frozenset({"now", "utcnow", "today"})


def within(name: str, packages: tuple[str, ...]) -> bool:
    """Whether a dotted name is one of the packages, or in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def imported(module: str, tree: ast.AST, *, is_package: bool = False) -> Iterator[str]:
    """The full name of all that a module imports, wherever in it the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = module.split(".")
            keep = len(parts) - node.level + (1 if is_package else 0)
            base = [*parts[:keep], node.module] if node.level else [node.module]
            yield from (".".join([*filter(None, base), alias.name]) for alias in node.names)


def layer_of(module: str) -> str:
    return max((layer for layer in MAY_USE if within(module, (layer,))), key=len)


def faults(module: str, source: str, *, is_package: bool = False) -> list[str]:
    """What a module does that its layer may not do."""
    tree, pure = ast.parse(source), within(module, PURE)
    found = []
    for name in imported(module, tree, is_package=is_package):
        top = name.partition(".")[0]
        if top in (*PACKAGES, "tests") and not within(name, MAY_USE[layer_of(module)]):
            found.append(f"{module} ({layer_of(module)}) imports {name}")
        if pure and top in IMPURE:
            found.append(f"{module} is pure and imports {name}")
    if pure:
        found += [f"{module} is pure and reads the clock: {call}" for call in clock_readings(tree)]
    return found


def clock_readings(tree: ast.AST) -> Iterator[str]:
    """`datetime.now` and the like: the clock without an import that would tell."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in READS_THE_CLOCK:
            owner = ast.unparse(node.value)
            if owner.split(".")[-1] in ("datetime", "date"):
                yield f"{owner}.{node.attr}"


def modules() -> dict[str, Path]:
    """Every module of the project with its file."""
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in files}


def test_every_layer_was_found() -> None:
    found = modules()
    for layer in (*MAY_USE, *PURE):
        assert any(within(module, (layer,)) for module in found), f"no file of {layer}"
    assert len(found) > 50


def test_no_module_reaches_beyond_its_layer() -> None:
    found = []
    for module, path in modules().items():
        is_package = module.endswith(".__init__")
        found += faults(module.removesuffix(".__init__"), path.read_text(encoding="utf-8"), is_package=is_package)
    assert found == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("switch.wire.codec", "import trio"),
        ("switch.wire.codec", "import os.path"),
        ("switch.wire.codec", "from switch.flow import saga"),
        ("switch.wire.codec", "from ..net.link import Link"),
        ("switch.flow.saga", "from time import time"),
        ("switch.flow.saga", "def f():\n    import random"),
        ("switch.flow.saga", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from switch.net import link"),
        ("switch.flow.saga", "from datetime import datetime, UTC\nx = datetime.now(UTC)"),
        ("switch.flow.saga", "import datetime\nx = datetime.date.today()"),
        ("switch.flow.saga", "from ledger.store import Store"),
        ("switch.flow.saga", "import ledger"),
        ("switch.services.balance", "from switch.net.link import Link"),
        ("switch.services.balance", "import logging"),
        ("switch.security.soft", "from switch.net import link"),
        ("switch.settlement.match", "import sqlite3"),
        ("switch.settlement.resolution", "from ledger.client import RemoteBooks"),
        ("switch.settlement.case", "from switch.backoffice.keeping import submit"),
        ("switch.backoffice.settle", "from switch.commands.books import Desk"),
        ("switch.backoffice.settle", "from switch.engine.engine import Engine"),
        ("switch.app", "from simulators.world import World"),
        ("switch.net.link", "from switch.app import build"),
        ("switch.net.link", "from tests.unit import helpers"),
        ("ledger.rules", "import sqlite3"),
        ("ledger.store", "from switch.wire.tlv import parse"),
        ("ledger.store", "from config.settings import load"),
        ("config.settings", "from switch.flow.terms import Terms"),
        ("config.settings", "from ledger.model import Account"),
        ("config.hardening.process", "from switch.cli import main"),
    ],
)
def test_reaching_beyond_is_found(module: str, source: str) -> None:
    assert faults(module, source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("switch.wire.codec", "from switch.wire import tlv\nimport re"),
        ("switch.wire.codec", "from . import tlv\nfrom .tlv import parse"),
        ("switch.flow.saga", "from ledger.model import Claim\nfrom switch.wire.codes import ResponseCode"),
        ("switch.flow.saga", "from datetime import datetime\nx = datetime(2026, 1, 1)"),
        (
            "switch.net.link",
            "import trio\nfrom switch.flow.reply import Silent\nfrom config.settings import PeerSettings",
        ),
        ("simulators.world", "from switch.app import build\nimport random"),
        ("config.sections", "from switch.wire.framing import LENGTHS"),
    ],
)
def test_what_a_layer_may_use_is_not_found(module: str, source: str) -> None:
    assert faults(module, source) == []


def test_a_packages_own_relative_imports_are_its_own() -> None:
    assert list(imported("switch.wire", ast.parse("from .tlv import parse"), is_package=True)) == [
        "switch.wire.tlv.parse"
    ]
    assert list(imported("switch.wire", ast.parse("from ..net import link"), is_package=True)) == ["switch.net.link"]
