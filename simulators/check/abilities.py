"""What the peers of one configuration can do: every combination that the saga's terms tell apart."""

from __future__ import annotations

from itertools import product

import msgspec

from simulators.check.phases import GIVE_UP_S, LIFETIME_S, SKEW_S
from switch.flow.terms import Promises, Terms, Undo

DECLINED = "51"
REFUSALS = frozenset({DECLINED})


class Abilities(msgspec.Struct, frozen=True):
    """One configuration. `repeats`, of the biller: the same request again is run once."""

    two_legs: bool = True
    core_remembers: bool = True  # a reversal that came before its original
    core_refuses: bool = False  # it may refuse a reversal, finally and without a reason
    partial: bool = False  # a withdrawal: the channel may give back a part
    status_query: bool = False
    undo: Undo = Undo.NONE
    undoes_paid: bool = True
    repeats: bool = False
    says_unknown: bool = True

    @property
    def name(self) -> str:
        core = ("core remembers" if self.core_remembers else "core forgets") + (", refuses" * self.core_refuses)
        if not self.two_legs:
            return f"one leg, {core}" + (", in part" * self.partial)
        return f"{core}; biller: {', '.join(self._offers()) or 'nothing'}"

    @property
    def resolvable(self) -> bool:
        """Every payment ends without an operator, if only the network behaves."""
        return not self.core_refuses and (not self.two_legs or self.status_query or self.undo is not Undo.NONE)

    def terms(self, refusals: frozenset[str] = REFUSALS) -> Terms:
        core = Promises(
            undo=Undo.REMEMBERED if self.core_remembers else Undo.FORGETFUL, lifetime_s=LIFETIME_S, refusals=refusals
        )
        biller = Promises(self.status_query, self.undo, self.repeats, self.says_unknown, LIFETIME_S, refusals)
        return Terms(core, biller, skew_s=SKEW_S, give_up_after_s=GIVE_UP_S)

    def _offers(self) -> list[str]:
        found = ["query"] * self.status_query
        if self.undo is not Undo.NONE:
            found.append(f"undo {self.undo.value}" + (" until paid" * (not self.undoes_paid)))
            found += ["no 25"] * (not self.says_unknown)
        return found + ["repeats"] * self.repeats


def all_abilities() -> tuple[Abilities, ...]:
    """The smaller ones first."""
    return (*_one_leg(), *_two_legs())


def _one_leg() -> tuple[Abilities, ...]:
    flags = product((True, False), (False, True), (False, True))
    return tuple(Abilities(two_legs=False, core_remembers=c, core_refuses=r, partial=p) for c, r, p in flags)


def _two_legs() -> tuple[Abilities, ...]:
    cores = ((True, False), (False, False), (True, True))
    return tuple(
        msgspec.structs.replace(biller, core_remembers=remembers, core_refuses=refuses)
        for biller in _billers()
        for remembers, refuses in cores
    )


def _billers() -> tuple[Abilities, ...]:
    flags = (False, True)
    without = [Abilities(status_query=query, repeats=repeats) for query, repeats in product(flags, flags)]
    undos = product((Undo.FORGETFUL, Undo.REMEMBERED), flags, (True, False), (True, False))
    able = [Abilities(status_query=q, undo=u, undoes_paid=p, says_unknown=s) for u, q, p, s in undos]
    both = [Abilities(status_query=True, undo=Undo.REMEMBERED, repeats=True)]
    return (*without, *able, *both)
