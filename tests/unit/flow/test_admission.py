"""For whom a listener's connections may speak."""

import pytest

from switch.flow.admission import Admission

ADMISSION = Admission(("000123", "77"), ("GW000001", "ATM*"))


@pytest.mark.parametrize(
    ("acquirer", "terminal", "allowed"),
    [
        ("000123", "GW000001", True),
        ("77", "ATM", True),
        ("77", "ATM99999", True),
        (None, "ATM1", True),
        ("77", None, True),
        ("000123", "GW00000", False),
        ("000123", "XATM1", False),
        ("123", "GW000001", False),
        ("", "GW000001", False),
        ("77", "", False),
    ],
)
def test_who_may_speak(acquirer: str | None, terminal: str | None, allowed: bool) -> None:
    assert ADMISSION.allows(acquirer, terminal) is allowed


def test_a_star_alone_admits_every_terminal() -> None:
    assert Admission(("1",), ("*",)).allows("1", "ANYTHING")


def test_without_patterns_nobody_is_admitted() -> None:
    assert not Admission(("1",), ()).allows("1", "T")
