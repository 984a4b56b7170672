"""Signing on, echoes, and the order in which a message is judged at the door."""

from __future__ import annotations

from collections.abc import Iterator

from config.sections import DaysSettings, ListenerSettings, PeerSettings
from config.security_sections import SecuritySettings
from switch.flow.session import (
    CUTOVER,
    KEY_ASKED_FOR,
    KEY_CODES,
    MANAGEMENT,
    MANAGEMENT_CARRIES,
    NEW_KEY,
    UNKNOWN_MANAGEMENT,
)
from switch.net.key_exchange import ANSWERED_WITHIN_S, BLOCK, CHANGES_MAX, CHANGES_WITHIN_S, CHECK_VALUE
from switch.net.listener import ECHO_AFTER_S
from switch.reference.defaults import default_of, seconds
from switch.reference.markdown import Lines, bold, code, heading, listed, prose, table
from switch.wire.answer import ECHOED_BY_NETWORK
from switch.wire.names import NETWORK_CODES


def network_section() -> Lines:
    yield from heading(2, "Network management")
    yield from prose(f"""
        An `0800` needs {listed(MANAGEMENT_CARRIES)}. Its `0810` repeats {listed(ECHOED_BY_NETWORK)}, as far as they
        were there, and says `39`. Neither has a MAC, unless the endpoint says so (`mac_network`).
    """)
    yield from table(("`70`", "what it is", "answer", "and then"), _codes())
    yield from prose(f"""
        - The side that connects signs on (`001`) on each of its connections, a channel within
          {seconds(ListenerSettings, "signs_on_within_s")} (`signs_on_within_s`), else it is closed; until then all but
          `0800` is **91**.
        - Echoes (`301`) go both ways. A listener sends one after {ECHO_AFTER_S:g} s in which it heard nothing; the
          links to the core and the billers after {seconds(PeerSettings, "echo_after_s")} (`echo_after_s`).
        - A connection on which nothing was heard for {seconds(ListenerSettings, "idle_s")} is closed (`idle_s`).
        - When the switch stops, it answers what is open, signs off at its peers and closes.
    """)


def key_section() -> Lines:
    yield from heading(2, "New keys")
    yield from prose(f"""
        The MAC key and the PIN key of an endpoint that has a key-encryption key (`kek`) change while everything runs;
        either side brings a new one (`{NEW_KEY}`) or asks for one (`{KEY_ASKED_FOR}`), once it has signed on.

        - `{NEW_KEY}` has in `{BLOCK}` the key as a TR-31 (X9.143) block under the key-encryption key, version B under
          TDES and D under AES, and in tag {CHECK_VALUE} its check value. The block's header says which key it is: M3
          or M6 the MAC key, P0 the PIN key, with a mode of use that lets both sides do their part. Each key has an
          `0800` of its own.
        - **00**: taken. The new key holds from the next message on, both ways; under the old one messages are accepted
          for {seconds(SecuritySettings, "overlap_s")} more (`overlap_s`).
        - **63**: no such block, another check value, not for a key of this endpoint, or used before: the old key
          stays. The same block again, because its answer was lost, is **00** again.
        - **30**: `{BLOCK}` or tag {CHECK_VALUE} is missing. **91**: not signed on. **12**: keys do not change here; or
          a key that the answering side brought itself is not answered yet (for {ANSWERED_WITHIN_S:g} s at most); or
          more than {CHANGES_MAX} changes in {CHANGES_WITHIN_S:g} s.
        - `{KEY_ASKED_FOR}` is answered first; then the answering side brings a key of each use.
        - After {default_of(SecuritySettings, "mac_failures_max")} wrong MACs in a row on one connection
          (`mac_failures_max`) the switch brings new keys, once; where they don't change, or if that did not help, it
          closes the connection.
    """)


def day_section() -> Lines:
    yield from heading(2, "Business days")
    yield from prose(f"""
        `15` names the business day (MMDD) that an answer falls into, and every question to the core and the billers
        names it, so that all sides can count by day. A payment is of the day in which it was accepted; a final answer
        that comes only after that day was closed is of the day that is open then. A reversal is of the day in which it
        was taken up, whatever day its original is of. The repeated answer names the day of the first one. Across a
        change of the currency, questions keep the day of acceptance: it says the pound of their amount.

        - Whoever owns the day (`owner`, by default the switch) opens the next one: `0800` with `70` = `{CUTOVER}` and
          the day that opens in `15`. The switch says it to its peers and to every channel that is signed on. Nothing
          stops meanwhile: what was begun before ends in its own day, which is closed later.
        - **00**: it is open, also where it was already. **12**: who sent it does not own the day, or the day is before
          the one that is open or more than {default_of(DaysSettings, "ahead_max_days")} days ahead of the calendar
          (`ahead_max_days`). **30**: `15` is missing or no date. **91**: not signed on. **96**: the ledger is away;
          send it again.
        - Who missed it reads the new day in the next `15`.
    """)


def door_section() -> Lines:
    yield from heading(2, "In which order a message is judged")
    yield from prose("""
        1. No readable MTI: counted, not answered.
        2. Another version, a notification, an answer: counted, not answered.
        3. Not signed on, and no `0800`: **91**.
        4. MAC wrong or missing: **63**.
        5. A field that cannot be read: **30**, with its place.
        6. An MTI that is not in the table of messages: **12**.
        7. `0800`: answered here.
        8. `32` or `41` is none that this listener may speak for: **58**.
        9. `48` broken, then a service that is not there: **30**, **12**. Then as said under [services](#services).
    """)


def _codes() -> Iterator[tuple[str, ...]]:
    for number, words in NETWORK_CODES.items():
        if number in MANAGEMENT:
            answer, event = MANAGEMENT[number]
            yield code(number), words, bold(answer.value), event.value if event is not None else "–"
        elif number == CUTOVER:
            yield code(number), words, "see [business days](#business-days)", "–"
        elif number in KEY_CODES:
            yield code(number), words, "see [new keys](#new-keys)", "–"
    yield "another", "–", bold(UNKNOWN_MANAGEMENT[0].value), "–"
