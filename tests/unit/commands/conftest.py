import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from switch.cli import main

ROOT = Path(__file__).parents[3]
Barada = Callable[..., Result]


@pytest.fixture
def barada() -> Barada:
    """The command line with these arguments, and what it said."""

    def run(*args: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, args, input=stdin, catch_exceptions=False)

    return run


@pytest.fixture(scope="session")
def answerer() -> Iterator[str]:
    """HOST:PORT of a switch that answers as it is asked to."""
    command = [sys.executable, "-m", "tests.unit.commands.answerer"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()
