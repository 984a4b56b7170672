"""The wire reference: one page for whoever connects a channel, a core or a biller, written from the running tables.

Rule: what a table of the code says is taken from the table; prose stands beside the section that needs it and says
what the code does, not what it might do.
"""

from __future__ import annotations

from collections.abc import Callable

from switch.reference import (
    codes,
    elements,
    endpoints,
    example,
    messages,
    peers,
    reconciliation,
    repeats,
    reversals,
    security,
    sessions,
)
from switch.reference import services as service_pages
from switch.reference.markdown import Lines, contents, heading, prose

SECTIONS: tuple[Callable[[], Lines], ...] = (
    endpoints.framing_section,
    endpoints.dialect_section,
    messages.message_section,
    messages.request_section,
    messages.answer_section,
    service_pages.service_section,
    example.example_section,
    repeats.repeat_section,
    reversals.reversal_section,
    reconciliation.reconciliation_section,
    sessions.network_section,
    sessions.key_section,
    sessions.day_section,
    sessions.door_section,
    security.mac_section,
    security.pin_section,
    peers.peer_section,
    elements.element_section,
    elements.tag_section,
    codes.code_section,
)


def wire_reference() -> str:
    """The page in Markdown."""
    body = [line for section in SECTIONS for line in section()]
    lines = [*beginning(), *contents(body), *body]
    return "\n".join(lines).rstrip("\n") + "\n"


def beginning() -> Lines:
    yield from ("<!-- Written by `barada reference wire`; change the tables of the code, then `make docs`. -->", "")
    yield from heading(1, "Wire reference")
    yield from prose("""
        What a channel sends to the switch and is answered, and what the switch asks of the core and the billers.
        The messages are ISO 8583:1987. Here `102` is a data element, tag 03 a tag inside `48`, **30** a response
        code (a value of `39`), and four digits are an MTI. An endpoint may do many of these things otherwise: see
        the [configuration](configuration.md). What is said here is its default.

        A channel in five steps:

        1. Connect to a listener, and sign on with `0800`, `70` = `001`.
        2. Send requests, with a MAC where the listener has a key. Each has an `11` of its own.
        3. Take answers as they come; `11`, `7` and `41` say which is which.
        4. After **09**, or without an answer in time, send the same request as a repeat; from an ATM send a
           reversal.
        5. Answer the switch's echo (`301`), and send one when there is nothing else to send.
    """)
