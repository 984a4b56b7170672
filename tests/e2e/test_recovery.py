"""A switch that starts on books with thousands of open payments: it serves soon, and overruns nobody."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import trio

from config.choices import Channel
from config.settings import Settings, demo_path, load, without_tls
from ledger.reader import open_reader
from ledger.verify import verify
from simulators.channels.gateways import Gateway
from simulators.channels.mobile_gateway import settle
from simulators.channels.subscriber_requests import SubscriberRequest
from simulators.demo.children import Child, start
from simulators.demo.installation import barada, next_words
from simulators.keys import keys_of
from simulators.people.population import Account
from simulators.provision import provide_keys
from switch.app import RETRIES_SHARE
from tests.e2e.crowd import Crowd, crowds
from tests.e2e.ports import free_ports
from tests.e2e.recovery.open_books import fill

WITHIN_S = 60.0
SERVES_WITHIN_S = 2.0
SLACK = 1.5  # the machine may be busy with other things
OPEN = 10_000
A_FLOOD = 800
ASKED_ABOUT_MAX = 40  # questions open at a peer of the flood's


def settings_at(directory: Path, replaced: dict[str, object]) -> tuple[Settings, dict[str, object]]:
    """The demo's without TLS, with everything at free ports and the books in this directory."""
    demo = load(demo_path())
    keys = [f"listeners.{name}.port" for name in demo.listeners] + [f"peers.{name}.port" for name in demo.peers]
    overrides: dict[str, object] = {
        **dict(zip(keys, free_ports(len(keys)), strict=True)),
        "ledger.database": str(directory / "ledger.db"),
        "ledger.socket": str(directory / "ledger.sock"),
        **provide_keys(demo, directory),
        **without_tls(demo),
        **replaced,
    }
    return load(demo_path(), overrides), overrides


def today(settings: Settings) -> str:
    return datetime.now(ZoneInfo(settings.switch.timezone)).strftime("%Y%m%d")


@contextmanager
def switch_at(directory: Path, overrides: dict[str, object]) -> Iterator[Child]:
    child = start("switch", barada("run", "--json", overrides=overrides), directory, talks=True)
    try:
        yield child
    finally:
        if not child.ended:
            child.process.send_signal(signal.SIGTERM)
        child.process.wait(20)
        for pipe in (child.process.stdin, child.process.stdout):
            assert pipe is not None
            pipe.close()


def open_in(settings: Settings) -> int:
    with closing(open_reader(settings.ledger.database)) as books:
        count: int = books.execute("SELECT count(*) FROM payments WHERE next_at IS NOT NULL").fetchone()[0]
        return count


@pytest.mark.alone
async def test_it_serves_within_two_seconds_of_its_start_with_ten_thousand_open_payments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, overrides = settings_at(tmp_path, {})
    left = fill(tmp_path / "ledger.db", today(settings), OPEN, time.time())
    began = time.perf_counter()
    with switch_at(tmp_path, overrides) as switch:
        await next_words(switch)
        took_s = time.perf_counter() - began
        with capsys.disabled():
            sys.stdout.write(f"\nserving after {took_s:.2f} s with {sum(left.values())} open payments\n")
    assert switch.process.returncode == 0, "told to stop the moment it serves, it stops in good order"
    assert took_s < SERVES_WITHIN_S * SLACK


@pytest.mark.alone
async def test_the_flood_after_a_restart_overruns_no_peer_and_keeps_no_customer_waiting(tmp_path: Path) -> None:
    replaced = {f"peers.{name}.requests_open_max": RETRIES_SHARE * ASKED_ABOUT_MAX for name in ("core", "power")}
    settings, overrides = settings_at(tmp_path, {**replaced, "switch.retry_most_s": 2})
    fill(tmp_path / "ledger.db", today(settings), A_FLOOD, time.time())
    core, power = Crowd(0.02, {"0420": "25", "0421": "25"}), Crowd(0.02, {})
    with trio.fail_after(WITHIN_S):
        async with crowds(settings, {"core": core, "power": power}):
            with switch_at(tmp_path, overrides) as switch:
                await next_words(switch)
                waited_s = await pay_until_approved(settings)
                while open_in(settings):  # noqa: ASYNC110 - nothing tells us of another process's commits
                    await trio.sleep(0.05)
                assert waited_s < 2.0
    assert core.asked["0420"] + core.asked["0421"] >= A_FLOOD / 2
    assert core.most <= ASKED_ABOUT_MAX + 1
    assert power.most <= ASKED_ABOUT_MAX + 1
    assert switch.process.returncode == 0
    assert verify(tmp_path / "ledger.db").clean


async def pay_until_approved(settings: Settings) -> float:
    """How long a customer's transfer took in the middle of it, once the core was there at all."""
    listener = next(one for one in settings.listeners.values() if one.channel is Channel.MOBILE)
    gateway = Gateway(settings, listener, keys_of(settings))
    async with gateway.connected(1) as channel:
        while True:
            began = time.perf_counter()
            request = SubscriberRequest(gateway.terminal(1), channel.stamp(), "963900000001")
            answer = await settle(
                channel, request.transfer(Account("10000000000001", "20", 0), "10000000000002", 500, own=True)
            )
            if answer is not None and answer.response_code == "00":
                return time.perf_counter() - began
            assert answer is not None
            assert answer.response_code == "91", "the core was not there yet"


async def test_told_to_stop_while_it_starts_it_stops(tmp_path: Path) -> None:
    _, overrides = settings_at(tmp_path, {})
    with switch_at(tmp_path, overrides) as switch:
        await trio.sleep(0.3)
    assert switch.process.returncode in (0, -signal.SIGTERM)
    assert "BUG" not in switch.log.read_text()
