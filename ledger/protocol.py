"""What crosses the socket between the ledger process and its clients.

Rule: pure. A frame is a length, a ticket and a body; length and ticket are 4 and 8 bytes, big-endian, the length counts
what follows it. Frames gather in both directions: one write carries all that a loop turn or a commit produced.

Client to ledger: GROUP (a Group) and QUERY (a Query). Ledger to client: OUTCOMES (ticket 0; one per client and commit)
and ANSWER (a Query's answer, or Unavailable).
"""

from __future__ import annotations

import struct
from typing import Any

import msgspec

from ledger.model import Outcome, Unavailable
from ledger.queries import ANSWERS, Query

FRAME_SIZE_MAX = 64 * 1024 * 1024

GROUP, QUERY, OUTCOMES, ANSWER = b"G", b"Q", b"O", b"A"
Frame = tuple[bytes, int, bytes]  # what it is, its ticket, its body

_HEAD = struct.Struct(">IcQ")
_AFTER_LENGTH = _HEAD.size - 4


class ProtocolError(Exception):
    """The other side does not speak this protocol: the connection is closed."""


class Outcomes(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Of one commit: the tickets it committed, and those that ended otherwise."""

    sequence: int
    committed: list[int]
    others: list[tuple[int, Outcome]]


class _Answered(msgspec.Struct, frozen=True, array_like=True):
    answer: msgspec.Raw
    unavailable: Unavailable | None = None


def frame(kind: bytes, ticket: int, body: bytes) -> bytes:
    return _HEAD.pack(_AFTER_LENGTH + len(body), kind, ticket) + body


def cut(buffer: bytearray) -> list[Frame]:
    """Take the whole frames off the buffer's front."""
    frames: list[Frame] = []
    data = bytes(buffer)
    start, end = 0, len(data)
    while end - start >= _HEAD.size:
        length, kind, ticket = _HEAD.unpack_from(data, start)
        if not _AFTER_LENGTH <= length <= FRAME_SIZE_MAX:
            raise ProtocolError(f"a frame of {length} bytes")
        after = start + 4 + length
        if after > end:
            break
        frames.append((kind, ticket, data[start + _HEAD.size : after]))
        start = after
    del buffer[:start]
    return frames


def answer_body(answer: Any) -> bytes:
    if type(answer) is Unavailable:
        return _encode(_Answered(msgspec.Raw(b"\xc0"), answer))
    return _encode(_Answered(msgspec.Raw(_encode(answer))))


def answer_of(query: Query, body: bytes) -> Any:
    answered = _decode_answered(body)
    return answered.unavailable or _DECODERS[type(query)].decode(answered.answer)


_encode = msgspec.msgpack.Encoder().encode
_decode_answered = msgspec.msgpack.Decoder(_Answered).decode
_DECODERS: dict[type, msgspec.msgpack.Decoder[Any]] = {
    query: msgspec.msgpack.Decoder(answer) for query, answer in ANSWERS.items()
}

encode = _encode
decode_outcomes = msgspec.msgpack.Decoder(Outcomes).decode
decode_query = msgspec.msgpack.Decoder(Query).decode
