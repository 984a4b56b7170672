"""Counts what became of every request: approved or declined and by which code, for each service.

Rule: one request is counted once, by its final answer; bill payments are counted at their biller too.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from simulators.channels.errands import PAYMENTS, Service
from switch.wire.codes import ResponseCode

SILENT = "silent"  # no final answer ever came


class Tally:
    """How often each service was answered with each code."""

    def __init__(self) -> None:
        self._codes: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, service: Service, code: str | None, biller: str = "") -> None:
        self._codes[service][code or SILENT] += 1
        if biller:
            self._codes[f"{service}:{biller}"][code or SILENT] += 1

    def merge(self, snapshot: Mapping[str, Mapping[str, int]]) -> None:
        """Add another process's `snapshot`."""
        for name, codes in snapshot.items():
            self._codes[name].update(codes)

    @classmethod
    def of(cls, snapshot: Mapping[str, Mapping[str, int]]) -> "Tally":
        tally = cls()
        tally.merge(snapshot)
        return tally

    def snapshot(self) -> dict[str, dict[str, int]]:
        return {name: dict(codes) for name, codes in self._codes.items()}

    def report(self) -> dict[str, dict[str, Any]]:
        """By service: how many were approved, and how many were declined by each code."""
        return {name: _split(codes) for name, codes in sorted(self._codes.items())}

    @property
    def approved(self) -> int:
        return sum(codes[ResponseCode.APPROVED] for codes in self._whole_services())

    @property
    def declined(self) -> int:
        return sum(codes.total() for codes in self._whole_services()) - self.approved

    @property
    def unanswered(self) -> int:
        return sum(codes[SILENT] for codes in self._whole_services())

    @property
    def payments(self) -> int:
        """Requests that move money, however they ended."""
        return sum(codes.total() for name, codes in self._codes.items() if name in PAYMENTS)

    def _whole_services(self) -> list[Counter[str]]:
        return [codes for name, codes in self._codes.items() if ":" not in name]


def _split(codes: Counter[str]) -> dict[str, Any]:
    declined = {code: n for code, n in sorted(codes.items()) if code != ResponseCode.APPROVED}
    return {"approved": codes[ResponseCode.APPROVED], "declined": declined}
