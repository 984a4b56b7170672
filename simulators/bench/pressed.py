"""A switch under load: stub peers, the switch with its ledger as in production, and the generator connected to it.

Rule: core, biller and channel are processes of their own that do as little as they can. Only the switch's processes and
its ledger's are counted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import trio

from config.settings import load
from simulators.bench.orders import Closed, Open, Outcome, order_told, outcome_in
from simulators.bench.requests import Asked
from simulators.bench.runs import Run
from simulators.bench.schedule import Phase
from simulators.bench.usage import machine_ticks
from simulators.demo.children import Child, ChildError, start
from simulators.demo.installation import Installation, last_words, next_words, start_switch
from simulators.options import replaced
from simulators.provision import provide_keys

CONFIG = Path(__file__).with_name("bench.toml")
PEERS = ("core", "power")
WRONG_PINS_OF_EACH = 6
DRAIN_S = 30.0  # longer than the switch takes to answer anything
RUN_WITHIN_S = 600.0
STOP_WITHIN_S = 20.0
CEILING_REQUESTS = 20_000
AFTER_RESTART = 100  # requests that show that it serves
LOOK_AGAIN_S = 0.05


@dataclass(frozen=True)
class Press:
    """How hard the switch is pressed, with what, and of how many workers it is."""

    asked: Asked = Asked.BILL
    connections: int = 50
    in_flight: int = 4  # on each connection, where the load is closed
    workers: int = 1

    def told(self) -> dict[str, Any]:
        return {
            "service": self.asked.value,
            "macs_per_transaction": self.asked.macs,
            "connections": self.connections,
            "workers": self.workers,
        }

    def overrides(self) -> dict[str, object]:
        """Settings to replace. Several workers share the wrong PINs that are let pass, of which there are none here."""
        if self.workers == 1:
            return {}
        return {"switch.workers": self.workers, "security.wrong_pins_max": WRONG_PINS_OF_EACH * self.workers}


@dataclass
class Pressed:
    """`running` are its processes, in the order in which they were started."""

    press: Press
    directory: Path
    installation: Installation
    generator: Child
    running: list[Child]

    async def closed(self, requests: int) -> Run:
        """All must be approved, else ChildError."""
        run = await self._run(Closed(requests, self.press.in_flight), RUN_WITHIN_S)
        if not run.all_approved:
            raise ChildError(f"not every request was approved: {self.fate(run)}")
        return run

    async def open(self, order: Open) -> Run:
        """Whatever is answered."""
        seconds = sum(phase.seconds for phase in order.phases) + order.drain_s
        return await self._run(order, seconds + RUN_WITHIN_S)

    async def paced(self, rate_per_s: float, seconds: float) -> Run:
        """At a rate. All must be answered in the end, else ChildError."""
        run = await self.open(Open([Phase(rate_per_s, seconds)], DRAIN_S))
        if run.outcome.unanswered:
            raise ChildError(f"not every request was answered: {self.fate(run)}")
        return run

    def fate(self, run: Run) -> str:
        codes = dict(run.outcome.codes)
        return f"{codes}, {run.outcome.unanswered} unanswered; {last_words(self.installation.switch)}"

    async def _run(self, order: Closed | Open, within_s: float) -> Run:
        cpu, ticks = self.installation.cpu_us(), machine_ticks()
        outcome = await self.obey(order, within_s)
        return Run(outcome, used_since(cpu, self.installation.cpu_us()), idle_since(ticks, machine_ticks()))

    async def obey(self, order: Closed | Open, within_s: float) -> Outcome:
        self.generator.send(order_told(order))
        return outcome_in(await next_words(self.generator, within_s))

    async def restart(self) -> tuple[float, float]:
        """Stop the switch and start it on the same books. The seconds from its start until it serves, and until all of
        some requests were approved; the second has the generator's own start in it."""
        await self.generator.stop()
        await self.installation.switch.stop(STOP_WITHIN_S)
        begun = trio.current_time()
        self.installation = await start_switch(CONFIG, self.directory, self.installation.overrides, self.running)
        served_s = trio.current_time() - begun
        self.generator = _generator(self.press, self.installation.overrides, self.directory, self.running)
        with trio.fail_after(RUN_WITHIN_S):
            while not (await self._run(Closed(AFTER_RESTART, 1), RUN_WITHIN_S)).all_approved:  # noqa: ASYNC110 - asks
                await trio.sleep(LOOK_AGAIN_S)
        return served_s, trio.current_time() - begun


def used_since(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    return {name: us - before[name] for name, us in after.items()}


def idle_since(before: tuple[int, int], after: tuple[int, int]) -> float:
    return (after[0] - before[0]) / max(after[1] - before[1], 1)


@contextmanager
def _a_place() -> Iterator[Path]:
    """A directory that is gone afterwards."""
    with TemporaryDirectory(prefix="barada-") as place:
        yield Path(place).resolve()


@asynccontextmanager
async def pressed(press: Press) -> AsyncIterator[Pressed]:
    """Everything up and signed on; all of it is stopped at the end, last started first."""
    running: list[Child] = []
    with _a_place() as directory:
        try:
            keys = provide_keys(load(CONFIG), directory)
            ports = {f"peers.{name}.port": await _stub(name, keys, directory, running) for name in PEERS}
            files = {"ledger.database": str(directory / "ledger.db"), "ledger.socket": str(directory / "ledger.sock")}
            overrides = {**ports, **files, **keys, **press.overrides()}
            installation = await start_switch(CONFIG, directory, overrides, running)
            generator = _generator(press, installation.overrides, directory, running)
            yield Pressed(press, directory, installation, generator, running)
        finally:
            await _stop(running)


async def generator_ceiling_per_s(press: Press, requests: int = CEILING_REQUESTS) -> float:
    """Requests a second that the generator makes of a stub that answers at once, with no switch between them. Where
    the two share one processor it is half of what each could do."""
    running: list[Child] = []
    with _a_place() as directory:
        try:
            keys = provide_keys(load(CONFIG), directory)
            port = await _stub(PEERS[0], keys, directory, running)
            listener = next(iter(load(CONFIG).listeners))
            generator = _generator(press, {**keys, f"listeners.{listener}.port": port}, directory, running)
            generator.send(order_told(Closed(requests, press.in_flight)))
            return requests / outcome_in(await next_words(generator, RUN_WITHIN_S)).elapsed_s
        finally:
            await _stop(running)


async def _stub(name: str, overrides: Mapping[str, object], directory: Path, running: list[Child]) -> int:
    """The port that it listens on."""
    command = ["-m", "simulators.bench.stub", str(CONFIG), name, *replaced(overrides)]
    running.append(start(name, command, directory, talks=True))
    port: int = (await next_words(running[-1]))["serving"]
    return port


def _generator(press: Press, overrides: Mapping[str, object], directory: Path, running: list[Child]) -> Child:
    command = [
        "-m",
        "simulators.bench.load",
        str(CONFIG),
        press.asked.value,
        str(press.connections),
        *replaced(overrides),
    ]
    running.append(start("load", command, directory, talks=True))
    return running[-1]


async def _stop(running: list[Child]) -> None:
    for child in reversed(running):
        await child.stop(STOP_WITHIN_S)
