"""One business day, settled: all that a report shows and the desk works on, as one value."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ledger.model import BusinessDay
from switch.settlement.case import OVER, Case
from switch.settlement.match import BREAKS, At, Finding, Kind
from switch.settlement.messages import ByMessage
from switch.settlement.positions import Balance
from switch.settlement.story import Story


class Settlement(msgspec.Struct, frozen=True):
    """`cases` are those of the findings, and all others that were found on this day; `file_lines` are by peer."""

    day: BusinessDay
    core: str  # which of the peers that is
    balances: tuple[Balance, ...]
    findings: tuple[Finding, ...]
    stories: Mapping[bytes, Story]
    cases: Mapping[At, Case]
    messages: tuple[ByMessage, ...]
    file_lines: Mapping[str, int]

    @property
    def breaks(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.kind in BREAKS)

    @property
    def explained(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.kind is Kind.EXPLAINED)

    @property
    def unsettled(self) -> tuple[Finding, ...]:
        """Breaks of which nobody has said yet why they are done."""
        return tuple(one for one in self.breaks if not self._is_over(one))

    def case_of(self, finding: Finding) -> Case | None:
        return self.cases.get((finding.peer, finding.key))

    def _is_over(self, finding: Finding) -> bool:
        case = self.case_of(finding)
        same = case is not None and case.difference_minor == finding.difference_minor
        return case is not None and same and case.state in OVER
