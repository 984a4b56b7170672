"""What the switch refuses by itself, found by asking each service's own rule about one field made wrong at a time.

Rule: the probes stand in the order in which the rules look; a test asks about two of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from switch.flow.refusal import Refusal
from switch.reference.specimen import (
    BANK,
    CLOSED_BILLER,
    FOREIGN,
    FOREIGN_TOO,
    NO_BILLER,
    NOTES_MINOR,
    OURS,
    TAG_VALUES,
    VALUES,
)
from switch.services.request import Request
from switch.services.service import Service
from switch.services.shape import Shape
from switch.wire import tlv
from switch.wire.message import Message

ALWAYS_POSSIBLE = frozenset({"28"})


class Probe(NamedTuple):
    """One thing wrong with a request that can be read."""

    words: str
    fields: Mapping[str, str] = {}
    tags: Mapping[str, str] = {}


PROBES = (
    Probe("the card number in `35` is not `2`", {"35": f"4000000000000002{VALUES['35'][16:]}"}),
    Probe("`4` is zero, or not digits", {"4": "0" * 12}),
    Probe("`49` is not the bank's currency", {"49": "840"}),
    Probe("`28` is not zero", {"28": "D00000100"}),
    Probe("`102` and `103` are one account", {"102": OURS, "103": OURS}),
    Probe("`102` is not an account of this bank", {"102": FOREIGN}),
    Probe("`103` is not an account of this bank", {"103": FOREIGN_TOO}),
    Probe("`98` is no biller of the switch", {"98": NO_BILLER.ljust(25)}),
    Probe("`98` is a biller that is not open", {"98": CLOSED_BILLER.ljust(25)}),
    Probe("the machine's notes cannot make `4`", {"4": f"{NOTES_MINOR[0] + 1:012d}"}),
    Probe("tag 11 is before tag 10", tags={"11": "20261031"}),
)


def refusals_of(service: Service, shape: Shape) -> Iterator[tuple[Probe, Refusal]]:
    """What is wrong, and what the service's rule says to it."""
    for probe in PROBES:
        refusal = service.rule(specimen(shape, probe), BANK) if _applies(probe, shape) else None
        if refusal is not None:
            yield probe, refusal


def specimen(shape: Shape, *probes: Probe) -> Request:
    """A request of this shape, right but for the probes."""
    fields = {de: VALUES[de] for de in shape.needs}
    tags = {tag: TAG_VALUES[tag] for tag in shape.tags}
    for probe in probes:
        fields.update(probe.fields)
        tags.update(probe.tags)
    return Request(Message({**fields, "t": "0200", "48": tlv.build(tags.items())}), "atm", "ar", NOTES_MINOR)


def _applies(probe: Probe, shape: Shape) -> bool:
    """A field that the service does not ask for is not looked at by it."""
    return set(probe.fields) <= {*shape.needs, *ALWAYS_POSSIBLE} and set(probe.tags) <= set(shape.tags)
