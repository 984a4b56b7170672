import pytest

from config.settings import demo_path, load
from simulators.channels.errands import Service
from simulators.channels.tally import Tally
from simulators.demo.agreement import Agreement
from simulators.demo.demo import Course, Traffic, problems_of
from simulators.demo.key_changes import KeyChanges, changing

BOOKS = Agreement(open_payments=0, payments={}, totals=(), compared={}, differences=())


def every_service_once() -> Tally:
    tally = Tally()
    for service in Service:
        tally.add(service, "00")
    return tally


def test_all_is_well_when_every_service_worked_and_everybody_was_answered() -> None:
    assert problems_of(Traffic(every_service_once()), BOOKS) == []


def test_a_service_that_never_worked_is_named() -> None:
    tally = Tally.of({name: codes for name, codes in every_service_once().snapshot().items() if name != "pay-loan"})
    tally.add(Service.PAY_LOAN, "91")
    assert problems_of(Traffic(tally), BOOKS) == ["nothing approved: pay-loan"]


def test_requests_that_nobody_answered_are_counted() -> None:
    tally = every_service_once()
    tally.add(Service.BALANCE, None)
    assert problems_of(Traffic(tally), BOOKS) == ["requests without a final answer: 1"]


def test_a_key_that_was_not_changed_is_named() -> None:
    keys = KeyChanges(frozenset({"core-mac", "atm-pin"}), frozenset({"atm-pin"}))
    assert problems_of(Traffic(every_service_once(), keys=keys), BOOKS) == ["key not changed: core-mac"]


def test_every_key_of_an_endpoint_with_a_key_encryption_key_is_to_change() -> None:
    found = changing(load(demo_path()))
    assert found["listeners.atm"] == {"atm-mac", "atm-pin"}
    assert found["peers.power"] == {"power-mac"}
    assert "peers.telecom" not in found


def paid(count: int) -> Tally:
    tally = Tally()
    for _ in range(count):
        tally.add(Service.PAY_LOAN, "00")
    return tally


class Silent:
    """Nobody watches."""

    def paid(self, payments: int) -> None:
        self.payments = payments


@pytest.mark.parametrize(
    ("told", "halfway", "through"),
    [
        ([("atm", 20, False)], False, False),
        ([("atm", 20, True)], False, False),
        ([("atm", 4, False), ("web", 5, False)], False, False),
        ([("atm", 4, False), ("web", 6, False)], True, False),
        ([("atm", 10, True), ("web", 0, False)], True, False),
        ([("atm", 3, True), ("web", 3, True)], True, True),
    ],
)
def test_keys_change_at_half_of_the_payments_once_every_channel_is_there(
    told: list[tuple[str, int, bool]], halfway: bool, through: bool
) -> None:
    course = Course(20, Silent())
    for name in ("atm", "web"):
        course.begins(name, lambda: None)
    for name, count, is_through in told:
        course.hear(name, paid(count), through=is_through)
    assert (course.halfway.is_set(), course.through.is_set()) == (halfway, through)


def test_at_the_end_every_channel_is_told_once_to_sign_off() -> None:
    ended: list[str] = []
    course = Course(20, Silent())
    course.begins("atm", lambda: ended.append("atm"))
    course.begins("web", lambda: ended.append("web"))
    course.end()
    assert ended == ["atm", "web"]
