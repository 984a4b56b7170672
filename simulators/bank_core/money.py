"""Money at the simulated bank: balances, transfers, bills, instalments of loans, cash.

Rule: shape and amount first (12, 13), then whose account it is (`core_access`), then the other account (14, 57,
62, and what a loan adds), and funds last (51). Every approval tells the balance after its posting in DE 54.
"""

from __future__ import annotations

from msgspec.structs import replace

from ledger.scale import whole
from simulators.bank_core.access import (
    account_of_card,
    account_of_subscriber,
    card_of,
    holder,
    refused,
    subscriber_of,
)
from simulators.bank_core.state import CoreState, customer_account
from simulators.hosts.postings import CURRENCY
from simulators.hosts.records import APPROVED, Decision, Move
from simulators.people.population import Account, Loan
from switch.wire import amounts
from switch.wire.message import Message


def balance(core: CoreState, message: Message) -> Decision:
    """31: what is there."""
    account = holder(core, message)
    if isinstance(account, Decision):
        return account
    return Decision(APPROVED, {"54": balances(account, core.balance(account), core.journal.units(message))})


def owner(core: CoreState, message: Message) -> Decision:
    """33: whose account 103 is, to be shown before a transfer."""
    asker = subscriber_of(core, message)
    if isinstance(asker, Decision):
        return asker
    number = message.account_to or ""
    if number not in core.population.accounts:
        return refused("14")
    return Decision(APPROVED, tags=(("06", core.text_out(core.population.owners[number].name)),))


def transfer_own(core: CoreState, message: Message) -> Decision:
    """40: between two accounts of one subscriber."""
    return _transfer(core, message, own=True)


def transfer_other(core: CoreState, message: Message) -> Decision:
    """42: to any account of the bank."""
    return _transfer(core, message, own=False)


def pay_bill(core: CoreState, message: Message) -> Decision:
    """50: the bank's part of it, the customer's account against the biller's settlement account."""
    wrong = _wrong_amount(message)
    account = wrong or account_of_subscriber(core, message, message.account_from or "")
    if isinstance(account, Decision):
        return account
    return _pay(core, message, account, f"biller:{message.payee}", "bill")


def loan_inquiry(core: CoreState, message: Message) -> Decision:
    """36: the instalment that is due."""
    found = _loan(core, message)
    return found if isinstance(found, Decision) else Decision(APPROVED, tags=(("05", _instalment_line(*found)),))


def pay_loan(core: CoreState, message: Message) -> Decision:
    """54: the instalment that is due, or a part of it from the least amount up."""
    wrong = _wrong_amount(message) or _same_account(message)
    account = wrong or account_of_subscriber(core, message, message.account_from or "")
    if isinstance(account, Decision):
        return account
    found = _loan(core, message)
    if isinstance(found, Decision):
        return found
    wrong = _wrong_instalment(message, *found)
    return wrong or _pay(core, message, account, f"loan:{message.account_to}", "loan")


def withdraw(core: CoreState, message: Message) -> Decision:
    """01: cash, against the account of the machine that gave it."""
    wrong = _wrong_amount(message)
    card = wrong or card_of(core, message)
    if isinstance(card, Decision):
        return card
    account = account_of_card(card, message)
    if isinstance(account, Decision):
        return account
    return _pay(core, message, account, f"atm:{message.terminal}", "cash")


def balances(account: Account, minor: int, units: int) -> str:
    """DE 54, in the pound of the question: the ledger balance, then the available one. This bank holds nothing back, so
    they are the same."""
    return amounts.build_balances(
        amounts.Balance(account.kind, which, CURRENCY, whole(minor, units))
        for which in (amounts.LEDGER_BALANCE, amounts.AVAILABLE_BALANCE)
    )


def _transfer(core: CoreState, message: Message, *, own: bool) -> Decision:
    wrong = _wrong_amount(message) or _same_account(message)
    account = wrong or account_of_subscriber(core, message, message.account_from or "")
    if isinstance(account, Decision):
        return account
    other = core.population.accounts.get(message.account_to or "")
    if other is None:
        return refused("14")
    if own and core.population.owners[other.number] is not core.population.owners[account.number]:
        return refused("57")
    if other.restricted:
        return refused("62")
    return _pay(core, message, account, customer_account(other.number), "transfer")


def _pay(core: CoreState, message: Message, account: Account, to: str, kind: str) -> Decision:
    """Everything is in order but perhaps the funds."""
    minor, units, left = _minor(message), core.journal.units(message), core.balance(account)
    if minor * units > left:
        return refused("51")
    move = Move(customer_account(account.number), to, minor, kind)
    return Decision(APPROVED, {"54": balances(account, left - minor * units, units)}, move=move)


def _loan(core: CoreState, message: Message) -> tuple[Loan, int] | Decision:
    """The instalment of loan 103 that is due, and what was paid of it already, in the pound of the question."""
    customer = subscriber_of(core, message)
    if isinstance(customer, Decision):
        return customer
    loan = core.population.loans.get(message.account_to or "")
    if loan is None:
        return refused("14")
    if loan.account not in customer.numbers:
        return refused("57")
    loan, units = _in_pound_of(core, message, loan), core.journal.units(message)
    paid_minor = -(-core.journal.balance(f"loan:{loan.account}") // units)  # of what is left, a fraction is dropped
    number, paid = divmod(paid_minor, loan.amount_minor)
    return loan.instalment(number), paid


def _in_pound_of(core: CoreState, message: Message, loan: Loan) -> Loan:
    """Loans are drawn in the newest pound."""
    old_for_new = core.journal.scale.old_per_new // core.journal.units(message)
    least, amount = loan.least_minor * old_for_new, loan.amount_minor * old_for_new
    return replace(loan, amount_minor=amount, least_minor=least)


def _wrong_instalment(message: Message, due: Loan, paid_minor: int) -> Decision | None:
    """81 paid before, 84 not known, 13 more than is left, 82 less than the least."""
    asked = message.tag("04") or ""
    if asked != due.bill_id:
        earlier = asked[:-4] == due.bill_id[:-4] and asked < due.bill_id
        return refused("81" if earlier else "84")
    rest = due.amount_minor - paid_minor
    if _minor(message) > rest:
        return refused("13")
    return refused("82") if _minor(message) < min(due.least_minor, rest) else None


def _instalment_line(due: Loan, paid_minor: int) -> str:
    rest = due.amount_minor - paid_minor
    least = min(due.least_minor, rest)
    status = "T" if least < rest else "U"
    return f"{due.bill_id}|{due.period}|{due.due}|{rest:012d}|{status}|{least:012d}"


def _wrong_amount(message: Message) -> Decision | None:
    if message.currency != CURRENCY:
        return refused("12")
    return None if _minor(message) > 0 else refused("13")


def _same_account(message: Message) -> Decision | None:
    return refused("12") if message.account_from == message.account_to else None


def _minor(message: Message) -> int:
    """Field 4, or 0 where it is no amount."""
    try:
        return amounts.parse_amount(message.amount or "")
    except ValueError:
        return 0
