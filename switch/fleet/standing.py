"""What the books keep of one machine: its newest word, since when it is so, and a ring of its faults.

Rule: pure: the standing before and a report give the standing after, and the rows to be committed. What is kept of one
machine is bounded, whatever it sends: equal reports add nothing for `HEARD_EVERY_S`, and faults go round in a ring of
`FAULTS_KEPT`. The newest word stands, the machine's or an operator's; one that was overtaken adds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from ledger.model import RegisterRow
from switch.fleet.report import Cassette, Fault, Report

ATMS, ATM_FAULTS = "atms", "atm-faults"  # the registers: by terminal, and by terminal and place in the ring
FAULTS_KEPT = 64
KEYS_KEPT = 8
HEARD_EVERY_S = 300.0
OVERTAKEN_S = 60.0  # an older one that was sent longer ago comes of a clock that was set back, not of the line


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """A report that was taken: by what its repeat is known."""

    key: str
    alias: str
    content: bytes


class OpenFault(msgspec.Struct, frozen=True, array_like=True):
    fault: Fault
    since: float
    slot: int


class Episode(msgspec.Struct, frozen=True, array_like=True):
    """One fault of the history; `until` is None while it lasts."""

    fault: Fault
    since: float
    until: float | None = None


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """`cassettes` as they were counted at `counted_at`, by the machine or by the operator `counted_by`: what was paid
    out since is not taken off yet. `report` is the machine's own last word, None before the first."""

    report: Report | None = None
    since: float = 0.0  # when the state of `report` was first told
    sent: str = ""  # YYYYMMDDhhmmss UTC, of `report`: not later than it came
    heard_at: float = 0.0
    cassettes: tuple[Cassette, ...] = ()
    counted_at: float = 0.0
    counted_by: str = ""
    filled_at: float | None = None  # when there were last more notes than before
    why: str = ""  # an operator's
    faults: tuple[OpenFault, ...] = ()
    episodes: int = 0  # how many faults there were
    slots: tuple[int, ...] = ()  # the version of each row of the ring
    seen: tuple[Seen, ...] = ()  # the newest last


class Heard(NamedTuple):
    """How a report came: by what a repeat of it would be known, and when."""

    seen: Seen
    repeat: bool
    at: float


class Change(NamedTuple):
    """What is to be committed before the report is answered."""

    standing: Standing
    episodes: tuple[tuple[int, int, Episode], ...] = ()  # place in the ring, version, what stands there


SAME, OTHER_CONTENT = "same", "other content"


def take(standing: Standing, report: Report, heard: Heard) -> Change | str:
    """The change that a report makes; SAME where it adds nothing, OTHER_CONTENT where its key was another's."""
    known = _known(standing.seen, heard)
    if known is not None:
        return SAME if known.content == heard.seen.content else OTHER_CONTENT
    sent = min(heard.seen.key[:14], _stamp(heard.at))
    if _overtaken(standing, sent, heard):
        return SAME
    if report == standing.report and heard.at - standing.heard_at < HEARD_EVERY_S:
        return SAME
    changed, episodes = _with_faults(standing, report.faults, heard.at)
    changed = _with_count(changed, report, heard.at)
    before = standing.report
    return Change(
        replace(
            changed,
            report=report,
            since=standing.since if before is not None and before.state is report.state else heard.at,
            sent=sent,
            heard_at=heard.at,
            seen=(*standing.seen, heard.seen)[-KEYS_KEPT:],
        ),
        episodes,
    )


def replenish(standing: Standing, cassettes: Sequence[Cassette], who: str, why: str, at: float) -> Change:
    """An operator says what is in the cassettes now."""
    counted = tuple(cassettes)
    return Change(replace(standing, cassettes=counted, counted_at=at, counted_by=who, filled_at=at, why=why))


def rows(terminal: str, version: int, change: Change) -> tuple[RegisterRow, ...]:
    """As the books take it. `version` is the one that the terminal's own row becomes."""
    own = RegisterRow(ATMS, terminal, version, to_body(change.standing))
    ring = (
        RegisterRow(ATM_FAULTS, fault_key(terminal, slot), slot_version, _encode(episode))
        for slot, slot_version, episode in change.episodes
    )
    return own, *ring


def fault_key(terminal: str, slot: int) -> str:
    return f"{terminal}|{slot:02d}"


def to_body(standing: Standing) -> bytes:
    return _encode(standing)


def from_body(body: bytes) -> Standing:
    """Raises msgspec.DecodeError if the books hold something else."""
    return _standing(body)


def episode_from(body: bytes) -> Episode:
    return _episode(body)


def _known(seen: Sequence[Seen], heard: Heard) -> Seen | None:
    """Some machines stamp field 7 of a repeat anew: then its reference says which it is."""
    by_key = next((one for one in seen if one.key == heard.seen.key), None)
    if by_key is not None or not heard.repeat:
        return by_key
    return next((one for one in seen if (one.alias, one.content) == (heard.seen.alias, heard.seen.content)), None)


def _overtaken(standing: Standing, sent: str, heard: Heard) -> bool:
    if sent >= standing.sent:
        return False
    return heard.repeat or sent >= _stamp(heard.at - OVERTAKEN_S)


def _with_count(standing: Standing, report: Report, at: float) -> Standing:
    """A count that only repeats the machine's last one says nothing against an operator's that came between."""
    before = standing.report.cassettes if standing.report is not None else ()
    if not report.cassettes or (standing.counted_by and report.cassettes == before):
        return standing
    filled = _notes(report.cassettes) > _notes(standing.cassettes)
    return replace(
        standing,
        cassettes=report.cassettes,
        counted_at=at,
        counted_by="",
        why="",
        filled_at=at if filled else standing.filled_at,
    )


def _with_faults(
    standing: Standing, faults: Sequence[Fault], at: float
) -> tuple[Standing, tuple[tuple[int, int, Episode], ...]]:
    """What is over ends in its place of the ring; what is new takes the next one."""
    slots = list(standing.slots or (0,) * FAULTS_KEPT)
    told = {_which(fault): fault for fault in faults}
    went_on = [one for one in standing.faults if _which(one.fault) in told]
    touched: dict[int, Episode] = {}
    for ended in standing.faults:
        if ended not in went_on:
            touched[ended.slot] = Episode(ended.fault, ended.since, at)
    lasting = {_which(one.fault) for one in went_on}
    number, taken = standing.episodes, [*went_on]
    for which, fault in told.items():
        if which in lasting:
            continue
        in_use = {*touched, *(one.slot for one in taken)}
        slot = next(place for place in _ring_from(number) if place not in in_use)
        taken.append(OpenFault(fault, at, slot))
        touched[slot] = Episode(fault, at)
        number += 1
    for slot in touched:
        slots[slot] += 1
    changed = replace(standing, faults=tuple(taken), episodes=number, slots=tuple(slots))
    return changed, tuple((slot, slots[slot], episode) for slot, episode in touched.items())


def _ring_from(number: int) -> Sequence[int]:
    first = number % FAULTS_KEPT
    return [*range(first, FAULTS_KEPT), *range(first)]


def _which(fault: Fault) -> tuple[str, str]:
    """A fault that only became worse is the same one."""
    return fault.component, fault.code


def _notes(cassettes: Sequence[Cassette]) -> int:
    return sum(one.notes for one in cassettes)


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%d%H%M%S")


_encode = msgspec.msgpack.Encoder().encode
_standing = msgspec.msgpack.Decoder(Standing).decode
_episode = msgspec.msgpack.Decoder(Episode).decode
