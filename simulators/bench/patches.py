"""Messages made by patching bytes: what the bench's own processes do instead of encoding and decoding.

Rule: the first message of a shape goes the whole way, through the dialect and the MAC; from it is learned where its
fields stand, and every later message of that shape is a copy with some bytes replaced and a new MAC. A shape is a
length, an MTI and the bitmaps, so nothing is patched that might be laid out differently.
"""

from collections.abc import Iterable, Mapping

import iso8583

from switch.wire.envelope import Envelope

Shape = tuple[int, bytes]
Place = tuple[int, int]
Copy = tuple[int, int, int, int]  # to, to its end, from, from its end


def shape_of(body: bytes) -> Shape:
    """Its length, and its MTI and bitmaps (hexadecimal digits; the second is there if the first says so)."""
    return len(body), body[: 36 if body[4] >= 0x38 else 20]


def places(body: bytes, envelope: Envelope) -> dict[str, Place]:
    """Where the value of each data element stands in an encoded message."""
    _, encoded = iso8583.decode(body, envelope.dialect.codec.spec)
    found, at = {}, 0
    for de, parts in encoded.items():
        at += len(parts["len"])
        found[de] = at, at + len(parts["data"])
        at += len(parts["data"])
    return found


def copies(question: Mapping[str, Place], answer: Mapping[str, Place], echoed: Iterable[str]) -> list[Copy]:
    """The bytes of an answer that come from its question, neighbours joined."""
    joined: list[Copy] = []
    for de in sorted((de for de in echoed if de in question and de in answer), key=int):
        (start, end), (to, to_end) = question[de], answer[de]
        if end - start != to_end - to:
            continue
        if joined and joined[-1][1] == to and joined[-1][3] == start:
            joined[-1] = joined[-1][0], to_end, joined[-1][2], end
        else:
            joined.append((to, to_end, start, end))
    return joined


class Sealer:
    """A message that is sent again and again with other bytes in it, under a MAC each time."""

    def __init__(self, body: bytes, envelope: Envelope) -> None:
        assert envelope.mac is not None
        self._compute = envelope.mac.compute
        self._covered = len(body) - envelope.dialect.mac_width
        self.buffer = bytearray(body[: self._covered])

    def sealed(self) -> bytes:
        """The message as the buffer now says, framed (two bytes of length)."""
        covered = bytes(self.buffer)
        body = covered + self._compute(covered).hex().upper().encode()
        return len(body).to_bytes(2) + body


def frames_in(buffer: bytearray) -> list[bytes]:
    """Takes the whole frames (two bytes of length) out of a buffer."""
    found, at, have = [], 0, len(buffer)
    while have - at >= 2 and (end := at + 2 + int.from_bytes(buffer[at : at + 2])) <= have:
        found.append(bytes(buffer[at + 2 : end]))
        at = end
    del buffer[:at]
    return found
