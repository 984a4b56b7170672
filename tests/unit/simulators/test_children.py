"""Processes that are started: heard, measured, and ended whatever they think of it."""

from contextlib import aclosing
from pathlib import Path

import pytest
import trio

from simulators.demo.children import Child, ChildError, cpu_us, start
from simulators.demo.installation import barada, next_words

STUBBORN = (
    "import signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('{\"serving\": 1}', flush=True)\n"
    "time.sleep(60)"
)


def python(code: str, directory: Path) -> Child:
    return start("child", ["-c", code], directory, talks=True)


async def test_a_child_is_heard_line_by_line_and_answers(tmp_path: Path) -> None:
    child = python("for line in iter(input, 'end'): print(line.upper(), flush=True)", tmp_path)
    async with aclosing(child.lines()) as lines:
        child.send("one")
        assert await anext(lines) == "ONE"
        child.send("two")
        assert await anext(lines) == "TWO"
    child.send("end")
    assert await child.wait() == 0
    assert await child.stop() == 0


async def test_its_cpu_is_what_the_operating_system_says(tmp_path: Path) -> None:
    child = python("import time\nwhile time.process_time() < 0.2: pass\nprint('{}', flush=True)\ninput()", tmp_path)
    await next_words(child)
    assert 180_000 <= cpu_us(child.pid) < 2_000_000
    await child.stop()
    assert cpu_us(child.pid) == 0


async def test_who_does_not_start_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    child = python("raise SystemExit('no such bank')", tmp_path)
    with pytest.raises(ChildError, match="child said nothing: no such bank"):
        await next_words(child)
    assert await child.stop() == 1


async def test_who_ignores_a_request_to_end_is_ended(tmp_path: Path) -> None:
    child = python(STUBBORN, tmp_path)
    assert await next_words(child) == {"serving": 1}
    with trio.fail_after(10):
        assert await child.stop(within_s=0.05) == -9


def test_a_command_is_given_its_replaced_settings_as_json() -> None:
    command = barada("run", overrides={"peers.core.port": 0, "ledger.database": "/books"})
    assert command == ["-m", "switch.cli", "run", "--set=peers.core.port=0", '--set=ledger.database="/books"']
