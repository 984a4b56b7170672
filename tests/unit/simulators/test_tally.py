from simulators.channels.errands import Service
from simulators.channels.tally import Tally


def test_a_request_is_counted_once_though_its_biller_is_named_too() -> None:
    tally = Tally()
    tally.add(Service.PAY_BILL, "00", "ELEC")
    tally.add(Service.PAY_BILL, "81", "ELEC")
    tally.add(Service.BALANCE, "00")
    assert (tally.approved, tally.declined, tally.payments) == (2, 1, 2)
    assert tally.report() == {
        "balance": {"approved": 1, "declined": {}},
        "pay-bill": {"approved": 1, "declined": {"81": 1}},
        "pay-bill:ELEC": {"approved": 1, "declined": {"81": 1}},
    }


def test_processes_add_up() -> None:
    one, two = Tally(), Tally()
    one.add(Service.WITHDRAWAL, "00")
    two.add(Service.WITHDRAWAL, None)
    one.merge(two.snapshot())
    assert one.report()["withdrawal"] == {"approved": 1, "declined": {"silent": 1}}
    assert one.unanswered == 1
