"""What a bill payment costs the switch and its ledger: CPU from the operating system, nothing else counted.

Rule: the switch and its ledger run as in production: two legs, six MACs, two durable commits a payment. The core, the
biller and the channel are processes of their own that do as little as they can. A figure is given with its load.
"""

import json
import statistics
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import load
from simulators.demo.children import Child, ChildError, start
from simulators.demo.installation import Installation, last_words, next_words, of_several, start_switch
from simulators.provision import provide_keys

CONFIG = Path(__file__).with_name("bench.toml")
PEERS = ("core", "power")
MACS = 6
RUN_WITHIN_S = 600.0
STOP_WITHIN_S = 20.0
APPROVED = "00"


@dataclass(frozen=True)
class PayLoad:
    """How hard the switch is pressed, and for how long."""

    connections: int = 50
    in_flight: int = 4  # on each connection
    payments: int = 20_000
    runs: int = 3
    warm_up: int = 5_000
    workers: int = 1


@dataclass(frozen=True)
class Run:
    """One run: what was answered, in what time, and the CPU it took."""

    payments: int
    elapsed_s: float
    cpu_us: dict[str, int]

    def cpu_us_each(self, *processes: str) -> float:
        return sum(self.cpu_us[name] for name in processes or self.cpu_us) / self.payments


async def measure(load: PayLoad, directory: Path, progress: Callable[[str], None]) -> dict[str, Any]:
    """The figures of `load.runs` runs after a warm-up, as they are printed."""
    async with _pressed(load, directory) as (installation, generator):
        progress("warming up")
        await _run(installation, generator, load.warm_up)
        runs = []
        for number in range(1, load.runs + 1):
            progress(f"run {number} of {load.runs}")
            runs.append(await _run(installation, generator, load.payments))
    return figures(load, runs)


def figures(load: PayLoad, runs: list[Run]) -> dict[str, Any]:
    """Minimum, median and maximum of the runs."""
    return {
        "bench": "pay",
        "load": {
            "connections": load.connections,
            "in_flight": load.connections * load.in_flight,
            "macs_per_transaction": MACS,
            "transactions_per_run": load.payments,
            "runs": load.runs,
            "workers": load.workers,
        },
        "throughput_per_s": round(statistics.median(run.payments / run.elapsed_s for run in runs), 1),
        "cpu_us_per_transaction": _spread([run.cpu_us_each() for run in runs]),
        "switch_cpu_us": _spread([run.cpu_us_each("switch") for run in runs]),
        "ledger_cpu_us": _spread([run.cpu_us_each("ledger") for run in runs]),
    }


def _spread(values: list[float]) -> dict[str, float]:
    found = {"min": min(values), "median": statistics.median(values), "max": max(values)}
    return {name: round(value, 1) for name, value in found.items()}


async def _run(installation: Installation, generator: Child, payments: int) -> Run:
    before = installation.cpu_us()
    generator.send(f"{payments}")
    told = await next_words(generator, RUN_WITHIN_S)
    used = {name: us - before[name] for name, us in installation.cpu_us().items()}
    if told["codes"] != {APPROVED: payments}:
        raise ChildError(f"not every payment was approved: {told['codes']}; {last_words(installation.switch)}")
    return Run(payments, told["elapsed_s"], used)


def _replaced(overrides: Mapping[str, object]) -> list[str]:
    return [f"{key}={json.dumps(value)}" for key, value in overrides.items()]


@asynccontextmanager
async def _pressed(how: PayLoad, directory: Path) -> AsyncIterator[tuple[Installation, Child]]:
    """A switch between stub peers, and the generator connected to it."""
    running: list[Child] = []
    try:
        keys = provide_keys(load(CONFIG), directory)
        ports: dict[str, object] = {}
        for name in PEERS:
            command = ["-m", "simulators.bench.stub", str(CONFIG), name, *_replaced(keys)]
            running.append(start(name, command, directory, talks=True))
            ports[f"peers.{name}.port"] = (await next_words(running[-1]))["serving"]
        files = {"ledger.database": str(directory / "ledger.db"), "ledger.socket": str(directory / "ledger.sock")}
        several = of_several(load(CONFIG), how.workers)
        installation = await start_switch(CONFIG, directory, {**ports, **files, **keys, **several}, running)
        numbers = str(how.connections), str(how.in_flight)
        command = ["-m", "simulators.bench.load", str(CONFIG), *numbers, *_replaced(installation.overrides)]
        running.append(start("load", command, directory, talks=True))
        yield installation, running[-1]
    finally:
        for child in reversed(running):
            await child.stop(STOP_WITHIN_S)
