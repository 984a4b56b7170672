"""The fields of an answer: what is echoed, what is added, and the words for the customer.

Rule: an answer echoes byte for byte what its list names and the request had, and adds 39, the business day and the
words. A card number, a track, a PIN block or a secret tag is never echoed, because it is not on the list.
"""

from __future__ import annotations

from collections.abc import Mapping

from switch.wire import codes, tlv
from switch.wire.codes import ResponseCode
from switch.wire.message import Message
from switch.wire.mti import NETWORK, answer_mti

ECHOED = (
    *("3", "4", "7", "11", "12", "13", "32", "33", "37", "41", "42", "49", "70", "90", "95", "98"),
    *("100", "102", "103"),
)
ECHOED_BY_NETWORK = ("7", "11", "32", "41", "70")

LANGUAGE_TAG = "02"


def answer_fields(
    request: Message,
    code: ResponseCode,
    *,
    language: str,
    business_date: str | None,
    extra: Mapping[str, str] | None = None,
    words_suffix: str = "",
    charset: str = "utf-8",
    said_in: str = "",
) -> dict[str, str]:
    """The answer to a request, ready for the envelope.

    `language` is the endpoint's default and yields to the request's tag 02, and that to `said_in`, the language of an
    answer that was given before. `business_date` is MMDD; `extra` (38, 48, 54, ...) comes last; `words_suffix` names
    the place of a fault, as `place` writes it. A charset that cannot carry Arabic gets English words.
    """
    asked = request.fields
    network = asked["t"][1] == NETWORK
    fields = {de: asked[de] for de in (ECHOED_BY_NETWORK if network else ECHOED) if de in asked}
    fields["t"] = answer_mti(asked["t"])
    fields["39"] = code._value_
    if business_date is not None and not network:
        fields["15"] = business_date
    if not network or code is not ResponseCode.APPROVED:
        fields["63"] = _words(code, said_in or language_of(request, language), words_suffix, charset)
    if extra:
        fields.update(extra)
    return fields


def language_of(request: Message, default: str) -> str:
    """The customer's language: tag 02 where it names one that we speak, else the endpoint's."""
    if "48" not in request:
        return default
    try:
        return spoken(request.tags, default)
    except tlv.TlvError:
        return default


def spoken(tags: tlv.Pairs, default: str) -> str:
    """The same of private data that was read."""
    for tag, value in tags:
        if tag == LANGUAGE_TAG:
            return value if value in codes.LANGUAGES else default
    return default


def place(at: str) -> str:
    """The place of a fault as the words of a 30 end with it: `(102)`, `(48.03)`."""
    return f"({at})"


def _words(code: ResponseCode, language: str, suffix: str, charset: str) -> str:
    text = codes.words(code, language)
    if charset != "utf-8" and not _fits(text, charset):
        language, text = "en", codes.words(code, "en")
    return f"{language}{text} {suffix}" if suffix else language + text


def _fits(text: str, charset: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
