"""Questions that take more than one message: pages, repeats until an outcome, balances that follow a moment later.

Rule: nothing here sleeps. Between two repeats the line is listened to, and what comes unasked is a failure.
"""

from tests.conformance import law, tlv
from tests.conformance.card import Account, Bill, Subscriber
from tests.conformance.client import Fields, Received
from tests.conformance.desk import CURRENCY, Desk, Gateway, repeat_of


def after_posting(received: Received, account: Account) -> tuple[int, int]:
    """54 of an answer: ledger, then available, of the customer's account."""
    groups = tlv.balances(received.fields["54"])
    assert [group.amount_type for group in groups[:2]] == ["01", "02"], "01 ledger, then 02 available"
    assert {group.currency for group in groups} == {CURRENCY}
    assert groups[0].account_type in (account.type, "00")
    return groups[0].minor, groups[1].minor


def bill_lines(desk: Gateway, who: Subscriber, biller: str, customer: str) -> list[tlv.BillLine]:
    """Every bill of a customer, page by page."""
    lines: list[tlv.BillLine] = []
    token = ""
    for _ in range(20):
        request = desk.bills(who, biller, customer, token)
        received = law.told(desk, request)
        tags = tlv.parse(received.fields["48"])
        lines += [tlv.bill_line(value) for value in tlv.every(tags, "05")]
        token = next(iter(tlv.every(tags, "13")), "")
        if not token:
            return lines
    raise AssertionError("the bills of one customer don't end")


def find_bill(desk: Gateway, who: Subscriber, bill: Bill) -> tlv.BillLine | None:
    lines = bill_lines(desk, who, bill.biller, bill.customer_number)
    return next((line for line in lines if line.bill_id == bill.bill_id), None)


def until_final(desk: Desk, request: Fields, *, within_s: float = 10.0) -> Received:
    """Asks, then repeats with x2x1 until the answer is not 09, leaving the line a moment in between."""
    received = desk.ask(request)
    for _ in range(int(within_s / 0.1)):
        if received.code != "09":
            return received
        assert not desk.client.listen(0.1), "an answer that nobody is owed"
        received = desk.ask(repeat_of(request))
    raise AssertionError(f"{request['t']} {request['3']} is still 09 after {within_s} s")


def until_holds(desk: Gateway, who: Subscriber, account: Account, minor: int) -> None:
    """Waits, by asking, until an account holds what it must; the core hears of a reversal a moment later."""
    held = desk.holds(who, account)
    for _ in range(50):
        if held == minor:
            return
        assert not desk.client.listen(0.1), "an answer that nobody is owed"
        held = desk.holds(who, account)
    raise AssertionError(f"the account holds {held}, not {minor}")
