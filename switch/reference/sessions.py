"""Signing on, echoes, and the order in which a message is judged at the door."""

from __future__ import annotations

from collections.abc import Iterator

from config.sections import ListenerSettings, PeerSettings
from switch.flow.session import MANAGEMENT, MANAGEMENT_CARRIES, UNKNOWN_MANAGEMENT
from switch.net.listener import ECHO_AFTER_S
from switch.reference.defaults import seconds
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
        - The side that connects signs on (`001`) on each of its connections; until then all but `0800` is **91**.
        - Echoes (`301`) go both ways. A listener sends one after {ECHO_AFTER_S:g} s in which it heard nothing; the
          links to the core and the billers after {seconds(PeerSettings, "echo_after_s")} (`echo_after_s`).
        - A connection on which nothing was heard for {seconds(ListenerSettings, "idle_s")} is closed (`idle_s`).
        - When the switch stops, it answers what is open, signs off at its peers and closes.
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


def unserved_codes() -> list[str]:
    return [number for number in NETWORK_CODES if number not in MANAGEMENT]


def _codes() -> Iterator[tuple[str, ...]]:
    for number, words in NETWORK_CODES.items():
        if number in MANAGEMENT:
            answer, event = MANAGEMENT[number]
            yield code(number), words, bold(answer.value), event.value if event is not None else "–"
    yield "another", "–", bold(UNKNOWN_MANAGEMENT[0].value), "–"
