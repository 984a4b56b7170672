"""A payment as it is before its first commit.

Rule: pure; the id, the moment, the stamps of its questions and what is concealed are arguments.
"""

from __future__ import annotations

from collections.abc import Mapping

from switch.flow.payment import Payment, Question, State


def new_payment(
    payment_id: bytes,
    *,
    service: str,
    key: str,
    day: str,
    endpoint: str,
    language: str,
    fields: Mapping[str, str],
    amount_minor: int,
    accounts: tuple[str, str],
    core: Question,
    biller: Question | None,
    accepted_at: float,
    answer_within_s: float,
    biller_timeout_s: float = 0.0,
    concealed_pan: bytes = b"",
    masked_pan: str = "",
    usage_scope: str = "",
    units: int = 1,
) -> Payment:
    """`biller_timeout_s` is kept free at the end, so that what is asked last is still answered in time."""
    answer_by = accepted_at + answer_within_s
    return Payment(
        id=payment_id,
        version=0,
        state=State.NONE,
        service=service,
        day=day,
        endpoint=endpoint,
        key=key,
        fields=dict(fields),
        language=language,
        amount_minor=amount_minor,
        currency=fields.get("49", ""),
        debit=accounts[0],
        credit=accounts[1],
        accepted_at=accepted_at,
        ask_by=answer_by - biller_timeout_s,
        answer_by=answer_by,
        core=core,
        biller=biller,
        concealed_pan=concealed_pan,
        masked_pan=masked_pan,
        usage_scope=usage_scope,
        since=accepted_at,
        units=units,
    )
