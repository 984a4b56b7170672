"""The open payments: feeds each its events one at a time, and commits what the saga decides.

Rule (R6): while a commit of a payment is out, its other events wait in line. Nothing here decides what becomes of a
payment; everything that was decided is durable before anything that depends on it is said or asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace

from ledger.model import Committed, Outcome, PaymentRow, Refusal, Refused, RegisterRow, Stale, Taken, Unavailable
from switch.engine.agenda import Agenda
from switch.engine.caller import Caller
from switch.engine.days import KnownDays
from switch.engine.effects import Effects
from switch.engine.open_payment import OpenPayment, Turn
from switch.engine.peers import Peers
from switch.engine.ports import Tools
from switch.flow import events
from switch.flow.entries import dated, group_for
from switch.flow.events import Commit, Effect, Event
from switch.flow.limits import OVER_AMOUNT, OVER_COUNT
from switch.flow.payment import IN_PROGRESS, TRYING, Payment, State, from_record
from switch.flow.pound import UNCLEAR_POUND
from switch.flow.subscribers import activation_row
from switch.services.table import BY_NAME

MALFUNCTION = "96"
WITHOUT_BOOKS = IN_PROGRESS
"""While the books are away nothing final can be said: it could not be stored, another copy of the request may stand in
them, and one that is under way already will run when they are back."""
CUTOVER = "90"
RETRY_BOOKS_S = 1.0
PUT_OFF_S = 0.5
_REFUSED_BY_BOOKS = {
    Refusal.AMOUNT_LIMIT: OVER_AMOUNT,
    Refusal.COUNT_LIMIT: OVER_COUNT,
    Refusal.CLOSED_DAY: CUTOVER,
}


class Payments:
    def __init__(self, tools: Tools, peers: Peers, days: KnownDays) -> None:
        self._tools = tools
        self._days = days
        self._advance = tools.advance
        self._peers = peers
        self._open: dict[bytes, OpenPayment] = {}
        self._effects = Effects(tools, peers, self.happen)
        self._agenda = Agenda()

    @property
    def day(self) -> str:
        """The open business day, YYYYMMDD."""
        return self._days.now.current

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, opening: OpenPayment, turn: Turn) -> None:
        """A payment that is not in the books yet: its first commit claims its keys."""
        payment = opening.payment
        self._open[payment.id] = opening
        self._agenda.add_next(payment.answer_by, payment.id)
        self._take(opening, turn)

    def happen(self, payment_id: bytes, event: Event) -> None:
        """Evidence about a payment that can't be read now is lost; the saga's own questions bring it again."""
        found = self._open.get(payment_id)
        if found is not None:
            self._take(found, Turn(event))
        else:
            self.hear(payment_id, Turn(event), lambda _: self._tools.counters.add("evidence_without_payment"))

    def hear(self, payment_id: bytes, turn: Turn, absent: Callable[[Unavailable | None], None]) -> None:
        """A turn of a payment that may have left memory; `absent` if it is not in the books, or they can't be read."""
        found = self._open.get(payment_id)
        if found is not None:
            self._take(found, turn)
        else:
            self._tools.books.payment(payment_id, self._tools.guarded("wake", partial(self._woken, turn, absent)))

    def reverse(self, row: PaymentRow, turn: Turn, key: str, caller: Caller) -> None:
        """A reversal of a payment that the books know; `caller` gets its answer."""
        found = self.admit(row)
        if found.attach_reverser(key, caller):
            self._take(found, turn)

    def admit(self, row: PaymentRow) -> OpenPayment:
        """The payment of a row, as it is in memory, or read in from the row."""
        found = self._open.get(row.id)
        if found is not None:
            return found
        payment = from_record(row.record)
        biller = payment.biller.peer if payment.biller is not None else None
        opening = OpenPayment(payment, BY_NAME[payment.service], self._tools.terms(payment.core.peer, biller))
        opening.inherited = payment.state is State.HELD
        self._open[payment.id] = opening
        if payment.next_at is not None:
            self._agenda.add(payment.next_at, payment.id)
        return opening

    def current(self, row: PaymentRow) -> Payment:
        """As it is in memory where it is open, else, or where another worker has gone on with it, as the row has it."""
        found = self._open.get(row.id)
        return found.payment if found is not None and found.payment.version >= row.version else from_record(row.record)

    def answer_repeat(self, caller: Caller, row: PaymentRow) -> None:
        """The same request again: the stored answer, or the one that is under way, or 09."""
        found, payment = self._open.get(row.id), self.current(row)
        if found is not None and found.in_flight and not payment.answer:
            found.attach(caller)
        else:
            self._effects.answer(caller, payment)

    def recover(self, rows: Sequence[PaymentRow]) -> None:
        """After a start: what was open goes on, as far as there is room for it at once; the rest in its turn."""
        take_up = self._tools.guarded("recovery", self._take_up)
        for row in rows:
            take_up(row)

    def _take_up(self, row: PaymentRow) -> None:
        opening = self.admit(row)
        if opening.inherited:
            self._try_again(opening, self._now())

    def sweep(self) -> None:
        """Carries out what is due. Called several times a second."""
        now = self._now()
        due = self._tools.guarded("sweep", self._due)
        for payment_id in self._agenda.due(now):
            found = self._open.get(payment_id)
            if found is not None:
                due(found, now)

    def _due(self, opening: OpenPayment, now: float) -> None:
        payment = opening.payment
        if opening.callers and now >= payment.answer_by:
            self._effects.answer_callers(opening)
        opening.stalled = False
        if opening.line:
            self._next(opening)
        elif not opening.busy and (opening.inherited or _is_due(payment, now)):
            self._try_again(opening, now)
        self._forget_if_finished(opening)

    def _try_again(self, opening: OpenPayment, now: float) -> None:
        """In its turn, if many are due at one peer: what failed together must not come back together."""
        if self._peers.have_room_for(opening.payment, now):
            self._take(opening, Turn(events.Restarted(now) if opening.inherited else events.Tick(now)))
        else:
            self._tools.counters.add("attempts_put_off")
            self._agenda.add(now + PUT_OFF_S * (1 - self._tools.draw() / 2), opening.payment.id)

    def _woken(
        self, turn: Turn, absent: Callable[[Unavailable | None], None], found: PaymentRow | Unavailable | None
    ) -> None:
        if isinstance(found, PaymentRow):
            self._take(self.admit(found), turn)
        else:
            absent(found)

    # One event after the other.

    def _take(self, opening: OpenPayment, turn: Turn) -> None:
        if opening.inherited:  # R2: whatever comes first, it was taken over
            opening.inherited = False
            opening.line.append(Turn(events.Restarted(self._now())))
        if not isinstance(turn.event, events.Restarted):
            opening.line.append(turn)
        self._next(opening)

    def _next(self, opening: OpenPayment) -> None:
        line = opening.line
        while line and not opening.busy and not opening.stalled:
            self._step(opening, line.popleft())
        if opening.payment.next_at is None:
            self._forget_if_finished(opening)

    def _step(self, opening: OpenPayment, turn: Turn) -> None:
        payment, event = opening.payment, turn.event
        if turn.word is not None:
            payment, event = turn.word.meet(payment)
        payment, effects = self._advance(payment, event, opening.terms)
        if effects and type(effects[0]) is Commit:
            self._commit(opening, payment, effects, turn)
        elif turn.word is not None:
            turn.word.settle(opening, opening.payment, None)
        else:
            opening.payment = payment
            self._effects.carry_out(opening, effects)

    def _commit(self, opening: OpenPayment, payment: Payment, effects: Sequence[Effect], turn: Turn) -> None:
        before, first = opening.payment, effects[0]
        assert isinstance(first, Commit)
        concealed_pan = payment.concealed_pan
        if concealed_pan and not payment.may_name_card:
            concealed_pan = b""
        next_at = payment.next_at if payment.state not in TRYING else self._spread(before, payment)
        payment = replace(payment, version=before.version + 1, next_at=next_at, concealed_pan=concealed_pan)
        if payment.day != self._days.now.current or payment.reversal is not None:
            payment = dated(before, payment, first.parts, self._days.now)
            if self._is_in_another_pound(payment, turn):
                opening.line.appendleft(turn._replace(event=events.Refused(self._now(), UNCLEAR_POUND.code)))
                return
        group = group_for(
            self._tools.ids.group_id(),
            before,
            payment,
            first.parts,
            turn.claims,
            counted_as=opening.service.counted_as,
            ceilings=opening.ceilings,
            registers=_registered(opening, before, payment),
        )
        opening.busy = True
        self._tools.books.submit(group, partial(self._committed, opening, payment, effects, turn))

    def _is_in_another_pound(self, payment: Payment, turn: Turn) -> bool:
        """Its day was closed before it began, and the one that is open has another pound than the channel meant."""
        begins = isinstance(turn.event, events.Requested) and payment.moves_money
        return begins and self._tools.scale.units(payment.day) != payment.units

    def _spread(self, before: Payment, payment: Payment) -> float | None:
        """When it is tried again: a little early, each by a measure of its own."""
        next_at = payment.next_at
        if next_at is None or next_at == before.next_at:
            return next_at
        return next_at - max(0.0, next_at - self._now()) * self._tools.draw() / 2

    def _committed(
        self, opening: OpenPayment, payment: Payment, effects: Sequence[Effect], turn: Turn, outcome: Outcome
    ) -> None:
        """What the books said of a commit. A bug that one payment brings to light stops no other."""
        try:
            self._settle(opening, payment, effects, turn, outcome)
        except Exception as error:
            self._tools.fault("commit", error)

    def _settle(
        self, opening: OpenPayment, payment: Payment, effects: Sequence[Effect], turn: Turn, outcome: Outcome
    ) -> None:
        before, opening.busy = opening.payment, False
        if type(outcome) is Committed:
            opening.payment = payment
            if payment.next_at is not None and payment.state is not State.HELD:
                self._agenda.add(payment.next_at, payment.id)
            if turn.word is not None:
                turn.word.settle(opening, before, outcome)
            self._effects.carry_out(opening, effects[1:])
        elif isinstance(outcome, Taken):
            self._taken(opening, turn, outcome)
        elif isinstance(outcome, Stale):
            self._reread(opening, turn, outcome)
        elif type(outcome) is Refused and outcome.reason is Refusal.CLOSED_DAY and not turn.redone:
            self._redo(opening, turn)
        elif turn.word is not None:
            turn.word.settle(opening, before, outcome)
        elif isinstance(outcome, Refused):
            self._refused(opening, turn, outcome)
        else:
            self._books_away(opening, turn)
        self._next(opening)

    # When the books say otherwise.

    def _taken(self, opening: OpenPayment, turn: Turn, taken: Taken) -> None:
        """A key of this request was claimed before. A payment that never began here leaves no trace."""
        if opening.payment.state is State.NONE:
            self._drop(opening)
        opening.leave(turn.caller)
        assert turn.on_taken is not None
        turn.on_taken(taken)

    def _reread(self, opening: OpenPayment, turn: Turn, stale: Stale) -> None:
        """Another owner committed first: take what it wrote, and let the event meet that."""
        self._tools.counters.add("commits_stale")
        assert stale.payment is not None, "a committed payment has gone from the books"
        payment = opening.payment = from_record(stale.payment.record)
        if payment.next_at is not None:
            self._agenda.add(payment.next_at, payment.id)
        if payment.answer:
            self._effects.answer_callers(opening)
        if not isinstance(turn.event, events.Tick):  # what was due was done by the other
            opening.line.appendleft(turn)

    def _redo(self, opening: OpenPayment, turn: Turn) -> None:
        """Its day was closed before we heard of it: once more, as soon as the books have said which are open."""
        self._tools.counters.add("commits_redone")
        opening.busy = True
        self._days.learn(partial(self._learnt, opening, turn))

    def _learnt(self, opening: OpenPayment, turn: Turn, heard: bool) -> None:
        opening.busy = False
        if heard:
            opening.line.appendleft(turn._replace(redone=True))
        elif turn.word is not None:
            turn.word.settle(opening, opening.payment, Unavailable())
        else:
            self._books_away(opening, turn)
        self._next(opening)

    def _refused(self, opening: OpenPayment, turn: Turn, refused: Refused) -> None:
        payment = opening.payment
        self._tools.counters.add("commits_refused", refused.reason.value)
        code = _REFUSED_BY_BOOKS.get(refused.reason)
        if payment.state is State.NONE and code is not None and not isinstance(turn.event, events.Refused):
            opening.line.appendleft(turn._replace(event=events.Refused(self._now(), code)))
            return
        self._tools.report("commit_refused", payment=payment.id.hex(), reason=refused.reason.value)
        if payment.state is State.NONE:
            self._abandon(opening, MALFUNCTION)
        else:
            self._stall(opening, turn)

    def _books_away(self, opening: OpenPayment, turn: Turn) -> None:
        """Nothing new is begun; what was begun waits and is tried again."""
        self._tools.counters.add("commits_unavailable")
        if opening.payment.state is State.NONE:
            self._abandon(opening, WITHOUT_BOOKS)
        else:
            self._stall(opening, turn)

    def _abandon(self, opening: OpenPayment, code: str) -> None:
        for caller in (*opening.take_callers(), *(caller for _, caller in opening.reversers)):
            caller.answer(code, self.day)
        self._drop(opening)

    def _stall(self, opening: OpenPayment, turn: Turn) -> None:
        opening.line.appendleft(turn._replace(redone=False))
        opening.stalled = True
        self._agenda.add(self._now() + RETRY_BOOKS_S, opening.payment.id)

    def _drop(self, opening: OpenPayment) -> None:
        opening.callers.clear()
        opening.reversers.clear()
        self._open.pop(opening.payment.id, None)

    def _forget_if_finished(self, opening: OpenPayment) -> None:
        if opening.finished and opening.payment.state is not State.NONE:
            self._open.pop(opening.payment.id, None)

    def _now(self) -> float:
        return self._tools.clock.wall()


def _registered(opening: OpenPayment, before: Payment, payment: Payment) -> tuple[RegisterRow, ...]:
    """An activation is listed by the very commit that makes it approved."""
    if not opening.service.enrols:
        return ()
    row = activation_row(before, payment)
    return () if row is None else (row,)


def _is_due(payment: Payment, now: float) -> bool:
    return payment.next_at is not None and payment.next_at <= now
