"""Response codes: when each is answered, and the customer's words for it in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from switch.reference.markdown import Lines, bold, heading, prose, table
from switch.wire.codes import WITHOUT_MAC, ResponseCode, words

WHEN: Mapping[ResponseCode, str] = {
    ResponseCode.APPROVED: "approved; of an advice: received",
    ResponseCode.IN_PROGRESS: "the outcome is not known yet: repeat later; of a reconciliation: the day is not over",
    ResponseCode.INVALID_TRANSACTION: "no such message or service, another currency, a fee, one account twice; of a "
    "reversal: the payment stands, or cannot be reversed in part; of a reconciliation: no such business day",
    ResponseCode.INVALID_AMOUNT: "zero, not digits, more than is owed, or not to be made of notes",
    ResponseCode.UNKNOWN_ACCOUNT: "the core knows no such account or card",
    ResponseCode.ORIGINAL_NOT_FOUND: "the original of a reversal is not known; the reversal is remembered",
    ResponseCode.FORMAT_ERROR: "something is missing or badly formed; the words end with where",
    ResponseCode.NOT_OPEN: "the biller is known, but not open",
    ResponseCode.INSUFFICIENT_FUNDS: "the core: not enough money",
    ResponseCode.EXPIRED_CARD: "the core: the card has expired",
    ResponseCode.WRONG_PIN: "the core: the PIN or the activation code is wrong",
    ResponseCode.NOT_PERMITTED: "the core: this customer may not, or it is somebody else's account",
    ResponseCode.NOT_PERMITTED_TO_TERMINAL: "this listener may not speak for this `32` or `41`",
    ResponseCode.AMOUNT_LIMIT: "beyond the limit of one payment or of the day",
    ResponseCode.RESTRICTED: "blocked by the bank's operators; the core: account or card is restricted or closed",
    ResponseCode.SECURITY: "the MAC is wrong or missing, or a PIN block is none",
    ResponseCode.AMOUNT_DIFFERS: "`4` of a reversal is not the original's, or less than what is to stand",
    ResponseCode.COUNT_LIMIT: "beyond the number of payments in a day",
    ResponseCode.TOO_LATE: "its reversal came first, or while it was on its way; nothing was paid",
    ResponseCode.TRIES_EXCEEDED: "the core: too many wrong PINs or activation codes",
    ResponseCode.OTHER_BANK: "an account that is not at this bank",
    ResponseCode.NOT_ACTIVATED: "the core: the subscriber has not been activated",
    ResponseCode.ALREADY_PAID: "the biller: paid already",
    ResponseCode.PART_PAYMENT: "the biller: less than the least amount",
    ResponseCode.BILLER_REFUSES: "the biller refuses for a reason of its own",
    ResponseCode.BILL_NOT_FOUND: "the biller: no such bill, or too late to pay it",
    ResponseCode.CUTOVER: "the business day was closed just now, and no other is known to be open",
    ResponseCode.UNAVAILABLE: "the core or the biller is down or silent; or not signed on",
    ResponseCode.NO_ROUTE: "no such biller, or nobody to ask",
    ResponseCode.CONFLICT: "the key is known with another content",
    ResponseCode.OUT_OF_BALANCE: "totals of a day that do not agree; our figures stand beside",
    ResponseCode.MALFUNCTION: "a malfunction here, or a peer's answer that says nothing",
}


def code_section() -> Lines:
    yield from heading(2, "Response codes")
    yield from prose(f"""
        `39`, with the words in `63`. The core's and the biller's refusals are passed on under their own code; what
        they do not settle is **91**. Final is every code but {", ".join(map(bold, _not_final()))}. Without a MAC go
        {", ".join(map(bold, sorted(WITHOUT_MAC)))}.
    """)
    yield from table(("code", "when", "Arabic", "English"), map(_row, ResponseCode))


def _row(of: ResponseCode) -> tuple[str, ...]:
    return bold(of.value), WHEN[of], words(of, "ar"), words(of, "en")


def _not_final() -> Iterator[str]:
    return (of.value for of in ResponseCode if not of.is_final)
