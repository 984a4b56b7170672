"""A switch, a core and billers as real processes on free ports of loopback, all files in one directory.

Rule: the configuration that is run is the one that ships, with nothing replaced but ports and paths; its certificates
are made for this one run. It lies as one file among the others (`switch.toml`), for whoever looks in from beside.
Who ends early ends everything; at the end each is asked to stop in the order in which money is safe: the switch before
its peers.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trio

from config.settings import Settings, load, without_key_changes, without_tls
from config.workers import TRIES_OF_EACH
from config.writing import written
from simulators.build import biller_peers, core_of
from simulators.demo.children import Child, ChildError, cpu_us, family, start
from simulators.keys import KeyCase, keys_of
from simulators.options import replaced
from simulators.provision import in_test_hardware, provide_keys
from switch.security.certificates.demo_certificates import make_demo_certificates, paths_in

START_WITHIN_S = 30.0
STOP_WITHIN_S = 20.0
LOG_LINES_SHOWN = 5
CONFIG_FILE = "switch.toml"
CERTIFIED_DAYS = 90  # more than it takes to be warned of their end


@dataclass(frozen=True)
class Installation:
    """`settings` have the real ports. `overrides` made them so: another process needs them to load the same."""

    config: Path
    directory: Path
    settings: Settings
    overrides: Mapping[str, object]
    switch: Child
    ledger_pid: int

    @property
    def whole_config(self) -> Path:
        """The configuration and the overrides in one file, for other commands."""
        return self.directory / CONFIG_FILE

    def keys(self) -> KeyCase:
        """The keys as they are now."""
        return keys_of(self.settings)

    def cpu_us(self) -> dict[str, int]:
        """What the switch, all its processes, and its ledger have used so far."""
        return {name: sum(map(cpu_us, pids)) for name, pids in self.pids().items()}

    def pids(self) -> dict[str, list[int]]:
        """The processes of the switch, and of its ledger."""
        ledger = family(self.ledger_pid)
        return {"switch": [pid for pid in family(self.switch.pid) if pid not in ledger], "ledger": ledger}


def of_several(settings: Settings, workers: int) -> dict[str, object]:
    """The overrides for so many workers."""
    tries = max(settings.security.wrong_pins_max, TRIES_OF_EACH * workers)
    return {"switch.workers": workers, "security.wrong_pins_max": tries, **without_key_changes(settings)}


def barada(*arguments: str, overrides: Mapping[str, object] | None = None) -> list[str]:
    """Arguments of our interpreter for a `barada` command, with settings replaced."""
    return ["-m", "switch.cli", *arguments, *[f"--set={text}" for text in replaced(overrides or {})]]


@asynccontextmanager
async def installed(
    config: Path,
    directory: Path,
    population: Sequence[str],
    *,
    plain: bool = False,
    hsm: bool = False,
    workers: int = 1,
    miscounting: str | None = None,
) -> AsyncIterator[Installation]:
    """Everything up and listening; `plain` is without TLS, with `hsm` keys work in a simulated payShield, and beside
    several workers they stay as they are. `population` are the options that say who the customers are; `miscounting` is
    a biller's peer whose totals come out wrong."""
    tls = without_tls(load(config)) if plain else _certified(config, directory / "tls")
    async with trio.open_nursery() as nursery:
        running: list[Child] = []
        try:
            module = await _start_hsm(config, directory, running) if hsm else {}
            secrets = {**module, **provide_keys(load(config, module), directory), **tls}
            peers = await _start_peers(config, directory, population, secrets, running, miscounting)
            files = {
                **secrets,
                "ledger.database": str(directory / "ledger.db"),
                "ledger.socket": str(directory / "ledger.sock"),
                **(of_several(load(config), workers) if workers > 1 else {}),
            }
            installation = await start_switch(config, directory, {**peers, **files}, running)
            installation.whole_config.write_text(written(config, installation.overrides), encoding="utf-8")
            for child in running:
                nursery.start_soon(_must_stay, child)
            yield installation
        finally:
            nursery.cancel_scope.cancel()
            statuses = {child.name: await child.stop(STOP_WITHIN_S) for child in reversed(running)}
    if badly := {name: status for name, status in statuses.items() if status}:
        raise ChildError(f"did not end well: {badly}")


async def start_switch(
    config: Path, directory: Path, overrides: Mapping[str, object], running: list[Child]
) -> Installation:
    """A switch on free ports; it is added to `running` as soon as there is something to stop."""
    listeners = {f"listeners.{name}.port": 0 for name in load(config).listeners}
    command = barada("run", "--config", str(config), "--json", overrides={**overrides, **listeners})
    running.append(start("switch", command, directory, talks=True))
    told = await next_words(running[-1])
    real = {**overrides, **{f"listeners.{name}.port": port for name, port in told["serving"].items()}}
    return Installation(config, directory, load(config, real), real, running[-1], told["ledger_pid"])


async def next_words(child: Child, within_s: float = START_WITHIN_S) -> dict[str, Any]:
    """The next JSON object that a child prints, such as the one that says that it serves."""
    with trio.move_on_after(within_s):
        async with aclosing(child.lines()) as lines:
            async for line in lines:
                words: dict[str, Any] = json.loads(line)
                return words
    raise ChildError(f"{child.name} said nothing: {last_words(child)}")


def last_words(child: Child) -> str:
    """The end of a child's log."""
    lines = child.log.read_text(errors="replace").splitlines()
    return " / ".join(lines[-LOG_LINES_SHOWN:]) or f"nothing in {child.log}"


async def _start_hsm(config: Path, directory: Path, running: list[Child]) -> dict[str, object]:
    """A simulated payShield; the overrides that have the switch's keys work in it."""
    running.append(start("hsm", barada("simulator", "hsm", "--any-port", "--json"), directory, talks=True))
    port = (await next_words(running[-1]))["serving"]["hsm"]
    return in_test_hardware(load(config), port)


def _certified(config: Path, directory: Path) -> dict[str, object]:
    """Certificates for everybody, in this directory; the overrides that say so."""
    paths = paths_in(load(config), directory)
    make_demo_certificates(load(config, paths), datetime.now(UTC), CERTIFIED_DAYS)
    return paths


async def _start_peers(
    config: Path,
    directory: Path,
    population: Sequence[str],
    secrets: Mapping[str, object],
    running: list[Child],
    miscounting: str | None,
) -> dict[str, object]:
    """The core in one process, the billers in another; the overrides that say where they are."""
    settings = load(config)
    common = ["--config", str(config), "--directory", str(directory), "--any-port", "--json", *population]
    core = start("core", barada("simulator", "core", *common, overrides=secrets), directory, talks=True)
    running.append(core)
    wrong = ("--miscounts", miscounting) if miscounting is not None else ()
    command = barada("simulator", "biller", *common, *wrong, *biller_peers(settings), overrides=secrets)
    billers = start("billers", command, directory, talks=True)
    running.append(billers)
    serving = (await next_words(core))["serving"] | (await next_words(billers))["serving"]
    assert core_of(settings).name in serving
    return {f"peers.{name}.port": port for name, port in serving.items()}


async def _must_stay(child: Child) -> None:
    status = await child.wait()
    raise ChildError(f"{child.name} ended with {status}: {last_words(child)}")
