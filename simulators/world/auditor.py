"""Holds everybody's books together: at every word of a peer, and once all is quiet.

Rule: reads the books of each side as that side keeps them, and believes nobody about another. What is checked has a
number: I1-I5 and I7-I9 of the design, and the saga's R13.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import trio

from config.choices import Offer
from ledger.queries import OpenAdvices, TrialBalance
from simulators.demo.books_report import card_accounts, differences, net
from simulators.hosts.identity import Identity, identity_of
from simulators.hosts.records import Record
from simulators.keys import invented_keys
from simulators.people.population import Population
from simulators.world.ledger_node import MemoryBooks
from simulators.world.mirror import Mirror, Seen
from simulators.world.peer_node import CORE, PeerNode
from simulators.world.scene import Scene
from simulators.world.violation import Violations
from switch.flow.payment import Payment, State
from switch.wire import mti
from switch.wire.message import Message
from switch.wire.original import parse as parse_original

APPROVED = "00"
PAID_TT = "50"


class Auditor:
    """`peers` by name; they are there before the first of them says a word."""

    def __init__(self, scene: Scene, mirror: Mirror, violations: Violations) -> None:
        self.peers: dict[str, PeerNode] = {}
        self._scene = scene
        self._mirror = mirror
        self._violations = violations
        self._asked: dict[bytes, str] = {}  # the STAN by which a biller was asked for a payment's money

    # While it runs.

    def did(self, peer: str, message: Message, code: str) -> None:
        """I4, at every word of a peer that moved something."""
        mti_class = mti.mti_class(message.mti)
        if peer != CORE and mti_class == "2":
            self._biller_paid(peer, message)
        elif peer == CORE and mti_class == "4" and code == APPROVED:
            self._core_gave_back(message)

    def may_be_denied(self, peer: str, message: Message) -> bool:
        """An undo of what is posted, an advice about what is reversed: "unknown" decides nothing there."""
        payment = self._meant(peer, message)
        if payment is None:
            return False
        if peer == CORE:
            return payment.state is State.REVERSED
        return payment.posted and self.biller_paid(payment)

    def core_debited(self, payment: Payment) -> bool:
        """Whether the core's debit was made and stands."""
        record = self.core_record(payment)
        return record is not None and record.stands

    def core_record(self, payment: Payment) -> Record | None:
        fields = {**payment.fields, "t": "0200", "7": payment.core.transmitted_at, "11": payment.core.stan}
        if not payment.moves_money:
            fields["t"] = "0600"
        identity = identity_of(Message(fields))
        found = self.peers[CORE].host.journal.find(Identity(identity.key, "none"))
        return found.record if found is not None else None

    def biller_paid(self, payment: Payment) -> bool:
        """Whether the biller was paid and keeps it."""
        if payment.biller is None or payment.biller.peer not in self.peers:
            return False
        found = self.peers[payment.biller.peer].host.journal.find_payment(payment.id.hex())
        return found is not None and found.record.stands

    def _biller_paid(self, peer: str, message: Message) -> None:
        payment_id = bytes.fromhex(message.tag("14") or "")
        seen = self._mirror.payments.get(payment_id)
        first = self._asked.setdefault(payment_id, message.stan or "")
        repeats = Offer.REPEATS in self._scene.kind(peer).offers
        if first != message.stan or (mti.is_repeat(message.mti) and not repeats):
            self._wrong("R13", "a request for money was made again", payment_id)
        if seen is None or seen.payment is None:
            self._wrong("I4", "a biller was asked for money without an intent", payment_id)
        elif self.biller_paid(seen.payment) and not self.core_debited(seen.payment):
            self._wrong("I4", "the biller is paid and the core is not debited", payment_id)

    def _core_gave_back(self, message: Message) -> None:
        payment = self._meant(CORE, message)
        if payment is None or message.replacement_amounts:
            return
        if self.biller_paid(payment):
            self._wrong("I4", "the core gave back what the biller keeps", payment.id)

    def _meant(self, peer: str, message: Message) -> Payment | None:
        if peer == CORE:
            original = parse_original(message["90"], self._scene.settings.peers[CORE].original_layout)
            key = original.stan or "", original.transmitted_at or ""
            payment_id = self._mirror.by_core_question.get(key, b"")
        else:
            payment_id = bytes.fromhex(message.tag("14") or "")
        seen = self._mirror.payments.get(payment_id)
        return seen.payment if seen is not None else None

    # When all is quiet.

    def check_disputes(self, struck: Mapping[str, int]) -> None:
        """I3: an operator is only for what a peer's promises, or its own words, leave open."""
        for payment_id in self._mirror.disputed:
            payment = self._mirror.payments[payment_id].payment
            assert payment is not None
            if not self._scene.impatient and not self._may_be_disputed(payment, struck):
                self._wrong("I3", f"an operator's case without need: {payment.why}", payment_id)

    def _may_be_disputed(self, payment: Payment, struck: Mapping[str, int]) -> bool:
        if payment.why.endswith("Tick"):
            undecided = payment.biller is not None and not self._scene.kind(payment.biller.peer).always_decides
            return payment.disputed_from is State.UNCERTAIN and undecided
        if payment.why.endswith("AdviceRefused"):
            return bool(struck["peer refuses"] or struck["peer refuses a repeat"])
        return bool(struck["peer says unknown"])

    def check_all(self, ledger: MemoryBooks, population: Population) -> None:
        """Everything is final: every payment at every side, then every account."""
        for payment_id, seen in self._mirror.payments.items():
            for invariant, text in self._faults(seen):
                self._wrong(invariant, text, payment_id)
        for total in ledger.answer(TrialBalance()):
            if not total.balanced:
                self._wrong("I1", f"the trial balance of {total.currency} is not zero")
        if ledger.answer(OpenAdvices()):
            self._wrong("I3", "advices are open and no payment is")
        self._compare_accounts(ledger, population)

    def _faults(self, seen: Seen) -> Iterator[tuple[str, str]]:
        payment = seen.payment
        assert payment is not None
        state = payment.state
        if payment.next_at is not None or state is State.DISPUTED:
            yield "I3", f"{state} and not final"
            return
        if payment.answer == "" and payment.core.stan:
            yield "I3", f"{state} without an answer"
        if not payment.moves_money or not payment.core.stan:
            return
        record, paid = self.core_record(payment), self.biller_paid(payment)
        debited = record is not None and record.stands
        stands = state is State.POSTED
        part = state is State.REVERSED and payment.given_back_minor < payment.amount_minor
        if debited is not stands:
            yield "I7", f"{state} here, and at the core {'debited' if debited else 'not debited'}"
        if payment.biller is not None and paid is not stands:
            yield "I4", f"{state} here, and the biller {'was' if paid else 'was not'} paid"
        left = seen.posted_minor - seen.contra_minor
        due = payment.amount_minor if stands else payment.amount_minor - payment.given_back_minor if part else 0
        if left != due * payment.units or seen.pending:
            yield "I2", f"{state} with {left} posted of {payment.amount_minor} times {payment.units}"

    def _compare_accounts(self, ledger: MemoryBooks, population: Population) -> None:
        """I7, I8: the ledger, the core's books and each biller's, account by account."""
        ours = net(ledger.answer, card_accounts(invented_keys(self._scene.settings).vault, population))
        core = net(self.peers[CORE].store.answer)
        billers = {name: net(peer.store.answer) for name, peer in self.peers.items() if name != CORE}
        for found in differences(ours, core, billers):
            self._wrong("I7", f"{found.account}: {found.ledger_minor} here, {found.peer_minor} at {found.peer}")
        mirrored = {name: minor for name, minor in self._mirror.posted.items() if minor}
        if mirrored != net(ledger.answer):
            self._wrong("I1", "balances are not the sum of the transfers")
        if any(self._mirror.pending.values()):
            self._wrong("I3", "money is held and nothing is open")

    def check_secrets(self, image: bytes, reports: str, secrets: Iterable[str]) -> None:
        """I9: no card number, track or PIN block in the database or in a report."""
        for secret in secrets:
            if secret.encode() in image or secret in reports:
                self._wrong("I9", f"in clear: {secret[:6]}… ({len(secret)} characters)")

    def _wrong(self, invariant: str, text: str, payment: bytes = b"") -> None:
        self._violations.add(invariant, text, payment, trio.current_time())
