"""What every answer must be, whoever asked: one place for the sentences that hold for all services.

Rule: a breach is a sentence; `check` says all of them at once.
"""

import re
from collections.abc import Iterator

from tests.conformance import dialects, tlv
from tests.conformance.card import Listener
from tests.conformance.client import Fields, Received, answer_mti, mac_field
from tests.conformance.desk import Desk

ECHOED = (
    *("3", "4", "7", "11", "12", "13", "32", "33", "37", "41", "42", "49"),
    *("70", "90", "95", "98", "100", "102", "103"),
)
ECHOED_0810 = ("7", "11", "32", "41", "70")
NEVER = ("2", "14", "35", "45", "52", "55")
SECRET_TAGS = ("07", "12")
APPROVAL_CODE = ("01", "40", "42", "50", "54")
# What the answers of the table of services may hold beside what all have.
ANSWERS = {
    "91": (),
    "31": ("54",),
    "30": ("54",),
    "38": ("48",),
    "35": ("48",),
    "33": ("48",),
    "40": ("54",),
    "42": ("54",),
    "32": ("48",),
    "50": ("48", "54"),
    "36": ("48",),
    "54": ("54",),
    "01": ("54",),
    "92": (),
    "97": (),
}


def check(request: Fields, received: Received, listener: Listener, *, code: str = "00") -> None:
    """The answer has this code and is an answer as all answers must be."""
    assert received.code == code, f"{request['t']} {request.get('3', '')}: {received.code}, not {code}"
    breaches = list(_breaches(request, received, listener))
    assert not breaches, f"{request['t']} {request.get('3', '')}: " + "; ".join(breaches)


def told(desk: Desk, request: Fields, code: str = "00") -> Received:
    """Asks, and checks the answer."""
    received = desk.ask(request)
    check(request, received, desk.listener, code=code)
    return received


def words(received: Received, listener: Listener) -> tuple[str, str]:
    """63: the two letters of the language and the words for the customer."""
    raw = received.fields["63"].encode(dialects.single_byte(listener.dialect))
    language = raw[:2].decode(listener.charset)
    if language not in ("ar", "en"):
        language = raw[:2].decode("cp500")
    return language, raw[2:].decode(listener.charset)


def place(received: Received, listener: Listener) -> str:
    """The place of the fault with which the words of a 30 end, as (102) or (48.03)."""
    found = re.search(r"\((\w+(?:\.\w+)?)\)$", words(received, listener)[1])
    assert found, f"the words of a 30 don't end with a place: {words(received, listener)[1]!r}"
    return found.group(1)


def is_arabic(text: str) -> bool:
    return any("\u0600" <= letter <= "\u06ff" for letter in text)


def language_of(request: Fields, listener: Listener) -> str:
    asked = tlv.every(tlv.parse(request.get("48", "")), "02")
    return asked[0] if asked and asked[0] in ("ar", "en") else listener.language


def _breaches(request: Fields, received: Received, listener: Listener) -> Iterator[str]:
    network = request["t"].startswith("08")
    if received.fields["t"] != answer_mti(request["t"]):
        yield f"the MTI is {received.fields['t']}"
    yield from _echo_breaches(request, received.fields, ECHOED_0810 if network else ECHOED)
    yield from _secret_breaches(received.fields)
    yield from _mac_breaches(request, received, listener)
    yield from _word_breaches(received, network)
    if not network:
        yield from _added_breaches(request, received)


def _echo_breaches(request: Fields, answer: Fields, echoed: tuple[str, ...]) -> Iterator[str]:
    for de in echoed:
        if request.get(de) != answer.get(de):
            yield f"{de} is {answer.get(de)!r}, asked {request.get(de)!r}"


def _secret_breaches(answer: Fields) -> Iterator[str]:
    yield from (f"{de} is in the answer" for de in NEVER if de in answer)
    tags = [tag for tag, _ in tlv.parse(answer.get("48", ""))]
    yield from (f"tag {tag} is in the answer" for tag in SECRET_TAGS if tag in tags)


def _mac_breaches(request: Fields, received: Received, listener: Listener) -> Iterator[str]:
    """Answers 30 and 63 need no MAC, and 0810 has one only if the endpoint says so."""
    present = {"64", "128"} & set(received.fields)
    right = {mac_field({de: "" for de in received.fields if de not in ("64", "128")})}
    exempt = received.code in ("30", "63") or request["t"].startswith("08")
    if present and present != right:
        yield f"the MAC is in {sorted(present)}, not in {sorted(right)}"
    if listener.mac_key is not None and not present and not exempt:
        yield "no MAC"
    if listener.mac_key is None and present:
        yield "a MAC where the endpoint has no key"


def _word_breaches(received: Received, network: bool) -> Iterator[str]:
    answer = received.fields
    if network:
        if ("63" in answer) is not (received.code != "00"):
            yield "an 0810 has 63 on failure and only then"
        if "15" in answer:
            yield "15 is in an 0810"
        return
    if "63" not in answer:
        yield "no 63"
    if not re.fullmatch(r"\d{4}", answer.get("15", "")):
        yield "15 is not MMDD"


def _added_breaches(request: Fields, received: Received) -> Iterator[str]:
    answer, transaction = received.fields, request.get("3", "")[:2]
    own = request["t"][1] in "126" and ANSWERS.get(transaction, ())
    approved = received.code == "00" and request["t"][1] == "2" and transaction in APPROVAL_CODE
    if approved and not re.fullmatch(r"\d{6}", answer.get("38", "")):
        yield "38 is not six digits"
    if not approved and "38" in answer:
        yield "38 on something else than an approved 01, 40, 42, 50, 54"
    more = {"66", *map(str, range(74, 80)), *map(str, range(86, 90)), "97", "99"} if request["t"] == "0500" else set()
    allowed = {"t", *ECHOED, "15", "38", "39", "63", "64", "128", *(own or ()), *more}
    if set(answer) - allowed:
        yield f"fields that no answer of this kind has: {sorted(set(answer) - allowed)}"
