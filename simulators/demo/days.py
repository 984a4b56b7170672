"""The demo's business days: a cutover under load, both days closed, everybody's totals, and the settlement of each.

Rule: as the bank's people would do it: orders over the admin socket, `barada settlement` on the peers' files. What the
simulators were told to do wrong (`FAULTS`) is known to whoever judges: exactly that must be found.
"""

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import trio

from config.settings import Channel, Settings
from ledger import report
from ledger.model import BusinessDay
from ledger.queries import ListDays, ListRegister
from ledger.reader import open_reader
from simulators.build import biller_peers, core_of
from simulators.day_files import write_files
from simulators.demo.installation import Installation, barada
from simulators.hosts.file_faults import FileFault, Planted
from switch.commands.orders import ask_switch
from switch.flow.orders import ChangeDay, DayAction
from switch.flow.reconciliation import REGISTER, Result, from_body

FAULTS: Mapping[FileFault, int] = dict.fromkeys(FileFault, 1)  # in the files of each day
MISCOUNTING_CHANNEL, MISCOUNTING_BILLER = Channel.WEB, "WATER"  # the biller by its code

TOLD_WITHIN_S = 30.0
LOOK_EVERY_S = 0.1
WHO = "demo"

Break = tuple[str, str, str, str]  # the peer, what kind of break, fields 37 and 11
Totals = Callable[[str], Awaitable[dict[str, dict[str, Any]]]]
"""Has each channel tell its totals of a day (MMDD): what it heard, by the channel's name."""


@dataclass(frozen=True)
class DayEnd:
    """What came of one business day. `balanced`: by whose totals, whether they agree with the ledger's."""

    day: BusinessDay
    balanced: Mapping[str, bool]
    found: frozenset[Break]
    planted: frozenset[Break]
    positions: Mapping[str, int]  # by party, what it is owed in minor units
    adds_up: bool  # they do, to zero in each currency
    reports: tuple[str, ...]


@dataclass(frozen=True)
class Days:
    """Those that the demo opened and closed. `miscounting`: whose totals were to come out wrong."""

    ends: tuple[DayEnd, ...] = ()
    miscounting: frozenset[str] = field(default_factory=frozenset)

    def problems(self) -> list[str]:
        return [problem for end in self.ends for problem in self._of(end)]

    def told(self) -> list[dict[str, Any]]:
        """For a program."""
        return [
            {
                "day": end.day.day,
                "state": end.day.state,
                "in_balance": dict(end.balanced),
                "breaks": sorted(end.found),
                "planted": sorted(end.planted),
                "positions_minor": dict(end.positions),
                "reports": list(end.reports),
            }
            for end in self.ends
        ]

    def _of(self, end: DayEnd) -> Iterator[str]:
        day = end.day.day
        if end.day.closed_at is None:
            yield f"{day} is not closed"
        if not end.adds_up:
            yield f"{day}: positions do not add up to zero"
        for name, balanced in end.balanced.items():
            if balanced == (name in self.miscounting):
                yield f"{day}: {name} is {'in balance, and counted wrongly' if balanced else 'out of balance'}"
        yield from (f"{day}: a break that nobody planted: {' '.join(one)}" for one in sorted(end.found - end.planted))
        yield from (f"{day}: planted and not found: {' '.join(one)}" for one in sorted(end.planted - end.found))


async def order_day(settings: Settings, action: DayAction, why: str, day: str = "") -> None:
    """Raises click.ClickException where the switch can't be asked, or refuses."""
    order = ChangeDay(action, WHO, why, day)
    verdict = await trio.to_thread.run_sync(ask_switch, settings.switch.admin_socket, order)
    if not verdict.done:
        raise click.ClickException(f"{action.value} {day}: {verdict.words}")


async def cut_over(settings: Settings) -> None:
    """The next business day begins; nothing stops."""
    await order_day(settings, DayAction.CUTOVER, "half of the payments are made")


async def end_days(
    installation: Installation, first: str, totals: Totals, miscounting: frozenset[str], *, faults: bool
) -> Days:
    """Once all is quiet: close every day from `first` on but the open one, and settle each."""
    settings = installation.settings
    await order_day(settings, DayAction.CUTOVER, "the traffic is through")
    while closable := [one.day for one in _days(settings)[1:] if one.closed_at is None and one.day >= first]:
        await order_day(settings, DayAction.CLOSE, "it has ended, and nothing of it is open", closable[-1])
    days = [one.day for one in reversed(_days(settings)[1:]) if one.day >= first]
    files = installation.directory / "files"
    planted = {
        day: write_files(settings, installation.directory, day, files, FAULTS if faults else None, int(day)).planted
        for day in days  # all of them first: what a peer did around midnight may stand in another day's
    }
    ends = [await _end_of(installation, day, totals, files, planted[day]) for day in days]
    return Days(tuple(ends), miscounting)


async def _end_of(
    installation: Installation, day: str, totals: Totals, files: Path, planted: tuple[Planted, ...]
) -> DayEnd:
    channels = {name: bool(told["in_balance"]) for name, told in (await totals(day[4:])).items()}
    peers = await _peers_balanced(installation.settings, day)
    done = await _settled(installation, day, files)
    return DayEnd(
        day=next(one for one in _days(installation.settings) if one.day == day),
        balanced={**channels, **peers},
        found=frozenset((one["peer"], one["kind"], one["reference"].strip(), one["stan"]) for one in done["breaks"]),
        planted=frozenset(map(_expected, planted)),
        positions={
            one["party"]: one["net_minor"] for balance in done["balances"].values() for one in balance["positions"]
        },
        adds_up=all(balance["total_minor"] == 0 for balance in done["balances"].values()),
        reports=tuple(done["written"]),
    )


def _expected(one: Planted) -> Break:
    _, stan, reference = one.key
    return one.peer, one.kind.value, reference.strip(), stan


async def _settled(installation: Installation, day: str, folder: Path) -> dict[str, Any]:
    """`barada settlement run`, as a program of its own; 1 is its word for breaks."""
    out = installation.directory / "reports"
    options = ("--config", str(installation.config), "--day", day, "--files", str(folder), "--out", str(out), "--json")
    command = [sys.executable, *barada("settlement", "run", *options, overrides=installation.overrides)]
    done = await trio.run_process(command, capture_stdout=True, capture_stderr=True, check=False)
    if done.returncode not in (0, 1) or not done.stdout:
        raise subprocess.SubprocessError(f"settlement of {day}: {done.stderr.decode(errors='replace').strip()}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


async def _peers_balanced(settings: Settings, day: str) -> dict[str, bool]:
    """What each peer said to the switch's own 0500, once all have; who said nothing by then is not in balance."""
    wanted = {core_of(settings).name, *biller_peers(settings)}
    heard: dict[str, bool] = {}
    with trio.move_on_after(TOLD_WITHIN_S):
        while set(heard := _heard(settings, day)) < wanted:  # noqa: ASYNC110 - another process commits it
            await trio.sleep(LOOK_EVERY_S)
    return {name: heard.get(name, False) for name in sorted(wanted)}


def _heard(settings: Settings, day: str) -> dict[str, bool]:
    with closing(open_reader(settings.ledger.database)) as books:
        rows = report.answer(books, ListRegister(REGISTER, f"{day}|"))
    found = [from_body(row.body) for row in rows]
    return {
        one.peer: one.result is Result.BALANCED
        for one in found
        if one.peer and one.result in (Result.BALANCED, Result.OUT_OF_BALANCE)
    }


def _days(settings: Settings) -> list[BusinessDay]:
    """The newest first."""
    with closing(open_reader(settings.ledger.database)) as books:
        days: list[BusinessDay] = report.answer(books, ListDays())
    return days
