import errno
import os
import subprocess
import sys
from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner, Result

from config.errors import ConfigError
from ledger.errors import BooksError
from switch.cli import Commands, main
from switch.security.port import SecurityError
from tests.unit.commands.messages import WITHDRAWAL, encoded

SECRET = "4000001234567899"


def running(action: Callable[[], None]) -> Result:
    """What the command line makes of a command that does this."""

    @click.group(cls=Commands)
    def group() -> None: ...

    @group.command()
    def act() -> None:
        action()

    return CliRunner().invoke(group, ["act"])


def raising(error: BaseException) -> Result:
    def act() -> None:
        raise error

    return running(act)


@pytest.mark.parametrize(
    ("error", "line", "code"),
    [
        (ConfigError("demo.toml: listeners.mobile.port: 70000: allowed: …"), "demo.toml: listeners.mobile.port", 2),
        (BooksError("var/ledger.db is locked by another process"), "var/ledger.db is locked", 1),
        (SecurityError("no key 'x' with use 'mac'"), "no key 'x'", 1),
        (OSError(errno.EADDRINUSE, "Address already in use"), "Address already in use", 1),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "gone.toml"), "gone.toml: No such file", 1),
        (OSError("all attempts to connect failed"), "all attempts to connect failed", 1),
        (ExceptionGroup("nursery", [ExceptionGroup("inner", [BooksError("locked")])]), "locked", 1),
        (ExceptionGroup("nursery", [BooksError("locked"), ConfigError("wrong")]), "wrong", 2),
    ],
)
def test_what_a_person_can_mend_is_one_line_and_an_exit_code(error: Exception, line: str, code: int) -> None:
    result = raising(error)
    assert result.exit_code == code
    assert f"Error: {line}" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_the_same_fault_of_several_tasks_is_said_once() -> None:
    assert raising(ExceptionGroup("nursery", [BooksError("locked")] * 3)).stderr == "Error: locked\n"


def test_a_bug_tells_its_class_and_place_and_none_of_its_words() -> None:
    def inner(pan: str) -> None:
        raise ValueError(f"bad card {pan}")

    def act() -> None:
        try:
            inner(SECRET)
        except ValueError as error:
            raise KeyError(SECRET) from error

    result = running(act)
    assert result.exit_code == 70
    assert "BUG in barada: KeyError" in result.stderr
    assert "after ValueError" in result.stderr
    assert f"{__name__}:" in result.stderr
    assert "in inner" in result.stderr
    assert SECRET not in result.output


def test_a_bug_beside_a_fault_is_what_is_told() -> None:
    result = raising(ExceptionGroup(SECRET, [BooksError("locked"), RuntimeError(SECRET)]))
    assert result.exit_code == 70
    assert "RuntimeError" in result.stderr
    assert SECRET not in result.output


@pytest.mark.parametrize("error", [KeyboardInterrupt(), BaseExceptionGroup("nursery", [KeyboardInterrupt()])])
def test_an_interrupt_ends_quietly_with_130(error: BaseException) -> None:
    result = raising(error)
    assert (result.exit_code, result.output) == (130, "")


def test_clicks_own_errors_and_exit_codes_stay_clicks() -> None:
    assert raising(click.UsageError("not so")).exit_code == 2
    assert raising(click.ClickException("no")).exit_code == 1
    assert raising(SystemExit(7)).exit_code == 7


def test_the_help_lists_every_command_with_its_words() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    for name in ("config", "decode", "ledger", "run", "send"):
        assert f"\n  {name} " in result.stdout
    assert "Explain messages, field by field." in result.stdout


def test_the_version_is_the_packages() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert result.stdout.startswith("barada ")
    assert result.exit_code == 0


def test_an_unknown_command_is_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["decod"])
    assert result.exit_code == 2
    assert "No such command 'decod'" in result.stderr


def test_a_command_loads_no_other() -> None:
    """So that the switch never imports a simulator, and `barada decode` starts at once."""
    loaded = "print(*(m for m in ('simulators', 'trio', 'sqlite3', 'rich', 'ledger.store') if m in sys.modules))"
    program = f"import sys; from switch.cli import main; main(['decode', '--help'], standalone_mode=False); {loaded}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


def test_a_terminal_that_lacks_a_character_gets_a_question_mark() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "switch.cli", "decode", encoded(WITHDRAWAL).hex()],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        check=True,
    )
    assert "400000??????7899" in done.stdout
