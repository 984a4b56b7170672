"""What is said while there is too much to do: never a no that could be followed by a yes."""

import pytest

from switch.services.service import Kind, Service
from switch.services.table import SERVICES
from switch.services.turned_away import turned_away
from switch.wire.message import Message

EVERY_WAY = [
    (service, mti, code, repeat)
    for service in SERVICES
    for mti in service.mtis
    for code in service.codes
    for repeat in "01"
]


@pytest.mark.parametrize(("service", "mti", "code", "repeat"), EVERY_WAY)
def test_only_what_moves_nothing_and_is_not_stored_is_told_no(
    service: Service, mti: str, code: str, repeat: str
) -> None:
    told = turned_away(Message({"t": f"{mti[:3]}{repeat}", "3": f"{code}0000"}))
    assert told == ("91" if service.kind is Kind.INQUIRY else "09")


@pytest.mark.parametrize("mti", ["0400", "0401", "0420", "0421", "0620"])
def test_reversals_and_advices_are_let_in(mti: str) -> None:
    assert turned_away(Message({"t": mti, "3": "502000"})) is None


@pytest.mark.parametrize("fields", [{}, {"3": "990000"}, {"3": ""}])
def test_what_is_refused_by_itself_is_let_in(fields: dict[str, str]) -> None:
    assert turned_away(Message({"t": "0200", **fields})) is None


@pytest.mark.parametrize("mti", ["0500", "0501", "0520", "0521"])
def test_a_reconciliation_is_to_be_asked_again(mti: str) -> None:
    assert turned_away(Message({"t": mti})) == "09"
