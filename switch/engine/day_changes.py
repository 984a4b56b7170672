"""Opens and closes business days: by schedule, by an operator's order, by message from whoever owns the day.

Rule: a day is opened while the one before it stays open, so that nothing has to stop; that one is closed once none of
its payments has a next action, or when its time is up: what is open then is carried over (`flow.entries`). Who changed
a day and why is stored by the commit that changes it. Any worker may open a day, for the books decide; what comes by
itself, the schedule and the closing, is worker 0's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec

from ledger.model import (
    DAY_CLOSED,
    DAY_OPEN,
    Committed,
    DayChange,
    Group,
    Outcome,
    RegisterRow,
    Unavailable,
)
from switch.engine.days import KnownDays
from switch.engine.ports import Tools
from switch.flow.days import OWN, REGISTER, DayNote, day_named, days_between
from switch.flow.orders import ChangeDay, DayAction, Verdict, unfit
from switch.flow.verdicts import BOOKS_AWAY, Tell, conclude
from switch.flow.window import OncePerWindow
from switch.wire.codes import ResponseCode
from switch.wire.message import Message

LOOK_EVERY_S = 1.0
COUNT_EVERY_S = 5.0  # what is still open of a day that has ended, first when all workers have heard that it has
SCHEDULE = "schedule"
TOLD_EVERY_S = 60.0  # that one endpoint was refused for one reason
LEAP_MAX_DAYS = 31  # that the schedule catches up on; beyond it an operator orders the cutover

Answer = Callable[[ResponseCode, str], None]  # the code, and the place of a fault in the message


class DayChanges:
    def __init__(self, tools: Tools, days: KnownDays) -> None:
        self._tools = tools
        self._calendar = tools.calendar
        self._days = days
        self._look_at = self._count_at = tools.clock.mono()
        self._doubted = ""  # the day that the schedule would have leapt to
        self._told = OncePerWindow(TOLD_EVERY_S)
        self._out: set[tuple[str, str]] = set()  # what is being committed: the day and its new state

    def sweep(self) -> None:
        """Hear of changes, and make those that are due. Called several times a second."""
        now = self._tools.clock.mono()
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY_S
            self._days.learn(self._look if self._tools.share.worker == 0 else _nothing)

    def _look(self, _: bool) -> None:
        due = self._calendar.scheduled(self._tools.clock.wall())
        if self._calendar.owner == OWN and due is not None and self._days.now.current < due:
            self._follow_schedule(due)
        if self._days.now.ended and self._tools.clock.mono() >= self._count_at:
            self._count_at = self._tools.clock.mono() + COUNT_EVERY_S
            self._close_what_ended(self._tools.clock.wall())

    def _follow_schedule(self, due: str) -> None:
        """A day that was opened can't be taken back: of a clock that has leapt a person thinks first."""
        if days_between(self._days.now.current, due) <= LEAP_MAX_DAYS:
            self._open(due, SCHEDULE, "", _unheard)
        elif self._doubted != due:
            self._doubted = due
            why = f"the clock says {due}, more than {LEAP_MAX_DAYS} days after {self._days.now.current}"
            self._tools.counters.add("business_days", "cutover refused")
            self._tools.report("cutover refused", endpoint=SCHEDULE, why=why)

    def _close_what_ended(self, now: float) -> None:
        for day, since in self._days.now.ended:
            overdue = now >= since + self._calendar.close_within_s
            if overdue or now >= since + COUNT_EVERY_S:
                self._close(day, OWN, "its time is up" if overdue else "", _unheard, whatever_is_open=overdue)

    # By order of an operator.

    def take(self, order: ChangeDay, tell: Tell) -> None:
        """Never waits; `tell` hears once, perhaps before this returns."""
        fault, told = unfit(order), partial(self._tell, order, tell)
        if fault is not None:
            told(Verdict(False, fault))
        elif not self._days.now.current:
            told(Verdict(False, BOOKS_AWAY))
        elif order.action is DayAction.CUTOVER:
            self._order_cutover(order, told)
        else:
            self._order_close(order, told)

    def _order_cutover(self, order: ChangeDay, tell: Tell) -> None:
        current = self._days.now.current
        day = order.day or self._calendar.following(current)
        fault = self._fault(day)
        if fault is not None:
            tell(Verdict(False, fault))
        elif day == current:
            tell(Verdict(False, f"{day} is open already"))
        else:
            self._open(day, order.who, order.why, tell)

    def _order_close(self, order: ChangeDay, tell: Tell) -> None:
        ended = [day for day, _ in self._days.now.ended]
        day = order.day or (ended[0] if len(ended) == 1 else "")
        if day in ended:
            self._close(day, order.who, order.why, tell, whatever_is_open=True)
        elif not ended:
            tell(Verdict(False, f"only {self._days.now.current} is open: a day is closed once the next one is open"))
        else:
            tell(Verdict(False, f"allowed: {', '.join(ended)}, which the next day follows already"))

    def _tell(self, order: ChangeDay, tell: Tell, verdict: Verdict) -> None:
        conclude(order, f"day-{order.action.value}", verdict, tell, self._tools.counters, self._tools.report)

    # By message: 0800/201 names in DE 15 the day that opens.

    def on_message(self, endpoint: str, request: Message, answer: Answer) -> None:
        """`endpoint` is where it came from, by its place in the configuration. Only the owner of the day is heard."""
        current = self._days.now.current
        if endpoint != self._calendar.owner:
            self._refuse(endpoint, "who sent it does not own the day", answer)
            return
        if not current:
            answer(ResponseCode.MALFUNCTION, "")
            return
        try:
            day = day_named(request.business_date or "", current)
        except ValueError:
            answer(ResponseCode.FORMAT_ERROR, "15")
            return
        fault = self._fault(day)
        if fault is not None:
            self._refuse(endpoint, fault, answer)
        elif day == current:
            answer(ResponseCode.APPROVED, "")
        else:
            self._open(day, endpoint, "0800/201", partial(_answered, answer))

    def _refuse(self, endpoint: str, why: str, answer: Answer) -> None:
        self._tools.counters.add("business_days", "cutover refused")
        suppressed = self._told.suppressed((endpoint, why), self._tools.clock.mono())
        if suppressed is not None:  # whoever may connect can send as many as it likes
            self._tools.report("cutover refused", endpoint=endpoint, why=why, count=suppressed)
        answer(ResponseCode.INVALID_TRANSACTION, "")

    # What changes a day.

    def _fault(self, day: str) -> str | None:
        return self._calendar.fault(day, self._days.now, self._tools.clock.wall())

    def _open(self, day: str, who: str, why: str, tell: Tell) -> None:
        self._change(DayChange(day, DAY_OPEN, self._tools.clock.wall()), DayNote(who, why), tell)

    def _close(self, day: str, who: str, why: str, tell: Tell, *, whatever_is_open: bool) -> None:
        def counted(found: int | Unavailable) -> None:
            if isinstance(found, Unavailable):
                tell(Verdict(False, BOOKS_AWAY))
            elif found == 0 or whatever_is_open:
                self._change(DayChange(day, DAY_CLOSED, self._tools.clock.wall()), DayNote(who, why, found), tell)

        self._tools.books.count_open(day, self._tools.guarded("days", counted))

    def _change(self, change: DayChange, note: DayNote, tell: Tell) -> None:
        """One commit for the change and its note. A day is opened once and closed once, so the note's key is new."""
        if (change.day, change.state) in self._out:
            tell(Verdict(False, "it is being done"))
            return
        self._out.add((change.day, change.state))
        row = RegisterRow(REGISTER, f"{change.day} {change.state}", 1, msgspec.json.encode(note))
        group = Group(self._tools.ids.group_id(), days=(change,), registers=(row,))
        settled = partial(self._settled, change, note, tell)
        self._tools.books.submit(group, self._tools.guarded("days", settled))

    def _settled(self, change: DayChange, note: DayNote, tell: Tell, outcome: Outcome) -> None:
        self._out.discard((change.day, change.state))
        if isinstance(outcome, Unavailable):
            tell(Verdict(False, BOOKS_AWAY))
            return
        done = isinstance(outcome, Committed)
        if done:
            what = "opened" if change.state == DAY_OPEN else "closed"
            self._tools.counters.add("business_days", what)
            self._tools.report(
                f"business day {what}", day=change.day, who=note.who, why=note.why, count=note.carried_over
            )
        self._days.learn(partial(self._after, change, note, done, tell))

    def _after(self, change: DayChange, note: DayNote, done: bool, tell: Tell, _: bool) -> None:
        """Refused: somebody else was quicker, and has opened this day or a later one, or closed it."""
        opens, now = change.state == DAY_OPEN, self._days.now
        if opens and (done or now.current == change.day):
            tell(Verdict(True, f"{change.day} is open; what was begun before ends in its own day"))
        elif not opens and (done or now.of(change.day) != change.day):
            carried = f"; {note.carried_over} payments are carried over" if note.carried_over else ""
            tell(Verdict(True, f"{change.day} is closed{carried}"))
        else:
            tell(Verdict(False, f"the books refuse it: {now.current} is open now"))


def _answered(answer: Answer, verdict: Verdict) -> None:
    """What could not be stored is to be sent again."""
    answer(ResponseCode.APPROVED if verdict.done else ResponseCode.MALFUNCTION, "")


def _unheard(_: Verdict) -> None:
    """Nobody ordered it: the events tell."""


def _nothing(_: bool) -> None:
    """There is nothing to change here."""
