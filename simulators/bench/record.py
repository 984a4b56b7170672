"""`barada bench record`: measure, keep the last lines, and write the table that is made of them.

Rule: each bench is the very command that anybody may run, in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from simulators.bench.table import RECORDED, rewritten

PAGE = "performance.md"
LINES = "performance"  # the directory beside the page


def record(names: Iterable[str], docs: Path) -> None:
    """Measure these, one after the other; one that fails leaves what was recorded of it and the others as they are,
    and ends it all with ClickException."""
    failed = [name for name in names if not _recorded(name, docs / LINES)]
    write_table(docs)
    if failed:
        raise click.ClickException(f"not recorded: {', '.join(failed)}")


def write_table(docs: Path) -> None:
    """The page's table anew, from what is recorded."""
    page = docs / PAGE
    page.write_text(rewritten(page.read_text(encoding="utf-8"), results_in(docs / LINES)), encoding="utf-8")


def results_in(directory: Path) -> dict[str, Any]:
    """The recorded results by name."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(directory.glob("*.json"))}


def _recorded(name: str, directory: Path) -> bool:
    click.echo(f"barada bench {' '.join(RECORDED[name])}", err=True)
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "switch.cli", "bench", *RECORDED[name], "--json"],
        cwd=directory,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        (directory / f"{name}.json").write_text(done.stdout.splitlines()[-1] + "\n", encoding="utf-8")
    return done.returncode == 0
