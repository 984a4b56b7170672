"""Two workers of one switch, as real processes: one is killed while the other goes on, and all that was begun is
settled; who has gone takes the others along, and a second switch is refused."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from pathlib import Path

import pytest
import trio
from click.testing import CliRunner

from config.settings import demo_path, load, without_key_changes
from simulators.channels.channel import Channel
from simulators.channels.gateways import Gateway
from simulators.demo.children import Child
from simulators.demo.installation import barada, next_words
from simulators.keys import keys_of
from switch.cli import main
from tests.e2e.kills.bank import VICTIMS, WORKER, Process
from tests.e2e.ports import free_ports
from tests.e2e.recovery.open_books import fill
from tests.e2e.test_kills import SEED, survive
from tests.e2e.test_recovery import open_in, settings_at, switch_at, today
from tests.e2e.test_second_switch import elsewhere, is_refused

WITHIN_S = 60.0
CLOSES = 'barada_listener_closes_total{listener="mobile"'
STEADY = without_key_changes(load(demo_path()))


def of_two(directory: Path, **more: object) -> dict[str, object]:
    return settings_at(directory, {**STEADY, "switch.workers": 2, **more})[1]


async def test_workers_that_are_killed_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    """Repeats and reversals go by turns over connections to either worker."""
    with trio.fail_after(2 * WITHIN_S):
        counts = await survive(tmp_path, SEED, 2, workers=2, may_die=(WORKER,))
    assert counts.get("00", 0) > 20, counts


@pytest.mark.long
@pytest.mark.parametrize("seed", [21, 22])
async def test_any_process_of_several_that_is_killed_or_frozen_loses_nothing(tmp_path: Path, seed: int) -> None:
    with trio.fail_after(6 * WITHIN_S):
        counts = await survive(tmp_path, seed, 25, freezing=0.3, workers=2, may_die=(*VICTIMS, WORKER, WORKER))
    assert counts.get("00", 0) > 200, counts


async def test_they_are_one_switch_to_whoever_is_outside(tmp_path: Path) -> None:
    """One port each listener, one gateway's connections at both, orders at whoever has the payment, one sum of metrics,
    one log; a second switch is refused; all end with the first."""
    (metrics_port,) = free_ports(1)
    overrides = of_two(tmp_path, **{"observe.metrics_port": metrics_port, "listeners.mobile.connections_max": 3})
    settings = load(demo_path(), overrides)
    fill(tmp_path / "ledger.db", today(settings), 8, time.time())
    with trio.fail_after(WITHIN_S), switch_at(tmp_path, overrides) as switch:
        told = await next_words(switch)
        workers = [Process(pid) for pid in told["workers"]]
        assert len(workers) == 2
        assert told["serving"]["mobile"] == settings.listeners["mobile"].port
        await is_refused(elsewhere(overrides), tmp_path / "keys.json")
        gateway = Gateway(settings, settings.listeners["mobile"], keys_of(settings))
        async with gateway.connected() as channel:
            await signed_on(channel, 3)
        counts = await scraped(metrics_port)
        assert counts['barada_listener_events_total{event="too many connections",listener="mobile"}'] >= 1
        assert sum(number for name, number in counts.items() if name.startswith(CLOSES)) == 3
        for pid in told["workers"]:
            os.kill(pid, 0)
        assert open_in(settings) > 0
        for payment in listed(overrides):
            assert ordered("retry", payment, overrides)["done"]
        said = {json.loads(line).get("worker") for line in log_of(switch)}
        assert said == {None, 0, 1}
        switch.process.kill()
        for worker in workers:
            await worker.gone()


async def test_one_that_is_told_to_stop_is_started_again_while_the_other_serves(tmp_path: Path) -> None:
    overrides = of_two(tmp_path)
    settings = load(demo_path(), overrides)
    with trio.fail_after(WITHIN_S), switch_at(tmp_path, overrides) as switch:
        first, second = (await next_words(switch))["workers"]
        stopped = Process(first)
        os.kill(first, signal.SIGTERM)
        gateway = Gateway(settings, settings.listeners["mobile"], keys_of(settings))
        async with gateway.connected() as channel:
            await signed_on(channel, 2)
        await stopped.gone()
        os.kill(second, 0)
        while not any(json.loads(line)["event"] == "worker_ended" for line in log_of(switch)):  # noqa: ASYNC110
            await trio.sleep(0.02)
        ended = next(line for line in map(json.loads, log_of(switch)) if line["event"] == "worker_ended")
        assert ended["code"] == "0"


async def signed_on(channel: Channel, connections: int) -> None:
    while len(channel._ready) < connections:  # noqa: ASYNC110 - the channel tells of its first one only
        await trio.sleep(0.02)


async def scraped(port: int) -> dict[str, float]:
    """The metrics, once everybody has told of what was counted so far."""
    await trio.sleep(1.2)
    url = f"http://127.0.0.1:{port}/metrics"
    text: bytes = await trio.to_thread.run_sync(lambda: urllib.request.urlopen(url, timeout=10).read())
    lines = [line.rsplit(" ", 1) for line in text.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def log_of(child: Child) -> list[str]:
    return [line for line in child.log.read_text().splitlines() if line.startswith("{")]


def listed(overrides: dict[str, object]) -> list[str]:
    result = CliRunner().invoke(main, barada("payments", "list", "--json", overrides=overrides)[2:])
    assert result.exit_code == 0, result.output
    return [payment["payment"] for payment in json.loads(result.stdout)["payments"]]


def ordered(action: str, payment: str, overrides: dict[str, object]) -> dict[str, object]:
    order = barada("payments", action, payment, "--why", "a test", "--yes", "--json", overrides=overrides)[2:]
    verdict: dict[str, object] = json.loads(CliRunner().invoke(main, order).stdout)
    return verdict
