"""The simulated bank core: every service that the switch asks a bank for, on books of its own.

Rule: this file only says which service answers which message; what a service does is in `access`, `money` and
`statements`, and that nothing is done twice is `host`'s promise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from simulators.bank_core.access import activate, change_pin
from simulators.bank_core.money import (
    balance,
    loan_inquiry,
    owner,
    pay_bill,
    pay_loan,
    transfer_other,
    transfer_own,
    withdraw,
)
from simulators.bank_core.state import CardState, CoreState, SubscriberState
from simulators.bank_core.statements import mini_statement, statement
from simulators.hosts.host import Host
from simulators.hosts.records import Decision, Fact, Record
from simulators.hosts.terms import Service, Terms
from switch.wire.message import Message

ACTIVATION = "activate"
PIN_CHANGE = "pin-change"

Answerer = Callable[[CoreState, Message], Decision]


class BankCore(Host):
    """Opens the customers' accounts and issues their cards if this is the first start."""

    def __init__(self, state: CoreState, terms: Terms) -> None:
        self.state = state
        super().__init__(state.journal, terms)
        state.open_accounts()
        state.issue_cards()

    def services(self) -> Mapping[tuple[str, str], Service]:
        table = (
            ("12", "31", self._either("balance", balance)),
            ("12", "30", self._either("balance", balance)),
            ("12", "38", self._either("mini-statement", mini_statement)),
            ("12", "35", self._inquiry("statement", statement, "102", "48.01", "48.10", "48.11")),
            ("1", "33", self._inquiry("owner", owner, "103", "48.01")),
            ("1", "36", self._inquiry("loan-inquiry", loan_inquiry, "103", "48.01")),
            ("2", "40", self._money("transfer-own", transfer_own, "102", "103", "48.01")),
            ("2", "42", self._money("transfer-other", transfer_other, "102", "103", "48.01")),
            ("2", "50", self._money("pay-bill", pay_bill, "98", "102", "48.01")),
            ("2", "54", self._money("pay-loan", pay_loan, "102", "103", "48.01", "48.04")),
            ("2", "01", self._money("withdrawal", withdraw, "2", "52", partial_reversal=True)),
            ("6", "91", Service(ACTIVATION, partial(activate, self.state), ("102", "48.01", "48.07"))),
            ("6", "92", Service(PIN_CHANGE, partial(change_pin, self.state), ("2", "52", "48.12"))),
        )
        return {(mti_class, code): service for classes, code, service in table for mti_class in classes}

    def restored(self, record: Record) -> tuple[Fact, ...]:
        """An undone activation closes the channel again; an undone PIN change brings the old PIN back."""
        known = self.journal.fact(record.subject) if record.subject else None
        if known is None:
            return ()
        if record.service == ACTIVATION:
            return (Fact(record.subject, msgspec.msgpack.encode(SubscriberState())),)
        state = msgspec.msgpack.decode(known, type=CardState)
        if state.pin_offset.encode() != record.after:  # changed again since: that one stands
            return ()
        return (Fact(record.subject, msgspec.msgpack.encode(CardState(state.wrong_tries, record.before.decode()))),)

    def _either(self, name: str, decide: Answerer) -> Service:
        return Service(name, partial(decide, self.state), either=True, inquiry=True)

    def _inquiry(self, name: str, decide: Answerer, *needs: str) -> Service:
        return Service(name, partial(decide, self.state), needs, inquiry=True)

    def _money(self, name: str, decide: Answerer, *needs: str, partial_reversal: bool = False) -> Service:
        return Service(name, partial(decide, self.state), (*needs, "4", "49"), partial=partial_reversal)
