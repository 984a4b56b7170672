"""Everything that the canary's customer can ask for, and every way to be refused, through every kind of listener.

Rule: each request that may carry a secret carries one, and says what it must be answered, so that a service that was
never reached can't pass for one that keeps its secrets.
"""

from __future__ import annotations

from collections.abc import Mapping

import trio

from config.settings import Settings
from simulators.keys import KeyCase
from simulators.options import people_today
from simulators.people.population import Bill, BillStatus
from switch.wire import tlv
from tests.e2e.canary.bank import CUSTOMERS, SEED
from tests.e2e.canary.desk import Desk, Fields
from tests.e2e.canary.person import ACCOUNTS, CODE, LOAN, NEXT_PIN, PAN, PIN, WRONG_CODE, WRONG_PIN

CURRENT, SAVINGS = ACCOUNTS
CASH = 10_000
DAY = "20260101", "20491231"


def a_bill(settings: Settings, keys: KeyCase) -> Bill:
    """Somebody's, to be paid in full."""
    bills = people_today(settings, keys, SEED, CUSTOMERS).bills
    return next(bill for bill in bills if bill.biller == "ELEC" and bill.status is BillStatus.UNPAID)


async def until_open(gateway: Desk, bill: Bill) -> None:
    """Until the switch reaches the core and the biller."""
    new = gateway.by_subscriber
    while "91" in (  # noqa: ASYNC110 - asked again, not only looked at
        await gateway.ask(new().owner(CURRENT.number)),
        await gateway.ask(new().bill_inquiry(bill.biller, bill.customer_number)),
    ):
        await trio.sleep(0.02)


async def at_a_machine(atm: Desk) -> None:
    """Every service of a card."""
    first = atm.with_all(atm.by_card(PIN).withdrawal(CURRENT.kind, CASH))
    assert await atm.ask(first) == "00"
    assert await atm.ask({**first, "t": "0201"}) == "00"
    assert await atm.ask({**first, "t": "0201", "4": f"{2 * CASH:012d}"}) == "94"
    assert await atm.ask(atm.with_all(atm.by_card(PIN).balance())) == "00"
    assert await atm.ask(atm.by_card(PIN).mini_statement()) == "00"
    assert await atm.ask(atm.by_card(PIN).pin_change(atm.block(NEXT_PIN))) == "00"
    second = atm.by_card(NEXT_PIN).withdrawal(CURRENT.kind, 2 * CASH)
    assert await atm.ask(second) == "00"
    assert await atm.ask(atm.with_all(atm.undo(second, stands_minor=CASH))) == "00"
    assert await atm.ask(atm.undo(first)) == "00"
    never_sent = atm.by_card(NEXT_PIN).withdrawal(CURRENT.kind, CASH)
    assert await atm.ask(atm.with_all(atm.undo(never_sent))) == "25"
    assert await atm.ask(never_sent) == "68"


async def refused_at_a_machine(atm: Desk) -> None:
    """One request for each reason to refuse one that carries a card."""
    cash = atm.by_card(NEXT_PIN).withdrawal

    def other(changes: Mapping[str, str], *dropped: str, amount_minor: int = CASH) -> Fields:
        fields = atm.with_all(cash(CURRENT.kind, amount_minor))
        return {de: value for de, value in {**fields, **atm.renewed(), **changes}.items() if de not in dropped}

    assert await atm.ask(atm.by_card(WRONG_PIN).withdrawal(CURRENT.kind, CASH)) == "55"
    assert await atm.ask(atm.by_card(NEXT_PIN).balance()) == "00"
    assert await atm.ask(other({}, amount_minor=300_000_000)) == "61"
    assert await atm.ask(other({}, amount_minor=100_000_000)) == "51"
    assert await atm.ask(other({}, amount_minor=CASH + 1)) == "13"
    assert await atm.ask(other({"49": "840"})) == "12"
    assert await atm.ask(other({"52": "0123456789ABCDEF"})) == "63"
    assert await atm.ask(other({}, "52")) == "30"
    assert await atm.ask(other({"2": PAN[:11]})) == "30"
    assert await atm.ask(other({"35": f"4000000000000002{PAN}"})) == "30"
    assert await atm.ask(other({"37": "NOT-A-REF..."})) == "30"
    assert await atm.ask(other({"48": f"01016{PAN}"})) == "30"
    assert await atm.ask(other({"48": tlv.build([("77", PAN)])})) == "30"
    assert await atm.ask(other({"102": PAN})) == "30"
    assert await atm.ask(other({"62": f"card {PAN}"})) == "30"
    assert await atm.ask(other({"32": "999999"})) == "58"
    assert await atm.ask(other({"3": "770000"})) == "12"
    assert await atm.ask(other({"t": "0620"})) == "12"
    status = {"t": "0620", "3": "970000", "48": tlv.build([("20", "IN-SERVICE"), ("22", "READER|FATAL|1")])}
    assert await atm.ask(other(status, "4", "35", "49")) == "00"  # of the card that it need not name nothing is kept
    assert await atm.ask(other({**status, "48": tlv.build([("20", "IN-SERVICE"), ("24", PAN)])}, "4", "35")) == "30"
    assert (
        await atm.ask(other({**status, "48": tlv.build([("20", "IN-SERVICE"), ("22", f"A|B|{PAN}")])}, "2", "4"))
        == "30"
    )


async def at_a_gateway(gateway: Desk) -> None:
    """Every service of a subscriber but bills."""
    ask, new = gateway.ask, gateway.by_subscriber
    assert await ask(new().activation(CURRENT, gateway.gateway.pinpad.code_block(WRONG_CODE))) == "55"
    assert await ask(new().activation(CURRENT, CODE)) == "00"  # in clear, inside TLS
    typed_as_account = new().activation(CURRENT, gateway.gateway.pinpad.code_block(CODE))
    assert await ask({**typed_as_account, "102": PAN}) == "14"
    assert await ask(new().activation(CURRENT, gateway.gateway.pinpad.code_block(CODE))) == "00"
    assert await ask(gateway.with_all(new().balance(CURRENT))) == "00"
    assert await ask({**new().balance(CURRENT), "2": PAN}) == "30"
    assert await ask(gateway.with_all(new().mini_statement(CURRENT))) == "00"
    assert await ask(gateway.with_all(new().statement(CURRENT, *DAY))) == "00"
    assert await ask(gateway.with_all(new().owner(CURRENT.number))) == "00"
    own = gateway.with_all(new().transfer(CURRENT, SAVINGS.number, 20_000, own=True))
    assert await ask(own) == "00"
    assert await ask(gateway.undo(own)) == "00"
    typed_as_payee = new().transfer(CURRENT, PAN, 20_000, own=False)
    assert await ask(gateway.with_all(typed_as_payee)) == "76"
    assert await ask(gateway.undo({**typed_as_payee, **gateway.renewed()})) == "25"
    assert await ask(gateway.with_all(new().loan_inquiry(LOAN.account))) == "00"
    paid = new().loan_payment(CURRENT, LOAN.account, LOAN.bill_id, LOAN.amount_minor)
    assert await ask(gateway.with_all(paid)) == "00"


async def with_bills(gateway: Desk, bill: Bill) -> None:
    """Somebody's bill, paid out of the canary's account."""
    new, customer = gateway.by_subscriber, bill.customer_number
    assert await gateway.ask(gateway.with_all(new().bill_inquiry(bill.biller, customer))) == "00"
    paid = gateway.with_all(new().bill_payment(CURRENT, bill.biller, customer, bill.bill_id, bill.amount_minor))
    assert await gateway.ask(paid) == "00"
    typed_as_account = {**paid, **gateway.renewed(), "102": PAN}
    assert await gateway.ask(typed_as_account) == "14"
    again = new().bill_payment(CURRENT, bill.biller, customer, bill.bill_id, bill.amount_minor)
    assert await gateway.ask(gateway.with_all(again)) == "81"


async def in_another_dialect(gateway: Desk) -> None:
    """The same secrets, otherwise encoded."""
    new = gateway.by_subscriber
    assert await gateway.ask(gateway.with_all(new().balance(CURRENT))) == "00"
    assert await gateway.ask(gateway.with_all(new().transfer(CURRENT, SAVINGS.number, 1_000, own=True))) == "00"
    assert await gateway.ask({**new().balance(CURRENT), "2": PAN}) == "30"


def cash(atm: Desk) -> Fields:
    """A withdrawal with all that it may carry."""
    return atm.with_all(atm.by_card(NEXT_PIN).withdrawal(CURRENT.kind, CASH))


async def at_a_terminal_with_keys_of_its_own(pos: Desk) -> None:
    assert await pos.ask(pos.under_a_key_of_its_own(NEXT_PIN, 1, CASH)) == "00"
    assert await pos.ask(pos.under_a_key_of_its_own(NEXT_PIN, 2, CASH)) == "00"
    assert await pos.ask(pos.under_a_key_of_its_own(NEXT_PIN, 1, CASH)) == "63"
