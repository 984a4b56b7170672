"""When two requests are one, and what the second of them is answered."""

from __future__ import annotations

from config.sections import SwitchSettings
from switch.commands.send import TIMEOUT_S
from switch.flow.keys import CONTENT, NOT_CONTENT_TAGS
from switch.reference.defaults import seconds
from switch.reference.markdown import Lines, bold, heading, listed, prose, table
from switch.wire.codes import ResponseCode

_ANSWERS = (
    ("answered with a code that is stored", "the same answer: code, words, `15`, and what the service added"),
    ("on its way", "nothing by itself: when the answer comes, every connection that asked gets it"),
    ("answered **09**", "**09** until the outcome is known, then the outcome"),
    ("an inquiry", "the core or the biller is asked anew"),
    ("refused with a code that is not stored", "it is judged anew"),
    ("known, but its content was another", "**94**"),
)


def repeat_section() -> Lines:
    yield from heading(2, "Repeats")
    yield from prose(f"""
        A request is known by its key: `32`, `41`, `11`, `7` and the class of its MTI, the second digit. So `0200`
        and `0201` with the same key are one request, whatever connection they come on, and money moves once.

        A repeat has an odd last digit in its MTI (`0201`), its own MAC, and everything else as it was first sent,
        `7`, `11`, `12`, `13` and `37` included. Some gateways stamp `7` anew: a repeat whose key is not known is
        looked for once more by `32`, `41`, `37`, `13` and the class, and an original that its own such repeat has
        overtaken is recognised likewise.

        What makes the content is {listed(CONTENT)} and `48`, without its tags
        {", ".join(sorted(NOT_CONTENT_TAGS))}: another language is no change, nor is a code or a PIN that was
        enciphered anew. Spaces at the end of a field are no difference.
    """)
    yield from table(("the first was", "its repeat gets"), _ANSWERS)
    yield from prose(f"""
        - Every final answer of a payment or a change is stored, declines and **91** included; keys are not
          forgotten. To try again after a final answer, send a new request with a new `11`.
        - Not stored are {_not_stored()}; what was refused before it became a payment (**58**, **91** before the
          sign-on, **12** for a message or a service that is not there; **91** or **09** with too much in progress).
          Nothing has moved then.
        - While the ledger can't be reached the answer is **09**: nothing can be stored, so nothing final can be said.
          Of a new request nothing has moved then; its repeat is judged anew.
        - A request is answered within {seconds(SwitchSettings, "answer_within_s")} (`answer_within_s`), if only
          with **09**. A channel waits longer than that, {TIMEOUT_S:g} s, before it calls it silence. Then a gateway
          repeats with `0201` at growing intervals until it gets something else than **09**; an ATM never repeats,
          it reverses with `0420`.
    """)


def _not_stored() -> str:
    return ", ".join(bold(code.value) for code in ResponseCode if not code.is_stored)
