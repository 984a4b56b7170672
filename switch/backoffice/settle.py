"""Settles a business day: the ledger against the core's and the billers' files, and what is left of that as cases.

Rule: everything is read first and at one moment of the books; then the pure rules of `switch.settlement` decide; then,
of a closed day only, the cases and what is carried to the next day are kept in the books. Reading needs no ledger
process, keeping does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Set
from contextlib import closing
from functools import partial
from pathlib import Path

import msgspec
from msgspec.structs import replace

from config.settings import PeerKind, Settings
from ledger.model import DAY_CLOSED, BusinessDay, RegisterRow, Transfer
from ledger.reader import open_reader
from switch.backoffice import books, files
from switch.flow import reconciliation
from switch.settlement import carried, case, match, messages
from switch.settlement.carried import Carried
from switch.settlement.case import Case
from switch.settlement.line import Key, Line
from switch.settlement.match import At, Finding, Side
from switch.settlement.positions import balances
from switch.settlement.resolution import Known, row_of
from switch.settlement.settlement import Settlement
from switch.settlement.story import Story, story_of
from switch.terms import scale_of

Lines = dict[At, list[Line]]


def settle(settings: Settings, day: str, directory: Path | None, now: float) -> Settlement:
    """As the books and the files have it, nothing kept; without a directory as the books alone have it, and nothing is
    reconciled. BooksError, FileError."""
    with closing(open_reader(settings.ledger.database)) as connection:
        known_day = books.get_day(connection, day)
        transfers = books.transfers_of(connection, known_day)
        cases = cases_by_payment(books.register(connection, case.REGISTER))
        rows = books.register(connection, reconciliation.REGISTER, reconciliation.keys_of(day))
        found = _NOTHING
        if directory is not None:
            found = _reconciled(_Asked(settings, connection, known_day, directory, now), transfers, cases)
    return Settlement(
        known_day,
        core_of(settings),
        balances(transfers),
        tuple(found.findings),
        found.stories,
        _cases_shown(day, found.findings, cases),
        messages.by_message(rows),
        found.file_lines,
    )


class _Found(msgspec.Struct, frozen=True):
    findings: list[Finding]
    stories: Mapping[bytes, Story]
    file_lines: Mapping[str, int]


_NOTHING = _Found([], {}, {})


class _Asked(msgspec.Struct, frozen=True):
    settings: Settings
    connection: sqlite3.Connection
    day: BusinessDay
    directory: Path
    now: float


def _reconciled(asked: _Asked, transfers: Iterable[Transfer], cases: Mapping[At, Case]) -> _Found:
    """Twice: what does not match within the day's own files is looked for in those of the days beside it."""
    settings, directory, day = asked.settings, asked.directory, asked.day.day
    lines, counts = _lines_of(settings, directory, day)
    left = carried.carried_into(day, books.register(asked.connection, carried.REGISTER))
    known = _known(asked, transfers, cases, {*lines, *(one.at for one in left)})
    judge = _judge(asked, counts, left, books.all_sides(known.values()), cases, lines)
    _add_lines_beside(settings, directory, day, lines, judge())
    findings = judge()
    return _Found(findings, _stories(known, findings), counts)


def _known(asked: _Asked, transfers: Iterable[Transfer], cases: Mapping[At, Case], at: Set[At]) -> dict[bytes, Known]:
    """The payments that moved money on the day, those of settled disputes, and those that are known at a peer so."""
    moved = {one.payment for one in transfers if one.payment}
    disputed = {bytes.fromhex(one.payment) for one in cases.values() if one.settled_minor}
    return books.payments_of(asked.connection, asked.day, moved, at, disputed)


def _judge(
    asked: _Asked,
    peers: Iterable[str],
    left: Iterable[Carried],
    sides: Mapping[At, Side],
    cases: Mapping[At, Case],
    lines: Lines,
) -> Callable[[], list[Finding]]:
    """Judges by the lines that there are when it is called."""
    day = asked.day.day
    days = {one.at: one.day for one in left} | dict.fromkeys(match.touched(day, sides, lines), day)
    ends = {one.day: one.closed_at for one in books.days_of(asked.connection).values()}
    heard_until = {peer: _heard_until(asked.directory, peer, day, ends, asked.now) for peer in peers}
    settled = {at: one.settled_minor for at, one in cases.items() if one.settled_minor}
    return partial(match.reconcile, days, sides, lines, heard_until, settled)


def _stories(known: Mapping[bytes, Known], findings: Iterable[Finding]) -> dict[bytes, Story]:
    told = {one.payment for one in findings if one.kind is not match.Kind.MATCHED}
    return {id_: story_of(one.payment, one.transfers) for id_, one in known.items() if id_ in told}


def rows_to_keep(settings: Settings, done: Settlement, now: float) -> tuple[Settlement, list[RegisterRow]]:
    """What the books do not say yet: cases that are new or changed, and what is carried over. Of an open day nothing:
    it still changes."""
    if done.day.state != DAY_CLOSED:
        return done, []
    cases, rows = dict(done.cases), []
    for finding in done.findings:
        at = (finding.peer, finding.key)
        known_case = cases.get(at)
        is_news = known_case is not None and known_case.state not in case.OVER  # that it is no break any more, too
        changed = case.found(finding, known_case, now) if finding.kind in match.BREAKS or is_news else None
        if changed is not None:
            cases[at] = changed
            rows.append(row_of(changed))
    with closing(open_reader(settings.ledger.database)) as connection:
        known = books.register(connection, carried.REGISTER)
    left = carried.row_for(done.day.day, carried.carried_over(done.findings), known)
    return replace(done, cases=cases), [*rows, *([left] if left is not None else [])]


def cases_by_payment(rows: Iterable[RegisterRow]) -> dict[At, Case]:
    found = (case.from_body(row.body) for row in rows)
    return {(one.peer, one.key): one for one in found}


def peers_of(settings: Settings) -> list[str]:
    """Who gives a file: the core, and whoever answers for a biller."""
    return [core_of(settings), *sorted({biller.peer for biller in settings.billers.values()})]


def core_of(settings: Settings) -> str:
    return next(peer.name for peer in settings.peers.values() if peer.kind is PeerKind.CORE)


def _prefixes(settings: Settings, peer: str) -> files.Prefixes:
    return tuple(settings.switch.bank_prefixes) if peer == core_of(settings) else None


def _payees(settings: Settings, peer: str) -> files.Payees:
    if peer == core_of(settings):
        return None
    return frozenset(f"biller:{code}" for code, biller in settings.billers.items() if biller.peer == peer)


def _lines_of(settings: Settings, directory: Path, day: str) -> tuple[Lines, dict[str, int]]:
    found: Lines = {}
    counts = {}
    for peer in peers_of(settings):
        prefixes, payees = _prefixes(settings, peer), _payees(settings, peer)
        file = files.read_day(directory, peer, day, prefixes, scale_of(settings), payees)
        counts[peer] = len(file.lines)
        for line in file.lines:
            found.setdefault((peer, line.key), []).append(line)
    return found, counts


def _add_lines_beside(settings: Settings, directory: Path, day: str, lines: Lines, findings: Iterable[Finding]) -> None:
    """What other days' files have of what did not match within this one."""
    keys: dict[str, set[Key]] = {}
    for one in findings:
        if one.kind is not match.Kind.MATCHED:
            keys.setdefault(one.peer, set()).add(one.key)
    for peer, wanted in keys.items():
        prefixes, payees = _prefixes(settings, peer), _payees(settings, peer)
        for line in files.lines_beside(directory, peer, day, wanted, prefixes, scale_of(settings), payees):
            lines.setdefault((peer, line.key), []).append(line)


def _heard_until(directory: Path, peer: str, day: str, ends: Mapping[str, float | None], now: float) -> float:
    """When the newest day ended of which this peer's file is there; one that is not over ends now."""
    newest = max((day, *files.days_beside(directory, peer, day)))
    ended_at = ends.get(newest)
    return now if ended_at is None else ended_at


def _cases_shown(day: str, findings: Iterable[Finding], cases: Mapping[At, Case]) -> dict[At, Case]:
    found = {(one.peer, one.key) for one in findings}
    return {at: one for at, one in cases.items() if at in found or one.day == day}
