"""From a fresh copy of the demo's configuration to a switch that serves, as an officer and an operator would do it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import demo_path, load
from tests.e2e.ports import free_ports

BARADA = Path(sys.executable).with_name("barada")
WITHIN_S = 30


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The copy, on free ports."""
    path = tmp_path / "config" / "switch.toml"
    path.parent.mkdir()
    text = demo_path().read_text(encoding="utf-8")
    listeners = load(demo_path()).listeners.values()
    for listener, port in zip(listeners, free_ports(len(listeners)), strict=True):
        text = text.replace(f"port = {listener.port}\n", f"port = {port}\n")
    path.write_text(text, encoding="utf-8")
    return path


def say(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BARADA, *arguments], capture_output=True, text=True, timeout=WITHIN_S, check=False)


def must(*arguments: str | Path) -> str:
    done = say(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def serving(config: Path) -> Iterator[Path]:
    must("keys", "master", "new", "--config", config)
    must("keys", "generate", "--missing", "--config", config)
    must("certs", "demo", "--config", config)
    command: list[str | Path] = [BARADA, "run", "--json", "--config", config]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert "serving" in json.loads(process.stdout.readline())
        yield config
        process.terminate()
        assert process.wait(WITHIN_S) == 0
    finally:
        process.kill()
        process.communicate()


def test_keys_and_certificates_are_all_that_a_copy_of_the_demos_file_needs(serving: Path) -> None:
    changed = say("keys", "change", "mobile", "--why", "as planned", "--yes", "--config", serving)
    assert changed.returncode == 1
    assert "nobody is signed on there now" in changed.stderr
    refused = say("keys", "generate", "core-mac", "--replace", "--config", serving)
    assert refused.returncode == 1
    assert "in use by another process" in refused.stderr
    assert must("keys", "export", "core-mac", "--kek", "core-kek", "--config", serving).startswith("D0112M3TC00E")


def test_without_keys_a_switch_does_not_start_and_says_what_is_missing(config: Path) -> None:
    must("certs", "demo", "--config", config)
    for step, missing in (
        ((), "master.key: No such file"),
        (("keys", "master", "new"), "keys.json: no key store"),
        (("keys", "generate", "storage"), "keys.mobile-mac: not in the key store: allowed: a key that `barada keys`"),
    ):
        if step:
            must(*step, "--config", config)
        started = say("run", "--config", config)
        assert started.returncode == 1
        assert missing in started.stderr
        assert "Traceback" not in started.stderr
