from simulators.channels.errands import Service
from simulators.channels.tally import Tally
from simulators.demo.agreement import Agreement
from simulators.demo.demo import Traffic, problems_of

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
