"""The mobile gateway: how it sees through what a subscriber's telephone asks for.

Rule: a request whose outcome is not known is repeated unchanged (x2x1) after 5, 10, 20… seconds until the answer
is final; nothing is ever asked again under a new STAN that might have moved money. The website (`website`) does the
same from other terminals.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from config.settings import ListenerSettings
from simulators.channels.channel import Channel
from simulators.channels.errands import (
    Activate,
    Balance,
    MiniStatement,
    MobileErrand,
    Owner,
    PayBill,
    PayLoan,
    Service,
    Statement,
    Transfer,
    Visit,
)
from simulators.channels.pinpad import PinPad
from simulators.channels.questions import persist
from simulators.channels.subscriber_requests import Due, SubscriberRequest
from simulators.channels.tally import Tally
from simulators.channels.terminal import Terminal, reversal, terminal_of
from switch.wire import tlv
from switch.wire.codes import ResponseCode
from switch.wire.message import Message

ENTRY_MODE = "010"  # DE 22: keyed, no PIN entry
CONDITION = "08"  # DE 25: by telephone

PART = 4  # a part payment is a quarter of what is left


def terminal(listener: ListenerSettings, number: int, currency: str) -> Terminal:
    """The gateway's terminal `number` at this listener."""
    return terminal_of(listener, number, currency, ENTRY_MODE, CONDITION)


def is_final(answer: Message | None) -> bool:
    return answer is not None and answer.response_code != ResponseCode.IN_PROGRESS


async def settle(channel: Channel, fields: Mapping[str, str]) -> Message | None:
    """Ask until the answer is final. None: it never was, though the gateway repeated as long as it does."""
    answer = await persist(channel, fields, is_final)
    return answer if is_final(answer) else None


@dataclass(frozen=True, slots=True)
class Session:
    """One subscriber at one terminal of a gateway."""

    channel: Channel
    terminal: Terminal
    subscriber: str
    pinpad: PinPad
    tally: Tally

    async def serve(self, visit: Visit[MobileErrand]) -> None:
        """All errands of a visit, one after the other."""
        for errand in visit.errands:
            await self._run(errand)

    async def _run(self, errand: MobileErrand) -> None:
        match errand:
            case Activate(account, code):
                block = self.pinpad.code_block(code)
                await self.ask(Service.ACTIVATE, self.write().activation(account, block))
            case Balance(account):
                await self.ask(Service.BALANCE, self.write().balance(account))
            case MiniStatement(account):
                await self.ask(Service.MINI_STATEMENT, self.write().mini_statement(account))
            case Statement():
                await self.whole_statement(errand)
            case Owner(number):
                await self.ask(Service.OWNER, self.write().owner(number))
            case Transfer():
                await self.transfer(errand)
            case PayBill():
                await self.pay_bill(errand)
            case PayLoan():
                await self.pay_loan(errand)

    def write(self) -> SubscriberRequest:
        return SubscriberRequest(self.terminal, self.channel.stamp(), self.subscriber)

    async def ask(self, service: Service, fields: Mapping[str, str], biller: str = "") -> Message | None:
        """The final answer if it approves; either way it is counted."""
        answer = await settle(self.channel, fields)
        code = answer.response_code if answer else None
        self.tally.add(service, code, biller)
        if answer is not None:
            self.channel.book.hear(fields, answer)
        return answer if code == ResponseCode.APPROVED else None

    async def whole_statement(self, errand: Statement) -> None:
        """Page after page, each under a new STAN, until no token says that there is more."""
        more = ""
        while True:
            page = self.write().statement(errand.account, errand.first_day, errand.last_day, more)
            answer = await self.ask(Service.STATEMENT, page)
            more = tlv.first(answer.tags, "13") or "" if answer else ""
            if not more:
                return

    async def transfer(self, errand: Transfer) -> None:
        service = Service.TRANSFER_OWN if errand.own else Service.TRANSFER_OTHER
        fields = self.write().transfer(errand.source, errand.target, errand.amount_minor, own=errand.own)
        if await self.ask(service, fields) and errand.cancelled:
            await self.ask(Service.REVERSAL, reversal(fields, self.channel.stamp()))

    async def pay_bill(self, errand: PayBill) -> None:
        bill = await self.find_bill(errand)
        if bill is None:
            return
        amount = max(bill.least_minor, bill.amount_minor // PART) if errand.part else bill.amount_minor
        for _ in range(1 + errand.twice):
            fields = self.write().bill_payment(
                errand.account, errand.biller, errand.customer_number, bill.bill_id, amount
            )
            await self.ask(Service.PAY_BILL, fields, errand.biller)

    async def find_bill(self, errand: PayBill) -> Due | None:
        """The bill that is to be paid, as the biller tells it now, on whatever page it is."""
        more = ""
        while True:
            fields = self.write().bill_inquiry(errand.biller, errand.customer_number, more)
            answer = await self.ask(Service.BILL_INQUIRY, fields)
            tags = answer.tags if answer else ()
            for tag, text in tags:
                if tag == "05" and (bill := Due.of(text)).payable and errand.bill_id in ("", bill.bill_id):
                    return bill
            more = tlv.first(tags, "13") or ""
            if not more:
                return None

    async def pay_loan(self, errand: PayLoan) -> None:
        loan = errand.loan.account
        answer = await self.ask(Service.LOAN_INQUIRY, self.write().loan_inquiry(loan))
        dues = [Due.of(text) for tag, text in (answer.tags if answer else ()) if tag == "05"]
        for due in [due for due in dues if due.payable][:1]:
            fields = self.write().loan_payment(errand.account, loan, due.bill_id, due.amount_minor)
            await self.ask(Service.PAY_LOAN, fields)
