"""What a channel got as final, business day by business day, and what the switch says to its totals (0500).

Rule: it counts what it was told, and nothing that it guesses. A payment is of the day in DE 15 of its approval; what
was given back is of the day in DE 15 of the reversal's 00. A reversal gives back only what this channel had as
approved, and once: the others move nothing. An original whose answer never came was never counted, and is not when it
is reversed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from simulators.channels.questions import Asker, persist
from simulators.channels.terminal import Stamp, Terminal
from simulators.miscounting import miscounted
from switch.flow.totals import DEBIT
from switch.services.table import COUNTED_AS
from switch.wire.amounts import parse_amount, parse_replacement
from switch.wire.codes import ResponseCode
from switch.wire.figures import Figures, figure_fields, find_figures
from switch.wire.message import Message
from switch.wire.mti import mti_class
from switch.wire.original import parse as parse_original

FINANCIAL, REVERSAL = "2", "4"
IN_BALANCE = "1"

Payment = tuple[str, str, str]


class DayBook:
    """The counts of one channel. `miscounts` is a fault to play: its totals are wrong by one debit."""

    def __init__(self, *, miscounts: bool = False) -> None:
        self._miscounts = miscounts
        self._days: defaultdict[str, Figures] = defaultdict(Figures)  # by MMDD
        self._approved: set[Payment] = set()  # and not taken back

    def hear(self, request: Mapping[str, str], answer: Message) -> None:
        """The final answer to a request; what does not count is passed over."""
        kind = COUNTED_AS.get(request.get("3", "")[:2])
        if kind is None or answer.response_code != ResponseCode.APPROVED or answer.business_date is None:
            return
        amount_minor = parse_amount(request["4"]) if "4" in request else 0
        if mti_class(request["t"]) == FINANCIAL:
            self._approved.add((request["11"], request["7"], request["41"]))
            self._count(answer.business_date, "debits" if kind == DEBIT else "transfers", amount_minor)
        elif mti_class(request["t"]) == REVERSAL and self._was_approved(request):
            back_minor = amount_minor - parse_replacement(request.get("95"))
            name = "debit_reversals" if kind == DEBIT else "transfer_reversals"
            self._count(answer.business_date, name, back_minor)

    def figures(self, day: str) -> Figures:
        """Of the day MMDD."""
        counted = self._days[day].netted()
        return miscounted(counted) if self._miscounts else counted

    def _was_approved(self, reversal: Mapping[str, str]) -> bool:
        original = parse_original(reversal["90"])
        payment = (original.stan or "", original.transmitted_at or "", reversal["41"])
        if payment not in self._approved:
            return False
        self._approved.remove(payment)
        return True

    def _count(self, day: str, name: str, amount_minor: int) -> None:
        before = self._days[day]
        more = {name: getattr(before, name) + 1}
        if f"{name}_minor" in Figures.__struct_fields__:
            more[f"{name}_minor"] = getattr(before, f"{name}_minor") + amount_minor
        self._days[day] = msgspec.structs.replace(before, **more)


class Judgement(msgspec.Struct, frozen=True):
    """What became of a channel's 0500. `theirs` is what the switch counted, where that was something else."""

    day: str
    acquirer: str
    code: str
    result: str
    ours: Figures
    theirs: Figures | None = None

    @property
    def in_balance(self) -> bool:
        return self.code == ResponseCode.APPROVED and self.result == IN_BALANCE

    def told(self) -> dict[str, object]:
        """For a program: the figures as data elements."""
        figures = {side: None if said is None else figure_fields(said) for side, said in self._sides()}
        where = {"day": self.day, "acquirer": self.acquirer}
        return {**where, "code": self.code, "result": self.result, "in_balance": self.in_balance, **figures}

    def _sides(self) -> tuple[tuple[str, Figures | None], ...]:
        return ("ours", self.ours), ("theirs", self.theirs)


async def reconcile(
    asker: Asker, at: Stamp, terminal: Terminal, institution: str, day: str, figures: Figures
) -> Judgement:
    """Tell a day's totals (DE 15, MMDD), again as 0501 while there is no final answer; an empty code is silence."""
    fields = totals_request(at, terminal, institution, day, figures)
    answer = await persist(asker, fields, _is_final)
    if answer is None:
        return Judgement(day, terminal.acquirer, "", "", figures)
    said = answer.response_code or "", answer.get("66") or ""
    return Judgement(day, terminal.acquirer, *said, figures, find_figures(answer.fields))


def totals_request(at: Stamp, terminal: Terminal, institution: str, day: str, figures: Figures) -> dict[str, str]:
    """0500 but for its MAC; `institution` is where it is settled (DE 99)."""
    return {
        "t": "0500",
        "7": at.transmitted_at,
        "11": at.stan,
        "15": day,
        "32": terminal.acquirer,
        "49": terminal.currency,
        "99": institution,
        **figure_fields(figures),
    }


def _is_final(answer: Message | None) -> bool:
    return answer is not None and answer.response_code != ResponseCode.IN_PROGRESS
