"""The end of the demo's day: the peers hand in their files, the desk settles them, and finds what was planted in them.

Rule: exactly that, no more and no fewer; the simulators know what they planted, the desk is not told. Nothing is kept
in the books here: an operator may settle the same day afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import Settings
from simulators.day_files import Faults, write_files
from simulators.hosts.file_faults import Planted
from switch.backoffice.reports import write_reports
from switch.backoffice.settle import settle
from switch.settlement.match import Kind
from switch.settlement.settlement import Settlement

FILES, REPORTS = "files", "reports"
Break = tuple[str, tuple[str, str, str], Kind]  # at which peer, of which payment, and how it is called


@dataclass(frozen=True)
class DayEnd:
    """What was planted in one day's files, and what its settlement found."""

    day: str
    planted: frozenset[Break]
    found: frozenset[Break]
    matched: int
    explained: int
    balanced: bool

    def problems(self) -> list[str]:
        """What is wrong with the settlement, in words."""
        words = [f"{self.day}: positions do not add up to zero"] if not self.balanced else []
        words += [f"{self.day}: planted and not found: {_said(one)}" for one in sorted(self.planted - self.found)]
        return words + [f"{self.day}: found and not planted: {_said(one)}" for one in sorted(self.found - self.planted)]

    def summary(self) -> dict[str, Any]:
        return {
            "day": self.day,
            "matched": self.matched,
            "explained": self.explained,
            "breaks": len(self.found),
            "planted": len(self.planted),
        }


def end_day(settings: Settings, directory: Path, day: str, also: Iterable[str], faults: Faults, seed: int) -> DayEnd:
    """`directory` has the peers' books; files and reports go into it. Of `also`, other days, files are there without
    faults: what a peer did around midnight may stand in them."""
    files = directory / FILES
    for other in set(also) - {day}:
        write_files(settings, directory, other, files)
    written = write_files(settings, directory, day, files, faults, seed)
    now = time.time()
    done = settle(settings, day, files, now)
    write_reports(settings, done, directory / REPORTS, _shown, now)
    return judged(done, written.planted)


def judged(done: Settlement, planted: Iterable[Planted]) -> DayEnd:
    kinds = [one.kind for one in done.findings]
    return DayEnd(
        done.day.day,
        frozenset((one.peer, one.key, one.kind) for one in planted),
        frozenset((one.peer, one.key, one.kind) for one in done.breaks),
        kinds.count(Kind.MATCHED),
        kinds.count(Kind.EXPLAINED),
        all(balance.total_minor == 0 for balance in done.balances),
    )


def _said(one: Break) -> str:
    peer, (transmitted_at, stan, reference), kind = one
    return f"{kind} at {peer}, field 37 {reference}, field 11 {stan}, field 7 {transmitted_at}"


def _shown(at: float | None) -> str:
    return "" if at is None else time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))
