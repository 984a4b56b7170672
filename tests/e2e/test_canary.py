"""The canary: one customer's secrets and every key go through every service and every fault, and get out nowhere (I9).

Searched is whatever stays or shows: logs, standard output, the books of the switch and of its peers with their
write-ahead logs, the key store, metrics, what commands print, core files, and what the system tells of each process.
Not searched are the files that are meant to hold a key, and what the test itself gives to the commands.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import trio

from config.settings import demo_path, load, without_key_changes
from switch.security.crypto.kcv import tdes_kcv
from switch.security.keys.ceremony import missing_keys
from switch.security.keys.master import ENVIRONMENT
from switch.security.keys.private_file import write_private
from switch.security.keys.store import encoded
from switch.security.soft import SoftModule
from tests.e2e.canary import errands, harm
from tests.e2e.canary.bank import ALL, BILLERS, CORE, SWITCH, Bank, allow_core, bank
from tests.e2e.canary.desk import Desk, desk
from tests.e2e.canary.forms import Secret
from tests.e2e.canary.person import (
    ACCOUNTS,
    MASKED_PAN,
    NEXT_PIN,
    PAN,
)
from tests.e2e.canary.search import files_in, found, process
from tests.e2e.canary.storm import FAULTS, storm
from tests.e2e.canary.watch import Canary

WITHIN_S = 120.0
COMPONENTS = bytes.fromhex("3DB5A1F2740C9E6B58D1073F92CE4AA6"), bytes.fromhex("E7026C9D13F85AB40F6E91D85C2B7340")
STORM_WITHIN_S = 300.0
CORES = {"core.db", "core.db-shm", "core.db-wal", "core.db.lock", "core.err", "core.out"}  # files, of the bank's core


async def test_no_secret_gets_out_by_any_service_or_fault(tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    with trio.fail_after(WITHIN_S):
        async with bank(tmp_path) as running:
            canary = Canary(running, tmp_path / "given")
            await every_service(canary)
            await every_fault(canary)
            await the_end(canary)
            await a_ceremony(canary)
    assert canary.leaks() == []
    nothing_was_missed(canary)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
async def test_nor_in_a_storm(seed: int, tmp_path: Path) -> None:
    """`pytest tests/e2e/test_canary.py -k storm`: what is cut short leaves nothing behind."""
    (tmp_path / "given").mkdir()
    with trio.fail_after(STORM_WITHIN_S):
        async with bank(tmp_path, faults=FAULTS) as running:
            canary = Canary(running, tmp_path / "given")
            await storm(canary, seed, accidents=12)
            await the_end(canary)
    assert canary.leaks() == []
    assert no_core(canary.bank)
    assert b"POSTED" in canary.seen["rows of ledger.db, payments"]


async def every_service(canary: Canary) -> None:
    running, bill = canary.bank, errands.a_bill(canary.bank.settings, canary.bank.keys())
    async with AsyncExitStack() as stack:
        names = ("atm", "mobile", "web", "mobile-bcd", "mobile-ebcdic", "pos")
        desks = {name: await stack.enter_async_context(desk(running.settings, name, canary.card)) for name in names}
        await errands.until_open(desks["mobile"], bill)
        await errands.at_a_gateway(desks["mobile"])
        await errands.with_bills(desks["web"], bill)
        for name in ("web", "mobile-bcd", "mobile-ebcdic"):
            await errands.in_another_dialect(desks[name])
        await errands.at_a_machine(desks["atm"])
        await errands.refused_at_a_machine(desks["atm"])
        await errands.at_a_terminal_with_keys_of_its_own(desks["pos"])
        for name in ("atm", "mobile", "web"):
            assert await desks[name].ask_for_keys() == "00"
        assert await desks["atm"].ask(errands.cash(desks["atm"])) == "00"
        canary.note_secrets()
        canary.look("after every service")


async def every_fault(canary: Canary) -> None:
    running = canary.bank
    async with desk(running.settings, "atm", canary.card) as atm, desk(running.settings, "web", canary.card) as web:
        for spoil in harm.SPOILS.values():
            await atm.spoil(errands.cash(atm), spoil)
            await web.spoil(web.with_all(web.by_subscriber().balance(ACCOUNTS[0])), spoil)
        for at in (atm, web):
            assert {"30", "63", ""} <= set(at.codes), at.codes
        canary.shown["answers to strangers"] = b"".join(harm.strangers(running.settings))
        await commands(canary, atm)
        async with running.silent(CORE):
            assert await atm.ask(errands.cash(atm)) == "91"
        async with running.full_disk():
            assert await atm.ask(errands.cash(atm)) == "09"
            canary.look("with a full disk")
        await running.kill_ledger()
        assert await atm.settle(errands.cash(atm)) == "00"
        await a_crash_while_money_is_held(canary, atm)
    harm.make_impossible(running.var / "ledger.db")
    await running.start(SWITCH)
    await until(lambda: {"DecodeError", "ConcealedError"} <= {event.get("error") for event in running.events()})
    await running.kill(BILLERS, signal.SIGABRT)
    await running.start(BILLERS)


async def a_crash_while_money_is_held(canary: Canary, atm: Desk) -> None:
    running = canary.bank
    async with running.silent(CORE), trio.open_nursery() as nursery:
        nursery.start_soon(atm.ask, errands.cash(atm))
        await until(lambda: bool(harm.held(running.var / "ledger.db")))
        allow_core(running.pid(SWITCH))
        await running.kill(SWITCH, signal.SIGSEGV)
        canary.look("after a crash")
        nursery.cancel_scope.cancel()


async def the_end(canary: Canary) -> None:
    canary.note_secrets()
    canary.look("at the end")
    assert await canary.bank.stop_all() == dict.fromkeys(ALL, 0)
    canary.look_at_the_end()


async def commands(canary: Canary, atm: Desk) -> None:
    """What a person is shown of the canary's card, who gives it as it should be given: in a file, or typed."""
    running, given = canary.bank, canary.given
    listener = running.settings.listeners["atm"]
    speaks = ["--config", str(running.config), "--listener", "atm", "--to", f"{listener.host}:{listener.port}"]
    (given / "fields.json").write_text(json.dumps({**errands.cash(atm), "41": "ATM00009"}))
    send = "send", *speaks, "--service", "withdrawal", "--pin", "--fields", f"@{given / 'fields.json'}"
    assert "00 Your transaction was completed" in await canary.run(*send, typed=NEXT_PIN)
    (given / "frame.bin").write_bytes(atm.sealed(errands.cash(atm)))
    assert MASKED_PAN in await canary.run("decode", "--file", str(given / "frame.bin"))
    listed = json.loads(canary.said("payments", "list", "--all", *canary.options, "--json"))["payments"]
    for payment in listed:
        canary.said("payments", "show", payment["payment"], *canary.options, "--json")
    assert MASKED_PAN in canary.said("payments", "show", listed[0]["payment"], *canary.options)
    canary.said("advices", "list", *canary.options)
    for command in ("verify", "trial-balance"):
        canary.said("ledger", command, "--database", str(running.var / "ledger.db"))
    canary.said("keys", "list", *canary.options)
    canary.said("keys", "master", "check", *canary.options)
    canary.said("keys", "export", "atm-mac", "--kek", "atm-kek", *canary.options)
    canary.said("keys", "change", "atm", "--why", "a canary", "--yes", *canary.options)


async def a_ceremony(canary: Canary) -> None:
    """Custodians bring a key in: what they type is in no answer and in no file, and neither is what is typed amiss."""
    first, second = (component.hex() for component in COMPONENTS)
    key = bytes(one ^ other for one, other in zip(*COMPONENTS, strict=True))
    typed = f"{first}0", first, "y", second, "y", tdes_kcv(key)
    said = await canary.run("keys", "import", "power-mac", *canary.options, "--replace", typed="\n".join(typed))
    assert f"power-mac: check value {tdes_kcv(key)}" in said
    canary.note_secrets(**{"a component": COMPONENTS[0], "another component": COMPONENTS[1], "the key of both": key})
    canary.look("after the ceremony")


def nothing_was_missed(canary: Canary) -> None:
    """A search proves nothing where the secrets never were, or where it was not looked."""
    everything = {**canary.seen, **canary.shown}
    assert no_core(canary.bank)
    masked = {name.partition(",")[0] for name, data in everything.items() if MASKED_PAN.encode() in data}
    assert {"rows of ledger.db", "what decode said", "what payments show said"} <= masked
    for name in ("ledger.db-wal after every service", "keys.json at the end", "switch.err", "metrics at the end"):
        assert everything[name], name
    assert found([Secret("PAN", PAN)], files_in(canary.given)), "the search does not find what was given"
    events = canary.bank.events()
    assert {"engine fault", "ledger_ended", "key changed", "link down"} <= {event["event"] for event in events}
    assert len([secret for secret in canary.secrets.values() if secret.name == "key atm-pin"]) > 1


def no_core(running: Bank) -> bool:
    """No process left an image of its memory, though each might."""
    return {path.name for path in running.var.iterdir() if path.name.startswith("core")} <= CORES


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - what another process does
        await trio.sleep(0.02)


def several(workers: int) -> dict[str, object]:
    """What so many workers need: keys that stay, and no serial numbers."""
    if workers == 1:
        return {}
    return {"switch.workers": workers, "keys.pos-bdk.use": "pin", **without_key_changes(load(demo_path()))}


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_master_key_in_the_environment_is_read_once_and_then_gone(tmp_path: Path, workers: int) -> None:
    """Several workers are told it by other ways."""
    key = Secret("the master key", bytes(range(100, 132)))
    assert isinstance(key.value, bytes)
    handed_over = {"security.master_key": None, **several(workers)}, {ENVIRONMENT: key.value.hex()}
    with trio.fail_after(WITHIN_S):
        async with bank(tmp_path, handed_over[0], environment=handed_over[1], but=ALL) as running:
            store = encoded(missing_keys(running.settings.keys, {}, SoftModule(key.value, os.urandom)))
            write_private(running.settings.security.store, store)
            for name in (SWITCH, BILLERS):
                await running.start(name)
            assert len(running.pids) == (3 if workers == 1 else 3 + workers)
            told = [process(pid) for pid in running.pids]
    for places in told:
        assert all(places.values())
        assert found([key], places) == []
    assert found([key], files_in(running.var)) == []
