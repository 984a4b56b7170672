"""A switch that cannot start says what keeps it."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.model import Unavailable
from switch.net.keeper import LedgerError
from switch.running import _business_day


class _Books:
    def __init__(self, day: str | Unavailable) -> None:
        self._day = day

    def current_day(self, done: Any) -> None:
        done(self._day)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (Unavailable("disk I/O error"), "the ledger does not say its business day: disk I/O error"),
        ("", "the ledger has no open business day"),
    ],
)
async def test_start_without_a_business_day_says_why(day: str | Unavailable, said: str) -> None:
    with pytest.raises(LedgerError, match=f"^{said}$"):
        await _business_day(_Books(day))  # type: ignore[arg-type]
