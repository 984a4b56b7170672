"""What machines report of themselves, and what operators say of them: durable in the books before it is answered.

Rule: one word of a machine at a time, in the order of their coming. What stands is remembered, and read again where
another worker has written meanwhile. What adds nothing is answered without a commit. However much a machine sends, or
however many names somebody invents, what the books take is bounded by time: who is told 09 may come again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from ledger.model import Committed, Group, Outcome, Refused, RegisterRow, Unavailable, find_row
from switch.engine.caller import Caller
from switch.engine.ports import Tools
from switch.engine.waiting import Waiting
from switch.fleet import standing as fleet
from switch.fleet.report import Cassette, Report, report_of
from switch.fleet.standing import ATMS, Change, Heard, Seen, Standing
from switch.flow.bucket import Bucket
from switch.flow.case import APPROVED, OTHER_CONTENT
from switch.flow.keys import identify
from switch.flow.orders import Replenish, Verdict, unfit
from switch.flow.payment import IN_PROGRESS
from switch.flow.refusal import Refusal
from switch.flow.verdicts import BOOKS_AWAY, Tell, conclude
from switch.services.request import Request
from switch.services.service import Service
from switch.wire.mti import is_repeat

LINE_MAX = 16  # words of one machine that wait for the one before them
KNOWN_MAX = 10_000  # machines whose standing is remembered; the others' is read again
CHANGES_AT_ONCE, CHANGE_EVERY_S = 100, 10.0  # of one machine
NEW_AT_ONCE, NEW_EVERY_S = 2_000, 60.0  # machines that the books did not know
TRIES_MAX = 5  # against another worker's commits

Make = Callable[[Standing], Change | str]


class _Word:
    """What somebody says of a machine. `make` says what it changes, `tell` hears what became of it."""

    __slots__ = ("make", "tell", "tries")

    def __init__(self, make: Make, tell: Callable[[str], None]) -> None:
        self.make = make
        self.tell = tell
        self.tries = 0


class _Known:
    """A machine's standing as the books have it; version 0: they don't know it yet."""

    __slots__ = ("standing", "version")

    def __init__(self, standing: Standing, version: int) -> None:
        self.standing = standing
        self.version = version


COMMITTED, PUT_OFF, AWAY = "committed", "put off", "books away"


class AtmReports:
    def __init__(self, tools: Tools, day: Callable[[], str]) -> None:
        self._tools = tools
        self._day = day
        self._known: dict[str, _Known] = {}
        self._buckets: dict[str, Bucket] = {}  # they outlast a standing that is read again
        self._lines: dict[str, deque[_Word]] = {}
        self._waiting = Waiting(tools)
        self._new = Bucket(NEW_AT_ONCE, NEW_EVERY_S, tools.clock.wall())

    def take(self, service: Service, request: Request, caller: Caller) -> Refusal | None:
        """A machine's own word. What is returned is to be answered. Raises ImpossibleDayError (30)."""
        tools, message = self._tools, request.message
        refusal = service.rule(request, tools.bank)
        if refusal is not None:
            return refusal
        identity = identify(message, tools.today())
        seen = Seen(identity.key, identity.alias, tools.vault.fingerprint(identity.content))
        heard = Heard(seen, is_repeat(message.mti), tools.clock.wall())
        self._waiting.add(caller, self._day())
        word = _Word(partial(_reported, report_of(request.tags), heard), partial(self._answer, service.name, caller))
        self._enter(message.terminal or "", word)
        return None

    def replenish(self, order: Replenish, tell: Tell) -> None:
        """An operator's word; `tell` hears once, perhaps before this returns."""
        tools, fault = self._tools, unfit(order)
        told = partial(self._tell, order, tell)
        if fault is not None:
            told(Verdict(False, fault))
            return
        currency = tools.bank.currency
        cassettes = tuple(Cassette(one.denomination_minor, currency, one.notes) for one in order.cassettes)
        at = tools.clock.wall()
        change = partial(fleet.replenish, cassettes=cassettes, who=order.who, why=order.why, at=at)
        self._enter(order.terminal, _Word(change, lambda outcome: told(_VERDICTS[outcome])))

    def sweep(self) -> None:
        self._waiting.sweep()

    # One word after the other.

    def _enter(self, terminal: str, word: _Word) -> None:
        line = self._lines.setdefault(terminal, deque())
        if len(line) >= LINE_MAX:
            word.tell(PUT_OFF)
            return
        line.append(word)
        if len(line) == 1:
            self._step(terminal)

    def _step(self, terminal: str) -> None:
        """Carry out the first in line."""
        known = self._known.get(terminal)
        if known is None:
            found = self._tools.guarded("report", partial(self._read, terminal))
            self._tools.books.register(ATMS, found, prefix=terminal)
            return
        try:
            change = self._lines[terminal][0].make(known.standing)
        except Exception as error:  # a bug that one word brings to light stops no other
            self._tools.fault("report", error)
            change = AWAY
        if isinstance(change, str):
            self._end(terminal, change)
        elif not self._may_change(terminal, known):
            self._end(terminal, PUT_OFF)
        else:
            rows = fleet.rows(terminal, known.version + 1, change)
            done = self._tools.guarded("report", partial(self._committed, terminal, known, change))
            self._tools.books.submit(Group(self._tools.ids.group_id(), registers=rows), done)

    def _may_change(self, terminal: str, known: _Known) -> bool:
        now = self._tools.clock.wall()
        if known.version == 0 and not self._new.take(now):
            return False
        bucket = self._buckets.get(terminal)
        if bucket is None:
            _make_room(self._buckets)
            bucket = self._buckets[terminal] = Bucket(CHANGES_AT_ONCE, CHANGE_EVERY_S, now)
        return bucket.take(now)

    def _read(self, terminal: str, found: list[RegisterRow] | Unavailable) -> None:
        if isinstance(found, Unavailable):
            self._end(terminal, AWAY)
            return
        row = find_row(found, terminal)
        try:
            standing = fleet.from_body(row.body) if row is not None else Standing()
        except ValueError as error:  # somebody else wrote it: nothing of it is overwritten
            self._tools.fault("report", error)
            self._end(terminal, AWAY)
            return
        _make_room(self._known)
        self._known[terminal] = _Known(standing, row.version if row is not None else 0)
        self._step(terminal)

    def _committed(self, terminal: str, known: _Known, change: Change, outcome: Outcome) -> None:
        word = self._lines[terminal][0]
        if isinstance(outcome, Committed):
            self._notice(terminal, known.standing, change.standing)
            known.standing, known.version = change.standing, known.version + 1
            self._end(terminal, COMMITTED)
        elif isinstance(outcome, Refused) and word.tries < TRIES_MAX:
            word.tries += 1  # another worker was quicker: read again
            self._known.pop(terminal, None)
            self._step(terminal)
        else:
            self._known.pop(terminal, None)
            self._end(terminal, AWAY)

    def _end(self, terminal: str, outcome: str) -> None:
        line = self._lines[terminal]
        word = line.popleft()
        if not line:
            del self._lines[terminal]
        try:
            word.tell(outcome)
        finally:
            if line:
                self._step(terminal)

    # What is said of it.

    def _notice(self, terminal: str, before: Standing, after: Standing) -> None:
        was, now = before.report, after.report
        if now is not None and (was is None or was.state is not now.state):
            self._tools.report("atm state", terminal=terminal, state=now.state.value)

    def _answer(self, service: str, caller: Caller, outcome: str) -> None:
        code = _CODES.get(outcome, APPROVED)
        self._tools.counters.add("atm_reports", outcome)
        self._tools.counters.add("answers", service, code)
        caller.answer(code, self._day())

    def _tell(self, order: Replenish, tell: Tell, verdict: Verdict) -> None:
        tools = self._tools
        conclude(order, "replenish", verdict, tell, tools.counters, tools.report, terminal=order.terminal)


_CODES = {fleet.OTHER_CONTENT: OTHER_CONTENT, PUT_OFF: IN_PROGRESS, AWAY: IN_PROGRESS}
_VERDICTS = {
    COMMITTED: Verdict(True, "counted from now on"),
    PUT_OFF: Verdict(False, "too much is being said of this machine: nothing was done, try again later"),
    AWAY: Verdict(False, BOOKS_AWAY),
}


def _make_room(kept: dict[str, Any]) -> None:
    while len(kept) >= KNOWN_MAX:
        del kept[next(iter(kept))]


def _reported(report: Report, heard: Heard, standing: Standing) -> Change | str:
    return fleet.take(standing, report, heard)
