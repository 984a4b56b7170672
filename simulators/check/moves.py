"""Everything that may happen next in a situation: the channel, the network, the peers, time, crashes, the operator."""

from __future__ import annotations

from collections.abc import Iterator

from simulators.check import happenings as h
from simulators.check.abilities import Abilities
from simulators.check.biller import on_payment, on_query, on_undo
from simulators.check.core import Reaction, on_advice, on_debit
from simulators.check.engine import Engine
from simulators.check.flight import NOTHING, REPLIES, REQUESTS, Flight, on_time_passing
from simulators.check.minds import Minds
from simulators.check.operators import core_owes, orders
from simulators.check.phases import PASSING, Phase
from simulators.check.rules_off import RulesOff
from simulators.check.situation import GONE, CoreBook, Situation
from switch.flow.payment import State
from switch.flow.terms import Undo

Move = tuple[str, Situation]

_REQUESTS = tuple(flag for flag in Flight if flag & REQUESTS)
_REPLIES = tuple(flag for flag in Flight if flag & REPLIES)


class Moves:
    """`replies_outlive_a_crash` stands for a former owner's connections; a story is clearer without."""

    def __init__(
        self, abilities: Abilities, minds: Minds, off: RulesOff, *, replies_outlive_a_crash: bool = True
    ) -> None:
        self._abilities = abilities
        self._minds = minds
        self._off = off
        self._engine = Engine(minds, off)
        self._replies_outlive_a_crash = replies_outlive_a_crash
        to_core, to_biller = Flight.DEBIT | Flight.DEBITED | Flight.DECLINED, Flight.PAY | Flight.PAID | Flight.REFUSED
        self._runs_once = to_core if abilities.repeats else to_core | to_biller

    def __call__(self, now: Situation) -> Iterator[Move]:
        facts = self._minds.facts[now.stored]
        if facts.state is State.NONE:
            yield from self._first(now)
            return
        if now.pending != GONE:
            for then in self._engine.commit_pending(now):
                yield "the commit that was out is done", then
        yield from self._channel(now)
        if now.flight:
            yield from self._peers(now)
            yield from self._replies(now)
        yield from self._silence(now)
        yield from self._owners(now)
        yield from self._operator(now)
        yield from self._time(now)

    def _heard(self, now: Situation, happening: h.Happening, *, former: bool = False) -> Iterator[Move]:
        words = happening.words + (" at the former owner" if former else "")
        for then in self._engine.hear(now, happening, former=former):
            yield words, then

    def _by_anyone(self, now: Situation, happening: h.Happening) -> Iterator[Move]:
        """By the owner or, while there is one, the former owner."""
        if now.owner != GONE:
            yield from self._heard(now, happening)
        if now.former != GONE:
            yield from self._heard(now, happening, former=True)

    def _first(self, now: Situation) -> Iterator[Move]:
        yield from self._heard(now, h.REQUEST)
        if now.told_reversal:
            return  # R12 off: the original, after its reversal
        yield from self._heard(now, h.REFUSED)
        for _, then in self._heard(now, h.REVERSE):
            yield "the channel's reversal comes first", then

    def _channel(self, now: Situation) -> Iterator[Move]:
        stored = self._minds.facts[now.stored]
        memory = stored if now.owner == GONE else self._minds.facts[now.owner]
        if self._off.loose_tombstone and stored.answer == "68" and not now.told:
            for then in self._engine.hear(now._replace(stored=0, owner=0), h.REQUEST):
                yield h.REQUEST.words, then
        elif memory.answer and memory.answer != now.told:
            yield "the channel repeats its request", self._repeated(now, memory.answer)
        if not stored.reversed and not (self._off.loose_tombstone and now.told_reversal):
            yield from self._by_anyone(now, h.REVERSE)
            if self._abilities.partial and now.told == "00":
                yield from self._by_anyone(now, h.REVERSE_PART)
        elif memory.reversal_answer and memory.reversal_answer != now.told_reversal:
            yield "the channel repeats its reversal", self._repeated_reversal(now, memory.reversal_answer)

    def _repeated(self, now: Situation, code: str) -> Situation:
        broken = f"I5: the request was answered {now.told} and then {code}" if now.told else ""
        return now._replace(told=code, broken=now.broken or broken)

    def _repeated_reversal(self, now: Situation, code: str) -> Situation:
        broken = f"I5: the reversal was answered {now.told_reversal} and then {code}" if now.told_reversal else ""
        return now._replace(told_reversal=code, broken=now.broken or broken)

    def _peers(self, now: Situation) -> Iterator[Move]:
        for message in _REQUESTS:
            if now.flight & message:
                to_core = message < Flight.PAY
                left = self._left_after(now, message)
                for words, book, reply in self._reactions(now, message):
                    flight = left | reply
                    if to_core:
                        yield words, now._replace(core=book, flight=flight)
                    else:
                        yield words, now._replace(biller=book, flight=flight)

    def _reactions(self, now: Situation, message: Flight) -> Iterator[Reaction]:
        if message is Flight.DEBIT:
            return on_debit(now.core)
        if message in (Flight.ADVICE_EARLY, Flight.ADVICE_LATE):
            in_part = self._minds.facts[now.stored].in_part
            return on_advice(now.core, message, self._abilities, in_part=in_part)
        if message is Flight.PAY:
            return on_payment(now.biller, self._abilities)
        if message in (Flight.QUERY_EARLY, Flight.QUERY_LATE):
            return on_query(now.biller, message)
        return on_undo(now.biller, message, self._abilities)

    def _left_after(self, now: Situation, message: Flight) -> int:
        """A copy of it may always be on its way still, unless it moves money and runs only once."""
        return now.flight & ~message if message & self._runs_once else now.flight

    def _replies(self, now: Situation) -> Iterator[Move]:
        for reply in _REPLIES:
            if now.flight & reply:
                left = self._left_after(now, reply)
                heard = now if left == now.flight else now._replace(flight=left)
                yield from self._by_anyone(heard, self._as_believed(now, reply))
                disguised = h.IN_DISGUISE.get(reply)
                if disguised is not None:
                    yield from self._by_anyone(heard, disguised)

    def _as_believed(self, now: Situation, reply: Flight) -> h.Happening:
        if self._off.shared_stans and reply in h.AS_LATE and self._minds.facts[now.stored].tried_late:
            return h.HEARD[h.AS_LATE[reply]]
        return h.HEARD[reply]

    def _silence(self, now: Situation) -> Iterator[Move]:
        facts = self._minds.facts
        for memory, former in ((now.owner, False), (now.former, True)):
            if memory != GONE and facts[memory].state is State.HELD:
                silent = h.BILLER_SILENT if self._minds.payment(memory).biller_asked else h.CORE_SILENT
                yield from self._heard(now, silent, former=former)
                if now.phase > Phase.ASKING:
                    yield from self._heard(now, h.TICK, former=former)
            elif memory != GONE and facts[memory].due:
                yield from self._heard(now, h.TICK, former=former)

    def _owners(self, now: Situation) -> Iterator[Move]:
        held = self._minds.facts[now.stored].state is State.HELD
        if now.owner == GONE:
            yield from self._heard(self._engine.read_again(now), h.RESTART)
            return
        if held or now.owner_stale or now.owner != now.stored or now.pending != GONE:
            yield "the switch is killed", self._killed(now, held=held)
        if held and now.former == GONE and now.pending == GONE:
            taken = now._replace(former=now.owner, former_stale=now.owner_stale)
            yield from self._heard(self._engine.read_again(taken), h.TAKE_OVER)

    def _killed(self, now: Situation, *, held: bool) -> Situation:
        flight = now.flight if self._replies_outlive_a_crash or now.former != GONE else now.flight & ~REPLIES
        owner = GONE if held else now.stored
        return now._replace(owner=owner, owner_stale=False, flight=flight, pending=GONE)

    def _operator(self, now: Situation) -> Iterator[Move]:
        facts = self._minds.facts[now.stored]
        if facts.state is State.DISPUTED and now.owner != GONE:
            if self._abilities.core_refuses and core_owes(now, facts):
                book = CoreBook.PART_REVERSED if facts.in_part else CoreBook.REVERSED
                yield "the operator has the bank give it back by hand", now._replace(core=book)
            for order in orders(now, facts, blind=self._off.blind_operator):
                happening = h.without_fence(order) if self._off.unfenced_operator else order
                yield from self._heard(now, happening)

    def _time(self, now: Situation) -> Iterator[Move]:
        if now.phase < Phase.FENCED:
            yield PASSING[now.phase], now._replace(phase=now.phase + 1, flight=self._left(now, now.phase + 1))
            return
        age = self._minds.aged
        older = now._replace(
            stored=age(now.stored),
            owner=GONE if now.owner == GONE else age(now.owner),
            former=GONE if now.former == GONE else age(now.former),
            flight=NOTHING,
        )
        if older != now:
            yield PASSING[now.phase], older

    def _left(self, now: Situation, phase: int) -> int:
        return on_time_passing(
            now.flight,
            phase,
            core_drops_old=not self._abilities.core_remembers or self._abilities.core_refuses,
            biller_drops_old=self._abilities.undo is not Undo.REMEMBERED,
        )
