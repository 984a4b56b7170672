"""What every channel was told, and whether that was so at the moment when it heard it.

Rule: I2 (an approval has its posting, a decline none) and I5 (one request, one answer) are checked at every answer.
Once a channel reversed a request it ignores answers to it; they must still be the one that is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import trio

from simulators.world.day_watch import Sums, acquirer_and_kind, add
from simulators.world.mirror import Mirror
from simulators.world.violation import Violations
from switch.flow.payment import State
from switch.wire.message import Message

APPROVED = "00"
CUTOVER = "90"
NOT_FINAL = ("09", "30", "63")  # 30 and 63 come without a MAC: hearsay
NOT_FINAL_FOR_A_REVERSAL = (*NOT_FINAL, "90", "91", "96")


class Told:
    """One request of a channel: what it was told about it. `reversed`: it was reversed and is not listened to."""

    def __init__(self, fields: Mapping[str, str], original: Told | None = None) -> None:
        self.fields = dict(fields)
        self.original = original
        self.sent_at = trio.current_time()
        self.final = ""
        self.day = ""  # DE 15 of the final answer
        self.reversed = False
        self.answers = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.fields["41"].rstrip(), self.fields["11"]

    @property
    def not_final(self) -> tuple[str, ...]:
        return NOT_FINAL if self.original is None else NOT_FINAL_FOR_A_REVERSAL


class Witness:
    """`was_blocked` says whether a customer was, from before a request was sent until after its answer was heard;
    `units_on` what of the books a minor unit of a day (MMDD) is, where that is not one and the same."""

    def __init__(
        self,
        mirror: Mirror,
        violations: Violations,
        was_blocked: Callable[[Mapping[str, str], float, float], bool],
        units_on: Callable[[str], int] | None = None,
    ) -> None:
        self._units_on = units_on or (lambda _: 1)
        self._was_blocked = was_blocked
        self.requests: dict[tuple[str, str], Told] = {}
        self._mirror = mirror
        self._violations = violations

    def begin(self, fields: Mapping[str, str], original: Told | None = None) -> Told:
        """A request, or (with its original) a reversal, is about to be sent."""
        told = Told(fields, original)
        self.requests[told.key] = told
        return told

    def hear(self, message: Message) -> None:
        """An answer arrived at a channel."""
        told = self.requests.get((message.terminal or "", message.stan or ""))
        code = message.response_code or ""
        if told is None or code in told.not_final:
            return
        if told.reversed:
            self._check_stored(told, code)
            return
        told.answers += 1
        if told.final and told.final != code:
            self._wrong("I5", f"{message.mti} was answered {told.final} and then {code}", told)
        day = message.business_date or ""
        if told.day and told.day != day:
            self._wrong("I11", f"{message.mti} was answered in {told.day} and then in {day}", told)
        told.final, told.day = told.final or code, told.day or day
        if code == CUTOVER and self._units_on(told.fields["13"]) == self._units_on(day):
            self._wrong("I11", "told 90 though another day is open", told)
        if code == APPROVED and told.original is None and self._blocked(told):
            self._wrong("block", "begun after a block's verdict, and approved", told)
        if told.original is None:
            self._check_answer(told, code)
        else:
            self._check_reversal(told, told.original, code)

    def _blocked(self, told: Told) -> bool:
        return self._was_blocked(told.fields, told.sent_at, trio.current_time())

    def payment_of(self, told: Told) -> bytes:
        original = told.original or told
        return self._mirror.by_request.get(original.key, b"")

    def totals(self) -> Sums:
        """What channels were told, and those who did not wait for an answer would be, by DE 15: days as MMDD. In units
        of the books, by the calendar of whoever wrote the amount (DE 13)."""
        found: Sums = {}
        counted: set[tuple[str, str]] = set()  # a payment is reversed once, however many reversals hear 00
        for told in self.requests.values():
            original = told.original
            units = self._units_on((original or told).fields["13"])
            minor = int(told.fields.get("4", "0")) * units
            if original is None:
                code, day = self._told(told)
                if code == APPROVED and acquirer_and_kind(told.fields):
                    add(found, (day, acquirer_and_kind(told.fields), told.fields["49"]), 0, minor)
            elif told.final == APPROVED and original.key not in counted and self._told(original)[0] == APPROVED:
                back_minor = minor - int(told.fields.get("95", "0" * 12)[:12]) * units
                if back_minor and acquirer_and_kind(told.fields):
                    counted.add(original.key)
                    add(found, (told.day, acquirer_and_kind(told.fields), told.fields["49"]), 2, back_minor)
        return found

    def _told(self, told: Told) -> tuple[str, str]:
        """The final answer of a request and its day; of one that was reversed, as the books have it."""
        if told.final and not told.reversed:
            return told.final, told.day
        seen = self._mirror.payments.get(self.payment_of(told))
        payment = seen.payment if seen is not None else None
        return (payment.answer, payment.day[4:]) if payment is not None else ("", "")

    def _check_day(self, told: Told, placed: dict[bytes, str]) -> None:
        """DE 15 of an approval is the day of its transfer."""
        day = placed.get(self.payment_of(told))
        if day is not None and day[4:] != told.day:
            self._wrong("I11", f"told {told.day} where the transfer is in {day}", told)

    def _check_answer(self, told: Told, code: str) -> None:
        seen = self._mirror.payments.get(self.payment_of(told))
        payment = seen.payment if seen is not None else None
        if seen is None or payment is None:
            if code == APPROVED:
                self._wrong("I2", "approved, and nothing is in the books", told)
            return
        if payment.answer != code:
            self._wrong("I2", f"told {code} where the books have {payment.answer or 'nothing'}", told)
        due = payment.amount_minor * payment.units
        if code == APPROVED and payment.moves_money and seen.posted_minor != due:
            self._wrong("I2", "approved without its posting", told)
        if code == APPROVED:
            self._check_day(told, self._mirror.days.posted_in)
        if code != APPROVED and seen.posted_minor:
            self._wrong("I2", f"declined {code} and posted", told)

    def _check_stored(self, told: Told, code: str) -> None:
        """What comes late, or again, to a request that was reversed is still the one stored answer."""
        seen = self._mirror.payments.get(self.payment_of(told))
        if seen is not None and seen.payment is not None and seen.payment.answer != code:
            self._wrong("I5", f"told {code} where the books have {seen.payment.answer or 'nothing'}", told)

    def _check_reversal(self, told: Told, original: Told, code: str) -> None:
        seen = self._mirror.payments.get(self.payment_of(told))
        payment = seen.payment if seen is not None else None
        if seen is None or payment is None:
            if code == APPROVED:
                self._wrong("I5", "a reversal was answered 00 and nothing is in the books", told)
            return
        if code == APPROVED:
            self._check_day(told, self._mirror.days.back_in)
        stands = int(told.fields.get("95", "0" * 12)[:12])
        back = payment.amount_minor - stands
        if code == APPROVED and payment.state is State.POSTED and back and payment.moves_money:
            self._wrong("I5", "a reversal was answered 00 and the payment stands", told)
        left = seen.posted_minor - seen.contra_minor
        if code == APPROVED and payment.moves_money and seen.posted_minor and left != stands * payment.units:
            self._wrong("I5", f"a reversal was answered 00, {stands} should stand and {left} does", told)
        if code == "25" and (seen.posted_minor or seen.pending):
            self._wrong("I5", "a reversal was answered 25 and money is held or posted", told)

    def _wrong(self, invariant: str, text: str, told: Told) -> None:
        self._violations.add(invariant, text, self.payment_of(told), trio.current_time())
