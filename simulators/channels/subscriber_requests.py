"""What a subscriber can ask for, as messages: the mobile gateway and the website send the same.

Rule: pure; one method writes one request, whole but for its MAC, and nothing here knows what is answered but the
form of a bill (tag 05).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from simulators.channels.terminal import Stamp, Terminal, money, request
from simulators.people.population import Account

LOAN = "92"
ANY = "00"


@dataclass(frozen=True, slots=True)
class SubscriberRequest:
    """One request to be: its terminal, stamp and subscriber are known, each method writes it for one service."""

    terminal: Terminal
    at: Stamp
    subscriber: str

    def activation(self, account: Account, code_block: str) -> dict[str, str]:
        return self._write("0600", f"91{ANY}{ANY}", {"102": account.number}, ("07", code_block))

    def balance(self, account: Account) -> dict[str, str]:
        return self._write("0200", f"31{account.kind}{ANY}", {"102": account.number})

    def mini_statement(self, account: Account) -> dict[str, str]:
        return self._write("0200", f"38{account.kind}{ANY}", {"102": account.number})

    def statement(self, account: Account, first_day: str, last_day: str, more: str = "") -> dict[str, str]:
        days = ("10", first_day), ("11", last_day)
        return self._write("0200", f"35{account.kind}{ANY}", {"102": account.number}, *days, *continuation(more))

    def owner(self, number: str) -> dict[str, str]:
        return self._write("0100", f"33{ANY}{ANY}", {"103": number})

    def transfer(self, source: Account, target: str, amount_minor: int, *, own: bool) -> dict[str, str]:
        code = ("40" if own else "42") + source.kind + ANY
        return self._write("0200", code, {"102": source.number, "103": target} | self._money(amount_minor))

    def bill_inquiry(self, biller: str, customer_number: str, more: str = "") -> dict[str, str]:
        tags = ("03", customer_number), *continuation(more)
        return self._write("0100", f"32{ANY}{ANY}", {"98": f"{biller:<25}"}, *tags)

    def bill_payment(
        self, account: Account, biller: str, customer_number: str, bill_id: str, amount_minor: int
    ) -> dict[str, str]:
        elements = {"98": f"{biller:<25}", "102": account.number} | self._money(amount_minor)
        return self._write("0200", f"50{account.kind}{ANY}", elements, ("03", customer_number), ("04", bill_id))

    def loan_inquiry(self, loan: str) -> dict[str, str]:
        return self._write("0100", f"36{ANY}{LOAN}", {"103": loan})

    def loan_payment(self, account: Account, loan: str, bill_id: str, amount_minor: int) -> dict[str, str]:
        elements = {"102": account.number, "103": loan} | self._money(amount_minor)
        return self._write("0200", f"54{account.kind}{LOAN}", elements, ("04", bill_id))

    def _money(self, amount_minor: int) -> dict[str, str]:
        return money(amount_minor, self.terminal.currency)

    def _write(self, mti: str, code: str, elements: Mapping[str, str], *tags: tuple[str, str]) -> dict[str, str]:
        return request(mti, code, self.terminal, self.at, elements, (("01", self.subscriber), *tags))


def continuation(token: str) -> tuple[tuple[str, str], ...]:
    """Tag 13, sent back unchanged, where there is more to fetch."""
    return (("13", token),) if token else ()


@dataclass(frozen=True, slots=True)
class Due:
    """A bill or an instalment as tag 05 tells it."""

    bill_id: str
    amount_minor: int
    status: str
    least_minor: int

    @classmethod
    def of(cls, text: str) -> "Due":
        bill_id, _period, _due, amount, status, least = text.split("|")
        return cls(bill_id, int(amount), status, int(least))

    @property
    def payable(self) -> bool:
        return self.status in ("U", "T")
