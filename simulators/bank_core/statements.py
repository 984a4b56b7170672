"""Statements of the simulated bank: the last ten lines, or all between two days, page by page, newest first."""

from __future__ import annotations

from itertools import islice, takewhile

from ledger.model import StatementLine
from ledger.scale import Scale
from simulators.bank_core.access import account_of_subscriber, holder, refused
from simulators.bank_core.state import CoreState, customer_account
from simulators.hosts.pages import PRIVATE_MAX, page
from simulators.hosts.records import APPROVED, Decision
from switch.wire.message import Message

MINI_LINES = 10
LINES_MAX = PRIVATE_MAX // 30  # more than a page can hold


def mini_statement(core: CoreState, message: Message) -> Decision:
    """38: up to ten lines."""
    account = holder(core, message)
    if isinstance(account, Decision):
        return account
    newest = islice(core.journal.lines(customer_account(account.number)), MINI_LINES)
    return Decision(APPROVED, tags=tuple(("08", statement_line(line, core.journal.scale)) for line in newest))


def statement(core: CoreState, message: Message) -> Decision:
    """35: the lines from day 10 to day 11, as many as fit; with tag 13, those after the page before."""
    account = account_of_subscriber(core, message, message.account_from or "")
    if isinstance(account, Decision):
        return account
    first, last = message.tag("10") or "", message.tag("11") or ""
    scope, token = f"{account.number}/{first}/{last}", message.tag("13")
    before = "" if token is None else core.tokens.open(scope, token, core.journal.now())
    if before is None:
        return refused("12")
    lines = _lines(core, account.number, first, last, bytes.fromhex(before))

    def token_after(line: StatementLine) -> str:
        return core.tokens.issue(scope, line.transfer.id.hex(), core.journal.now())

    return Decision(
        APPROVED, tags=tuple(page(lines, lambda line: [("08", statement_line(line, core.journal.scale))], token_after))
    )


def statement_line(line: StatementLine, scale: Scale) -> str:
    """Tag 08. The amount is in the pound of the line's own day, which is all that a reader has to tell it by. The memo
    holds the kind and the reference, as `journal` wrote them."""
    moved = line.transfer
    return f"{moved.day}|{line.direction}|{scale.on_wire(moved.amount_minor, moved.day):012d}|{moved.memo}"


def _lines(core: CoreState, number: str, first: str, last: str, before: bytes) -> list[StatementLine]:
    """The lines between the days, a few more than a page can hold."""
    newest = core.journal.lines(customer_account(number), before)
    recent = takewhile(lambda line: line.transfer.day >= first, newest)
    return list(islice((line for line in recent if line.transfer.day <= last), LINES_MAX))
