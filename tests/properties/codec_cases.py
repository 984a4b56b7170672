"""Documents and damage for the comparison of the compiled codec with pyiso8583.

A shape (which fields) and a seed come from Hypothesis; everything else is drawn from `random.Random(seed)`, because a
hundred thousand cases are wanted and a choice of Hypothesis costs more than a whole case. The seed replays them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

Spec = dict[str, dict[str, Any]]
Document = dict[Any, Any]

_NOISE = random.Random(8583)
_POOL = 4096


def _pool(alphabet: str) -> str:
    return "".join(_NOISE.choices(alphabet, k=_POOL))


_POOLS = {
    "digits": _pool("0123456789"),
    "hex": _pool("0123456789ABCDEF"),
    "hex in both cases": _pool("0123456789ABCDEFabcdef"),
    "ascii": _pool("".join(map(chr, range(128)))),
    "printable": _pool("".join(map(chr, range(32, 127)))),
    "bytes": _pool("".join(map(chr, range(256)))),
    "text": _pool("abc 123 ABC دمشق المصرف €é🙂"),
}

STRANGE_VALUES: tuple[object, ...] = (
    *(None, 0, 7, 1.5, True, b"", b"12", b"123456", bytearray(b"12"), [], ["1", "2"], (), {}, object),
    *("", " ", "ع", "٣", "é", "\ud800", "1" * 1000, "12 34 ", "0x12", "G", "=", "\x00"),
)
STRANGE_KEYS: tuple[object, ...] = (
    *("0", "1", "65", "129", "192", "193", "1000", "02", "٣", "²", "x", "h", "p", "", "-2", "2 "),
    *(2, 2.0, None, b"2", ("2",), True),
)


def outcome(work: Callable[[Any], object], argument: Any) -> object:
    """The result, or the exception's type and words."""
    try:
        return work(argument)
    except Exception as error:
        return type(error), str(error)


def document(rng: random.Random, spec: Spec, keys: tuple[str, ...]) -> Document:
    """A document with these fields that the specification allows, from one corner of it to the other."""
    made: Document = {key: value(rng, spec[key]) for key in keys}
    made["t"] = text(rng, "digits", 4)
    return made


def value(rng: random.Random, entry: dict[str, Any]) -> str:
    """A value that the field allows: any length it may have, any character."""
    size = entry["max_len"] if not entry["len_type"] else _length(rng, entry["max_len"])
    if entry["data_enc"] == "b":
        counted = 1 if entry.get("len_count") == "nibbles" else 2
        return text(rng, rng.choice(("hex", "digits", "hex in both cases")), counted * size)
    if entry["data_enc"] == "utf-8":
        cut = text(rng, "text", size).encode()[:size].decode("utf-8", "ignore")
        return cut + "x" * (size - len(cut.encode()))
    plain = "ascii" if entry["data_enc"] == "ascii" else "bytes"
    return text(rng, rng.choice((plain, "printable", "digits")), size)


def text(rng: random.Random, pool: str, size: int) -> str:
    at = rng.randrange(_POOL - size)
    return _POOLS[pool][at : at + size]


def damaged_documents(rng: random.Random, sound: Document) -> Iterator[Document]:
    """Documents with wrong lengths, types, characters and keys."""
    keys = list(sound)
    key = rng.choice(keys)
    yield {**sound, key: sound[key][:-1]}
    yield {**sound, key: sound[key] + rng.choice("1Fع ")}
    yield {**sound, rng.choice(keys): rng.choice(STRANGE_VALUES)}
    yield {**sound, rng.choice(STRANGE_KEYS): rng.choice(("", "1", "123456", None))}
    at = rng.randrange(len(sound[key]) + 1)
    yield {
        **sound,
        key: sound[key][:at] + chr(rng.choice((0, 47, 58, 71, 103, 128, 255, 256, 1632))) + sound[key][at + 1 :],
    }
    yield {other: sound[other] for other in keys if other != key}


def damaged_frames(rng: random.Random, sound: bytes) -> Iterator[bytes]:
    """Encodings cut short, grown, with bytes changed, moved and taken out, and bytes that never were an encoding."""
    at = rng.randrange(len(sound))
    yield sound[:at]
    yield sound + rng.randbytes(1 + rng.randrange(3))
    yield sound[:at] + rng.randbytes(1) + sound[at + 1 :]
    yield sound[:at] + rng.choice(b"0123456789+- _\x00\x10\x99\xff").to_bytes(1, "big") + sound[at + 1 :]
    yield sound[:at] + sound[at + 1 + rng.randrange(3) :]
    head = rng.randrange(min(len(sound), 40))
    yield sound[:head] + bytes((sound[head] ^ 1 << rng.randrange(8),)) + sound[head + 1 :]
    yield sound[:head] + rng.randbytes(rng.randrange(80))


def _length(rng: random.Random, size_max: int) -> int:
    """Mostly short, sometimes any, sometimes at the very end."""
    kind = rng.randrange(8)
    if kind == 0:
        return size_max
    return rng.randrange(size_max + 1) if kind == 1 else rng.randrange(min(size_max, 24) + 1)
