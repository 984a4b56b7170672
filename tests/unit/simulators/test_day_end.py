"""The demo ends well only if its settlement finds what was planted, all of it and nothing else."""

from msgspec.structs import replace

from simulators.demo.day_end import judged
from simulators.hosts.file_faults import FileFault, Planted
from switch.settlement.match import Kind
from switch.settlement.positions import Balance, Position
from tests.unit.settlement.making import POWER, line
from tests.unit.settlement.test_reports import settlement

MISSING = Planted(POWER, line(1, peer=POWER).key, FileFault.DROP, Kind.MISSING_THERE)
OTHER = replace(MISSING, key=line(2, peer=POWER).key)


def test_what_was_planted_and_found_is_no_problem() -> None:
    end = judged(settlement(1), [MISSING])
    assert end.problems() == []
    assert end.summary()["breaks"] == end.summary()["planted"] == 1


def test_what_was_not_planted_what_was_not_found_and_what_was_called_otherwise_are_problems() -> None:
    (unplanted,) = judged(settlement(1), []).problems()
    assert unplanted.startswith("20261122: found and not planted: missing there at power, field 37 R00000000001")
    assert "planted and not found" in judged(settlement(1), [MISSING, OTHER]).problems()[0]
    assert len(judged(settlement(1), [replace(MISSING, kind=Kind.TWICE)]).problems()) == 2


def test_positions_that_do_not_add_up_are_a_problem() -> None:
    wrong = Balance("760", (Position("biller:ELEC", "760", received_minor=1),))
    end = judged(replace(settlement(1), balances=(wrong,)), [MISSING])
    assert end.problems() == ["20261122: positions do not add up to zero"]
