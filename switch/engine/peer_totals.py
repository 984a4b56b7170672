"""Asks the core and the billers, once a day is closed, whether they counted the same through it (0500).

Rule: what was asked, how often and what came of it is in the register, and nowhere else, so a restart loses nothing and
an operator sees it. In balance is the end of it. Whatever else came is asked again, with growing pauses, while the day
is young: an advice that is still on its way puts a peer right. Silence is no balance, and repeats the question as it
was (0501). Of several workers the first one asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from ledger.model import DAY_CLOSED, BusinessDay, DayTotal, RegisterRow, Unavailable
from switch.engine.ports import Peer, Tools
from switch.engine.reconciliation_register import ReconciliationRegister
from switch.flow.reconciliation import (
    PEER,
    REGISTER,
    Reconciliation,
    Result,
    from_body,
    heard_from_peer,
    key_of,
    keys_of,
)
from switch.flow.reply import Answered, Reply, Silent
from switch.flow.retry import BackOff
from switch.flow.totals import figures_of, through
from switch.wire.figures import figure_fields, find_figures
from switch.wire.mti import repeat_of

LOOK_EVERY_S = 1.0
YOUNG_S = 7 * 86_400.0
DAYS_ASKED_MAX = 64  # the newest: a week's, and those that may have been opened ahead of the calendar
PAUSES = BackOff(10.0, 3_600.0)
REQUEST = "0500"


class PeerTotals:
    def __init__(self, tools: Tools, register: ReconciliationRegister) -> None:
        self._tools = tools
        self._register = register
        asks = tools.share.worker == 0
        self._peers = tuple(peer for peer in tools.peers.values() if peer.reconciles) if asks else ()
        self._look_at = tools.clock.mono()
        self._settled: set[str] = set()  # days of which every peer's end is known
        self._asking: set[str] = set()  # by the register's key

    def sweep(self) -> None:
        now = self._tools.clock.mono()  # a clock that is set back does not stop it
        if self._peers and now >= self._look_at:
            self._look_at = now + LOOK_EVERY_S
            self._tools.books.days(self._tools.guarded("peer totals", self._days_found), DAYS_ASKED_MAX)

    def _days_found(self, days: list[BusinessDay] | Unavailable) -> None:
        if isinstance(days, Unavailable):
            return
        young = self._tools.clock.wall() - YOUNG_S
        closed = [one for one in days if one.state == DAY_CLOSED and (one.closed_at or 0) >= young]
        for day in (one.day for one in closed if one.day not in self._settled):
            found = self._tools.guarded("peer totals", partial(self._rows_found, day))
            self._tools.books.register(REGISTER, found, prefix=keys_of(day, self._tools.institution, PEER))

    def _rows_found(self, day: str, rows: list[RegisterRow] | Unavailable) -> None:
        if isinstance(rows, Unavailable):
            return
        known = {row.key: from_body(row.body) for row in rows}
        outcomes = [known.get(self._key(day, peer)) or self._unasked(day, peer) for peer in self._peers]
        if all(outcome.result is Result.BALANCED for outcome in outcomes):
            self._settled.add(day)
            return
        for peer, outcome in zip(self._peers, outcomes, strict=True):
            if self._is_due(peer, outcome):
                self._asking.add(outcome.key)
                count = self._tools.guarded("peer totals", partial(self._ask, peer, outcome))
                self._tools.books.day_totals(day, count)

    def _is_due(self, peer: Peer, last: Reconciliation) -> bool:
        if last.result is Result.BALANCED or last.key in self._asking or not peer.link.ready:
            return False
        return last.next_at is None or self._tools.clock.wall() >= last.next_at

    def _ask(self, peer: Peer, last: Reconciliation, totals: list[DayTotal] | Unavailable) -> None:
        if isinstance(totals, Unavailable):
            self._asking.discard(last.key)
            return
        question = self._question(peer, last, totals)
        fields = _fields(question)
        if question.stan == last.stan:
            fields["t"] = repeat_of(REQUEST)
        peer.link.ask(fields, peer.timeout_s, partial(self._heard, question))

    def _question(self, peer: Peer, last: Reconciliation, totals: Sequence[DayTotal]) -> Reconciliation:
        """As it was, if it is unanswered and the peer would still take it; else a new one."""
        now = self._tools.clock.wall()
        ours = figures_of(through(totals, peer.name), last.currency, self._tools.scale.units(last.day))
        question = msgspec.structs.replace(
            self._unasked(last.day, peer), ours=ours, at=now, attempts=last.attempts + 1, asked_at=last.asked_at
        )
        if last.stan and now - last.asked_at < peer.promises.lifetime_s:
            return msgspec.structs.replace(question, stan=last.stan, transmitted_at=last.transmitted_at)
        stan, transmitted_at = peer.link.stamp()
        return msgspec.structs.replace(question, stan=stan, transmitted_at=transmitted_at, asked_at=now)

    def _heard(self, question: Reconciliation, reply: Reply) -> None:
        """Perhaps twice: an answer may come after silence was told."""
        if isinstance(reply, Answered):
            self._keep(_answered(question, reply, self._next_at(question)))
        elif isinstance(reply, Silent):
            self._keep(msgspec.structs.replace(question, next_at=self._next_at(question)))
        else:  # it never left: no attempt was made
            self._asking.discard(question.key)

    def _keep(self, outcome: Reconciliation) -> None:
        self._register.tell(outcome)
        self._register.keep(outcome, lambda _: self._asking.discard(outcome.key))

    def _next_at(self, question: Reconciliation) -> float:
        return self._tools.clock.wall() + PAUSES.delay_s(question.attempts, self._tools.draw())

    def _key(self, day: str, peer: Peer) -> str:
        return key_of(day, self._tools.institution, f"{PEER}{peer.name}", self._tools.bank.currency)

    def _unasked(self, day: str, peer: Peer) -> Reconciliation:
        ours, currency = self._tools.institution, self._tools.bank.currency
        return Reconciliation(day, ours, f"{PEER}{peer.name}", currency, Result.NONE, settles_at=ours)


def _fields(question: Reconciliation) -> dict[str, str]:
    assert question.ours is not None
    return {
        "t": REQUEST,
        "7": question.transmitted_at,
        "11": question.stan,
        "15": question.day[4:],
        "32": question.acquirer,
        "49": question.currency,
        "99": question.settles_at,
        **figure_fields(question.ours),
    }


def _answered(question: Reconciliation, reply: Answered, next_at: float) -> Reconciliation:
    """An answer that was no balance is the end of this question: the next one is new."""
    assert question.ours is not None
    result, differs = heard_from_peer(question.ours, reply.message)
    return msgspec.structs.replace(
        question,
        result=result,
        code=reply.message.response_code or "",
        theirs=find_figures(reply.message.fields),
        differs=differs,
        next_at=None if result is Result.BALANCED else next_at,
        stan="",
        transmitted_at="",
    )
