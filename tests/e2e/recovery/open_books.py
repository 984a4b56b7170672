"""Books with many payments left open, as a switch that was killed under load leaves them.

Rule: nothing is written by hand. Each payment walks its way through the real saga, and each step is a group of the real
store; only the peers' words are made up.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from ledger.model import Claim, Committed, Group
from ledger.store import Store
from switch.flow.entries import group_for
from switch.flow.events import BillerSilent, Commit, CoreApproved, CoreSilent, Event, Requested
from switch.flow.opening import new_payment
from switch.flow.payment import Payment, Question, State
from switch.flow.saga import advance
from switch.flow.terms import Promises, Terms, Undo

BATCH = 500
CORE = Promises(undo=Undo.REMEMBERED)
BILLER = Promises(status_query=True, undo=Undo.REMEMBERED)
TERMS = Terms(CORE, BILLER)

# What each payment heard, by turns, before the switch was killed.
HEARD: tuple[tuple[State, bool, tuple[type[Event], ...]], ...] = (
    (State.HELD, False, ()),
    (State.HELD, True, ()),
    (State.UNCERTAIN, True, (CoreApproved, BillerSilent)),
    (State.RELEASING, False, (CoreSilent,)),
)


def fill(database: Path, day: str, count: int, now: float, *, biller: str = "power") -> dict[State, int]:
    """New books with so many open payments, begun during the last seconds before `now`; how many are in each state."""
    rng = random.Random(7)
    left: dict[State, int] = {}
    store = Store(database, lambda: now, day=day, synchronous="OFF")
    groups: list[Group] = []
    for number in range(count):
        state, two_legs, heard = HEARD[number % len(HEARD)]
        left[state] = left.get(state, 0) + 1
        begun = now - 5 + 4 * number / count
        groups += _steps(_request(number, day, begun, biller if two_legs else None, rng), heard, rng)
        if len(groups) >= BATCH:
            _apply(store, groups)
    _apply(store, groups)
    store.close()
    return left


def _steps(payment: Payment, heard: tuple[type[Event], ...], rng: random.Random) -> Iterator[Group]:
    at = payment.accepted_at
    claims: tuple[Claim, ...] = (Claim(payment.key, f"alias {payment.key}", bytes(16), "original"),)
    for event in (Requested(at), *(kind(at) for kind in heard)):
        after, effects = advance(payment, event, TERMS)
        if effects and isinstance(effects[0], Commit):
            after = replace(after, version=payment.version + 1)
            yield group_for(rng.randbytes(16), payment, after, effects[0].parts, claims)
            claims = ()
        payment = after


def _request(number: int, day: str, begun: float, biller: str | None, rng: random.Random) -> Payment:
    account, other = f"100{number % 2_000:011d}", f"100{(number + 1) % 2_000:011d}"
    fields = {
        "3": "502000" if biller else "402000",
        "4": f"{rng.randrange(1_000, 90_000):012d}",
        "12": "120000",
        "13": f"{day[4:]}",
        "22": "010",
        "25": "08",
        "32": "000123",
        "37": f"R{number:011d}",
        "41": f"GW{number % 999_999:06d}",
        "42": f"{'BARADAMOBILE':<15}",
        "48": "01012963900000001" + "02002ar" + "03007000100104003B-1",
        "49": "760",
        "102": account,
        **({"98": f"{'ELEC':<25}"} if biller else {"103": other}),
    }
    stan, moment = f"{number + 1:06d}", f"{day[4:]}120000"
    return new_payment(
        (int(begun * 1000) << 16 | number % 65_536).to_bytes(8) + (rng.getrandbits(64) & ~0xF).to_bytes(8),
        service="pay-bill" if biller else "transfer-own",
        key=f"{day}120000|{stan}|2|00000000123|{fields['41']}",
        day=day,
        endpoint="",
        language="ar",
        fields=fields,
        amount_minor=int(fields["4"]),
        accounts=(f"customer:{account}", "biller:ELEC" if biller else f"customer:{other}"),
        core=Question("core", stan, moment),
        biller=Question(biller, stan, moment) if biller else None,
        accepted_at=begun,
        answer_within_s=25,
        biller_timeout_s=8 if biller else 0,
    )


def _apply(store: Store, groups: list[Group]) -> None:
    for outcome in store.apply_groups(groups):
        assert isinstance(outcome, Committed), outcome
    groups.clear()
