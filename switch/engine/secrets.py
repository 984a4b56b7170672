"""What a question carries and nobody keeps: card number, tracks, PIN blocks and codes, under the core's key.

Rule: what comes out of here goes into a question and nowhere else.
"""

from __future__ import annotations

from switch.flow.questions import PAYMENT_TAG, SECRET, SECRET_TAGS
from switch.security.port import PinBlockError, SecurityModule
from switch.wire import tlv
from switch.wire.message import Message

PIN_TAG = "12"


def secrets_of(request: Message, security: SecurityModule, from_key: str | None, to_key: str | None) -> dict[str, str]:
    """The secret data elements of a request, its blocks translated. Raises PinBlockError (63, and no try)."""
    fields = request.fields
    found = {de: fields[de] for de in SECRET if de in fields}
    if "52" in found:
        found["52"] = _translate(security, found["52"], request.pan, from_key, to_key)
    if any(tag in SECRET_TAGS for tag, _ in request.tags):
        found["48"] = tlv.build(
            [
                (tag, _translate(security, value, request.pan if tag == PIN_TAG else None, from_key, to_key))
                if tag in SECRET_TAGS
                else (tag, value)
                for tag, value in request.tags
                if tag != PAYMENT_TAG
            ]
        )
    return found


def _translate(security: SecurityModule, block: str, pan: str | None, from_key: str | None, to_key: str | None) -> str:
    if from_key is None or to_key is None:
        raise PinBlockError("no PIN key")
    return security.translate_pin(block, pan, from_key, to_key)
