"""The switch as a model: how it carries out what the saga decides (as `switch.engine.payments` does).

Rule: commit first, then ask and answer; one event at a time. A commit names the version that was read: if somebody else
committed meanwhile it fails, the payment is read again, and the event meets that.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulators.check.flight import Flight, sent
from simulators.check.happenings import BILLER_UNREACHABLE, CORE_UNREACHABLE, Happening
from simulators.check.minds import Decision, Do, Minds, heard_code
from simulators.check.phases import Phase
from simulators.check.rules_off import RulesOff
from simulators.check.situation import GONE, Hold, Situation
from switch.flow.payment import Part, State

_SENDS = {Do.QUERY: Flight.QUERY_EARLY, Do.UNDO: Flight.UNDO_EARLY, Do.ADVISE: Flight.ADVICE_EARLY}
_ASKS = {Do.ASK_CORE: (Flight.DEBIT, CORE_UNREACHABLE), Do.ASK_BILLER: (Flight.PAY, BILLER_UNREACHABLE)}
_BOOKED = {
    (Hold.NONE, Part.HOLD): Hold.HELD,
    (Hold.HELD, Part.POST): Hold.POSTED,
    (Hold.HELD, Part.VOID): Hold.VOIDED,
    (Hold.POSTED, Part.CONTRA): Hold.GIVEN_BACK,
}


class Engine:
    def __init__(self, minds: Minds, off: RulesOff) -> None:
        self._minds = minds
        self._off = off
        self._pending: list[tuple[Decision, bool]] = []  # R6 off: commits that are out

    def hear(self, now: Situation, happening: Happening, *, former: bool = False) -> Iterator[Situation]:
        """All that may become of it when the owner, or the former one, hears of something."""
        memory, stale = (now.former, now.former_stale) if former else (now.owner, now.owner_stale)
        decision = self._minds.decide(memory, happening, now.phase)
        if decision.parts is not None and stale:
            decision = self._minds.decide(now.stored, happening, now.phase)
            stale = False
        if decision.parts is None:
            if decision.payment != memory:
                now = self._remembered(now, decision.payment, stale, former=former)
            return self._carry_out(now, decision, former=former)
        if self._off.overlapping_events and now.hold != Hold.NONE:
            return self._submit(now, decision, former=former)
        return self._commit(now, decision, former=former)

    def read_again(self, now: Situation) -> Situation:
        """An owner without memory reads the row."""
        return now._replace(owner=now.stored, owner_stale=False)

    # R6 off: between the submit and the commit other events are heard.

    def _submit(self, now: Situation, decision: Decision, *, former: bool) -> Iterator[Situation]:
        if now.pending != GONE:
            return
        entry = (decision, former)
        if entry not in self._pending:
            self._pending.append(entry)
        yield now._replace(pending=self._pending.index(entry))

    def commit_pending(self, now: Situation) -> Iterator[Situation]:
        decision, former = self._pending[now.pending]
        return self._commit(now._replace(pending=GONE), decision, former=former)

    # What a decision does.

    def _remembered(self, now: Situation, payment: int, stale: bool, *, former: bool) -> Situation:
        if former:
            return now._replace(former=payment, former_stale=stale)
        return now._replace(owner=payment, owner_stale=stale)

    def _commit(self, now: Situation, decision: Decision, *, former: bool) -> Iterator[Situation]:
        stored = decision.payment
        then = self._booked(now._replace(stored=stored), decision)
        if former:
            lost = then.owner == GONE
            then = then._replace(former=stored, former_stale=False, owner_stale=not lost and then.owner != stored)
        else:
            then = then._replace(owner=stored, owner_stale=False, former_stale=then.former not in (GONE, stored))
        return self._carry_out(then, decision, former=former)

    def _booked(self, now: Situation, decision: Decision) -> Situation:
        hold: int = now.hold
        for part in decision.parts or ():
            found = _BOOKED.get((Hold(hold), part))
            if found is None:
                return now._replace(broken=f"I1: {part.name} of what is {Hold(hold).name} in the ledger")
            hold = found
        if hold == Hold.GIVEN_BACK != now.hold and self._minds.facts[now.stored].in_part:
            hold = Hold.PART_GIVEN_BACK
        return now._replace(hold=hold)

    def _carry_out(self, now: Situation, decision: Decision, *, former: bool) -> Iterator[Situation]:
        if not decision.effects:
            yield self.settled(now)
            return
        codes = iter(decision.codes)
        flight, asked = now.flight, None
        told, told_reversal, broken = now.told, now.told_reversal, now.broken
        for effect in decision.effects:
            early = _SENDS.get(effect)
            if early is not None:
                flight |= sent(early, now.phase)
            elif effect is Do.ANSWER:
                told, broken = self._told(told, self._minds.facts[decision.payment].answer, broken, "request")
            elif effect is Do.ANSWER_REVERSAL:
                told_reversal, broken = self._told(told_reversal, heard_code(next(codes)), broken, "reversal")
            elif effect is Do.REPEAT_TO_BILLER:
                flight |= Flight.PAY if now.phase == Phase.ASKING else 0
            else:
                asked = _ASKS[effect]
        then = self.settled(now._replace(flight=flight, told=told, told_reversal=told_reversal, broken=broken))
        if asked is None:
            yield then
        else:
            yield from self._asked(then, *asked, former=former)

    def _asked(self, now: Situation, message: Flight, unreachable: Happening, *, former: bool) -> Iterator[Situation]:
        """A request that moves money: it leaves while there is time, or certainly does not (R10)."""
        in_time = now.phase == Phase.ASKING
        if in_time:
            yield now._replace(flight=now.flight | message)
        if in_time and self._off.unreachable_though_sent:
            now = now._replace(flight=now.flight | message)
        yield from self.hear(now, unreachable, former=former)

    def _told(self, before: str, code: str, broken: str, what: str) -> tuple[str, str]:
        if not code or code == before:
            return before, broken
        if before:
            return code, broken or f"I5: the {what} was answered {before} and then {code}"
        return code, broken

    def settled(self, now: Situation) -> Situation:
        """Nobody's memory where it can no longer matter: see the package's word on former owners."""
        facts = self._minds.facts
        if now.former != GONE and facts[now.former].state is not State.HELD:
            now = now._replace(former=GONE, former_stale=False)
        if now.owner == GONE and facts[now.stored].state is not State.HELD:
            now = self.read_again(now)
        return now
