"""What the books say of the ATMs, read for the fleet's pure rules.

Rule: nothing is concluded here. A withdrawal is a payment of that service whose ledger account is `atm:` and the
terminal; one that was given back in full is none; one that ended declined or released was refused.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from ledger import inflows, report
from ledger.queries import ListRegister
from switch.fleet.standing import ATM_FAULTS, ATMS, Episode, Standing, episode_from, from_body
from switch.fleet.traffic import HOURS_OF_WEEK, Refusals, Traffic, Window
from switch.flow.payment import State, from_record
from switch.services.withdrawal import SERVICE

ACCOUNT = "atm:"
HOUR_S = 3600
JUST_NOW_S = 1.0
REFUSED = (State.DECLINED.value, State.RELEASED.value)


def standings(books: sqlite3.Connection) -> dict[str, Standing]:
    return {row.key: from_body(row.body) for row in report.list_register(books, ListRegister(ATMS))}


def histories(books: sqlite3.Connection) -> dict[str, tuple[Episode, ...]]:
    """Each machine's faults, the oldest first."""
    found: defaultdict[str, list[Episode]] = defaultdict(list)
    for row in report.list_register(books, ListRegister(ATM_FAULTS)):
        found[row.key.rpartition("|")[0]].append(episode_from(row.body))
    return {terminal: tuple(sorted(ring, key=lambda one: one.since)) for terminal, ring in found.items()}


def window_of(
    books: sqlite3.Connection, first: float, last: float, zone: ZoneInfo, counted: Mapping[str, float]
) -> Window:
    """`counted`: when each machine's cassettes were counted last. What was begun in this very second counts, too."""
    until = last + JUST_NOW_S
    machines: dict[str, Traffic] = {}
    for one in inflows.inflows(books, ACCOUNT, first, until):
        terminal = one.account.removeprefix(ACCOUNT)
        machines[terminal] = _with(machines.get(terminal, Traffic()), one)
    paid = _paid_since(books, counted)
    for account, original, amount_minor, back_minor in inflows.given_back(
        books, ACCOUNT, _earliest(first, counted), until
    ):
        terminal, at = account.removeprefix(ACCOUNT), inflows.time_of(original)
        if at >= first and terminal in machines:
            machines[terminal] = _less(machines[terminal], amount_minor, back_minor)
        if terminal in counted and at >= counted[terminal]:
            _take_back(paid[terminal], amount_minor, back_minor)
    refusals = _refusals(books, first, until)
    for terminal in {*machines, *paid, *refusals}:
        machines[terminal] = replace(
            machines.get(terminal, Traffic()),
            refusals=refusals.get(terminal, Refusals()),
            paid_since_count=paid.get(terminal, {}),
        )
    return Window(first, last, machines, _by_hour(books, first, until, zone))


def hour_of_week(at: float, zone: ZoneInfo) -> float:
    """Monday 00:00 is 0."""
    moment = datetime.fromtimestamp(at, zone)
    return moment.weekday() * 24 + moment.hour + moment.minute / 60


def _by_hour(books: sqlite3.Connection, first: float, last: float, zone: ZoneInfo) -> tuple[int, ...]:
    """All withdrawals by hour of the week."""
    counts, at = [0] * HOURS_OF_WEEK, first
    while at < last:
        until = min((at // HOUR_S + 1) * HOUR_S, last)
        counts[int(hour_of_week(at, zone))] += inflows.count_inflows(books, ACCOUNT, at, until)
        at = until
    return tuple(counts)


def _with(traffic: Traffic, one: inflows.Inflow) -> Traffic:
    """With another part of the window."""
    return Traffic(
        traffic.withdrawals + one.times,
        traffic.amount_minor + one.amount_minor,
        one.oldest if traffic.first_at is None else min(traffic.first_at, one.oldest),
        one.newest if traffic.last_at is None else max(traffic.last_at, one.newest),
    )


def _less(traffic: Traffic, amount_minor: int, back_minor: int) -> Traffic:
    whole = int(back_minor == amount_minor)
    return replace(traffic, withdrawals=traffic.withdrawals - whole, amount_minor=traffic.amount_minor - back_minor)


def _earliest(first: float, counted: Mapping[str, float]) -> float:
    return min([first, *counted.values()])


def _paid_since(books: sqlite3.Connection, counted: Mapping[str, float]) -> dict[str, dict[int, int]]:
    paid: dict[str, dict[int, int]] = {terminal: {} for terminal in counted}
    since = {ACCOUNT + terminal: at for terminal, at in counted.items()}
    for account, amount_minor, times in inflows.amounts_since(books, since):
        paid[account.removeprefix(ACCOUNT)][amount_minor] = times
    return paid


def _take_back(paid: dict[int, int], amount_minor: int, back_minor: int) -> None:
    """Of one withdrawal: what came back was not paid out."""
    paid[amount_minor] = paid.get(amount_minor, 0) - 1
    stands_minor = amount_minor - back_minor
    if stands_minor:
        paid[stands_minor] = paid.get(stands_minor, 0) + 1


def _refusals(books: sqlite3.Connection, first: float, last: float) -> dict[str, Refusals]:
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    newest: dict[str, tuple[float, str]] = {}
    for record in inflows.ended_so(books, SERVICE.name, REFUSED, first, last):
        payment = from_record(record)
        terminal, code = payment.fields.get("41", "").rstrip(), payment.answer
        counts[terminal][code] = counts[terminal].get(code, 0) + 1
        newest[terminal] = (payment.accepted_at, code)  # they come in the order of time
    return {terminal: Refusals(by_code, *newest[terminal]) for terminal, by_code in counts.items()}
