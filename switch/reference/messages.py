"""Which messages there are, what a request carries, and what its answer echoes and adds."""

from __future__ import annotations

from collections.abc import Iterator

from config.sections import SwitchSettings
from switch.flow.pound import UNCLEAR_POUND
from switch.flow.questions import SECRET, SECRET_TAGS
from switch.flow.session import MANAGEMENT_CARRIES
from switch.reference.defaults import default_of
from switch.reference.markdown import Lines, bold, code, heading, listed, prose, table
from switch.reference.specimen import BANK
from switch.services.shape import COMMON
from switch.services.table import SERVICES
from switch.wire.answer import ECHOED, ECHOED_BY_NETWORK, place
from switch.wire.codes import LANGUAGES
from switch.wire.mti import KNOWN_REQUESTS, answer_mti, is_repeat, mti_class, repeat_of
from switch.wire.names import mti_words

REVERSAL_CLASS, RECONCILIATION_CLASS, NETWORK_CLASS = "4", "5", "8"


def message_section() -> Lines:
    yield from heading(2, "Messages")
    yield from table(("request", "repeat", "answer", "what it is", "serves"), _messages())
    yield from prose("""
        - A repeat is answered with the MTI of the request's own answer.
        - Another request MTI of version 0 is answered **12**. Messages of another version, notifications, and
          answers that nobody waits for are counted and not answered.
        - An answer belongs to the request with its `11`, `7` and `41` and an MTI that fits. Answers come in the
          order in which they are known.
        - An answer whose connection has gone is not kept: ask again with a repeat.
    """)


def request_section() -> Lines:
    yield from heading(2, "What a request carries")
    yield from prose(f"""
        - Every request but `0500`, `0520` and `0800`: {listed(COMMON)}.
        - Where money is meant also `4` and `49`. Elsewhere `4` is absent or all zeros.
        - `0500`, `0520`: see [reconciliation](#reconciliation). `0800`: {listed(MANAGEMENT_CARRIES)}.
        - The MAC, `64` or `128`, if there is a key for it.
        - A channel that speaks for a subscriber (mobile, web) names it in tag 01, on inquiries too. One that has a
          card (ATM) carries `2` and `52`.
        - What a service needs beyond that stands with the service; how a field is written, with the data elements.

        A missing or malformed field is **30**, and the words in `63` end with its place: {code(place("102"))} or
        {code(place("48.03"))}.

        **Time.** `12` and `13` are local ({default_of(SwitchSettings, "timezone")}), `7` is UTC; `15`
        is the [business day](#business-days). No date has a year: the one that puts it nearest to now is taken.

        **Money.** Amounts are whole minor units. `49` is {BANK.currency}; another currency is **12** wherever money
        is meant. The customer pays no fee: a `28` that is not zero is **12** there too.

        **Two pounds.** Where the bank's books began before the currency dropped zeros (`[currency]`), an amount is in
        the pound of the business day on which its payment was accepted, and stays so: repeats, the reversal and all
        answers have the original's digits, in whatever day they come. A request whose `13` is on the other side of
        the change than the open business day is {bold(UNCLEAR_POUND.code)}, because either pound may be meant. The
        line of a statement is in the pound of its own day, a balance in that of the answer's; what is no whole unit
        there is dropped. The core and the billers are told the day that says the pound in `15`.
    """)


def answer_section() -> Lines:
    yield from heading(2, "What an answer carries")
    yield from prose(f"""
        - Echoed byte for byte where the request had them: {listed(ECHOED)}. In `0810`: {listed(ECHOED_BY_NETWORK)}.
        - Never echoed: {listed(SECRET)}, and tags {", ".join(sorted(SECRET_TAGS))}. An answer's `48` holds only
          what the service adds.
        - Always added: `39`; and but for `0810` also `15` (the business day, MMDD; of a reconciliation, the day that
          was asked about) and `63`. An `0810` has `63`
          only where it is not approved.
        - `38`, six digits, on an approval of {listed(_services_with_approval_code())} and nowhere else.
        - What else a service adds on approval stands with the service.

        `63` is a language ({" or ".join(map(code, LANGUAGES))}) and directly after it the outcome in words that may
        be shown to the customer. The language is the one in tag 02; where that is absent or another, the
        endpoint's.

        `54` holds at most six balances of 20 characters each: account type (2), kind (2: `01` ledger, `02`
        available), currency (3), `C` where it is the customer's and `D` where it is owed, amount (12). They are
        balances after the posting, as the core tells them.
    """)


def _messages() -> Iterator[tuple[str, ...]]:
    for mti in sorted(KNOWN_REQUESTS):
        if not is_repeat(mti):
            again = repeat_of(mti) if repeat_of(mti) in KNOWN_REQUESTS else "–"
            yield mti, again, answer_mti(mti), mti_words(mti), served_by(mti)


def served_by(mti: str) -> str:
    number = mti_class(mti)
    if number == REVERSAL_CLASS:
        return "[reversals](#reversals)"
    if number == RECONCILIATION_CLASS:
        return "[reconciliation](#reconciliation)"
    if number == NETWORK_CLASS:
        return "[network management](#network-management)"
    names = [service.name for service in SERVICES if mti in service.mtis]
    return listed(names)


def _services_with_approval_code() -> list[str]:
    return [service.name for service in SERVICES if service.approval_code]
