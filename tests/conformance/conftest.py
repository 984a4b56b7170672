"""Starts the demo once and hands out connections to it.

Rule: the demo is the product as a stranger meets it: the installed command, its standard output, a signal to
end it. Everything else a test needs is on the card.
"""

import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from tests.conformance.client import Client
from tests.conformance.desk import Connect, Gateway, Machine, signed_on
from tests.conformance.pools import Card

UP_S = 60.0
DOWN_S = 20.0
COMMAND = ("demo", "--payments", "40", "--seed", "7", "--stay", "--json")


@pytest.fixture(scope="session")
def card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Card]:
    """The card of a demo that is up; afterwards the demo must end with 0 when it is interrupted."""
    errors = tmp_path_factory.mktemp("demo") / "stderr"
    with errors.open("wb") as stderr, started(stderr) as process:
        try:
            yield Card(read_card(process, errors))
            process.send_signal(signal.SIGINT)
            code = process.wait(DOWN_S)
            assert code == 0, f"the demo ended with {code}: {tail(errors)}"
        finally:
            if process.poll() is None:
                process.kill()


def started(stderr: IO[bytes]) -> subprocess.Popen[str]:
    """The demo in a session of its own, so that Ctrl-C in a terminal reaches it only through the fixture."""
    barada = Path(sys.executable).with_name("barada")
    if not barada.exists():
        pytest.fail(f"the command is not installed beside the interpreter: {barada}")
    return subprocess.Popen(
        [barada, *COMMAND], stdout=subprocess.PIPE, stderr=stderr, text=True, start_new_session=True
    )


def read_card(process: subprocess.Popen[str], errors: Path) -> dict[str, Any]:
    """The line of standard output that is the card; the rest is read too, so that the pipe never fills."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    assert process.stdout is not None
    threading.Thread(target=drain, args=(process.stdout, lines), daemon=True).start()
    deadline = time.monotonic() + UP_S
    try:
        while (line := lines.get(timeout=max(deadline - time.monotonic(), 0))) is not None:
            found = as_card(line)
            if found is not None:
                return found
    except queue.Empty:
        pytest.fail(f"the demo printed no card in {UP_S:.0f} s: {tail(errors)}")
    pytest.fail(f"the demo ended with {process.wait(DOWN_S)} before its card: {tail(errors)}")


def drain(stdout: IO[str], lines: "queue.SimpleQueue[str | None]") -> None:
    for line in stdout:
        lines.put(line)
    lines.put(None)


def as_card(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "listeners" in found else None


def tail(errors: Path) -> str:
    return errors.read_text("utf-8", "replace")[-2000:] or "(nothing on standard error)"


@pytest.fixture
def connect(card: Card) -> Iterator[Connect]:
    """Opens connections by a listener's name, channel or dialect, and closes them when the test is over."""
    clients: list[Client] = []

    def open_one(name: str = "mobile") -> Client:
        clients.append(Client(card.listener(name)))
        return clients[-1]

    yield open_one
    for client in clients:
        client.close()


@pytest.fixture
def mobile(card: Card, connect: Connect) -> Gateway:
    return signed_on(Gateway(connect("mobile"), card.bank["timezone"]))


@pytest.fixture
def second(card: Card, connect: Connect) -> Gateway:
    """Another connection of the same mobile gateway."""
    return signed_on(Gateway(connect("mobile"), card.bank["timezone"]))


@pytest.fixture
def web(card: Card, connect: Connect) -> Gateway:
    return signed_on(Gateway(connect("web"), card.bank["timezone"]))


@pytest.fixture
def atm(card: Card, connect: Connect) -> Machine:
    return signed_on(Machine(connect("atm"), card.bank["timezone"]))


@pytest.fixture
def stranger(card: Card, connect: Connect) -> Gateway:
    """A mobile connection that has not signed on."""
    return Gateway(connect("mobile"), card.bank["timezone"])
