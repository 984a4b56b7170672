"""What a question carries and nobody keeps: card number, tracks, PIN blocks and codes, under the core's key.

Rule: what comes out of here goes into a question and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable

from config.sections import ListenerSettings
from switch.flow.payment import IN_PROGRESS
from switch.flow.questions import FOR_THE_SWITCH, KSN_TAG, SECRET, SECRET_TAGS
from switch.security.keys.ring import KeyRing
from switch.security.port import ModuleAwayError, PinBlockError, PinRequest, SecurityError
from switch.wire import tlv
from switch.wire.message import Message
from switch.wire.mti import mti_class

PIN_TAG = "12"
BAD_BLOCK = "63"

# What is the same in a request and its repeats and in no other: its key (32, 41, 11, 7 and the MTI's class), and what
# it asks for. A serial number that came with a balance must not come again with a withdrawal.
ONE_REQUEST = ("32", "41", "11", "7", "37", "3", "4")

_SECRET = frozenset(SECRET)

Secrets = dict[str, str]
Place = tuple[str, PinRequest]  # field 52 or a tag of 48, and the block there


class PinKeys:
    """From which key to which blocks are translated; a name that is None stands for a side that takes no PIN."""

    __slots__ = ("clear_codes", "ring", "source", "target")

    def __init__(self, ring: KeyRing, endpoint: ListenerSettings, target: str | None) -> None:
        self.ring = ring
        self.source = endpoint.pin
        self.target = target
        self.clear_codes = endpoint.tls is not None  # elsewhere anybody on the line could read one

    def translate(self, request: PinRequest, done: Callable[[str | SecurityError], None]) -> None:
        if self.source is None or self.target is None:
            done(PinBlockError("no PIN key"))
        elif request.is_clear and not self.clear_codes:
            done(PinBlockError("an activation code in clear outside TLS"))
        else:
            self.ring.translate_pin(request, self.source, self.target, done)


def refusal_for(error: SecurityError, away: str = IN_PROGRESS) -> str:
    """The code of a request whose secrets can't be handed on. `away` where the module did not say: a machine that hears
    that it is not known yet reverses, or asks again."""
    return away if isinstance(error, ModuleAwayError) else BAD_BLOCK


def has_secrets(request: Message) -> bool:
    """Whether there is anything in it that is handed on and never kept: from a gateway, hardly ever."""
    if not _SECRET.isdisjoint(request.fields):
        return True
    for tag, _ in request.tags:  # noqa: SIM110 - a generator would cost more than it finds
        if tag in SECRET_TAGS:
            return True
    return False


def secrets_of(request: Message, keys: PinKeys, done: Callable[[Secrets | SecurityError], None]) -> None:
    """The secret data elements of a request, its blocks translated; PinBlockError is 63, and no try."""
    found = {de: request.fields[de] for de in SECRET if de in request.fields}
    _translate(_blocks(request), {}, keys, lambda blocks: done(_written(request, found, blocks)))


def _blocks(request: Message) -> list[Place]:
    """In the order in which they are translated: the one that opens, then the new one."""
    ksn = tlv.first(request.tags, KSN_TAG)
    whose = "|".join([mti_class(request.mti), *(request.get(de) or "" for de in ONE_REQUEST)])
    blocks = [("52", PinRequest(request.fields["52"], request.pan, ksn, whose))] if "52" in request.fields else []
    for tag, value in request.tags:
        if tag in SECRET_TAGS:
            blocks.append((tag, PinRequest(value, request.pan if tag == PIN_TAG else None, ksn, whose)))
    return blocks


def _translate(
    blocks: list[Place], found: Secrets, keys: PinKeys, done: Callable[[Secrets | SecurityError], None]
) -> None:
    """One after the other: a PIN change has two."""
    if not blocks:
        done(found)
        return
    (place, block), *others = blocks

    def told(translated: str | SecurityError) -> None:
        if isinstance(translated, SecurityError):
            done(translated)
        else:
            _translate(others, {**found, place: translated}, keys, done)

    keys.translate(block, told)


def _written(request: Message, found: Secrets, blocks: Secrets | SecurityError) -> Secrets | SecurityError:
    if isinstance(blocks, SecurityError):
        return blocks
    if "52" in blocks:
        found["52"] = blocks["52"]
    if any(tag in SECRET_TAGS for tag, _ in request.tags):
        found["48"] = tlv.build(
            (tag, blocks.get(tag, value)) for tag, value in request.tags if tag not in FOR_THE_SWITCH
        )
    return found
