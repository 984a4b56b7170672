"""Whatever the seed, a plan keeps its promises."""

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.channels.errands import Activate, PayBill, PayLoan, Transfer, Visit, Withdraw
from simulators.channels.refused import FAR_TOO_MUCH_MINOR
from simulators.channels.traffic import PAYMENTS_LEAST, customers_for, is_reserved, plan
from simulators.people.population import populate
from simulators.people.special import CLOSED_BILLER, FOREIGN_ACCOUNT, UNKNOWN_ACCOUNT, UNKNOWN_BILLER
from tests.unit.simulators.asking import STRIPE

TODAY = date(2026, 11, 22)


def should_succeed(errand: object) -> bool:
    match errand:
        case Transfer(source, target, amount_minor):
            odd = target in (FOREIGN_ACCOUNT, UNKNOWN_ACCOUNT, source.number)
            return not odd and amount_minor not in (0, FAR_TOO_MUCH_MINOR)
        case PayBill(_, biller):
            return biller not in (CLOSED_BILLER, UNKNOWN_BILLER)
        case _:
            return isinstance(errand, PayLoan | Withdraw)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), payments=st.integers(PAYMENTS_LEAST, 300))
def test_any_seed_gives_the_payments_asked_for_and_leaves_the_reserved_alone(seed: int, payments: int) -> None:
    people = populate(seed, STRIPE, customers_for(payments), TODAY)
    drawn = plan(people, seed, payments, TODAY)
    visits: list[Visit[Any]] = [*drawn.mobile, *drawn.web, *drawn.atm]
    errands = [errand for visit in visits for errand in visit.errands]
    assert sum(map(should_succeed, errands)) == payments
    assert not any(is_reserved(visit.customer) for visit in visits)
    for visit in (*drawn.mobile, *drawn.web):
        assert visit.customer.activated or isinstance(visit.errands[0], Activate)
