"""Every form in which a secret could be written down: what a search for it has to look for.

Rule: a form is the bytes that are there whatever stands before and behind it. Of an encoding that runs over the edges
of what it encodes, such as base64, that is what depends on the secret alone, once for each way that it can lie.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass

EBCDIC = "cp500"  # the demo has a listener and a biller that speak it
BASE64_URL = bytes.maketrans(b"+/", b"-_")
FORM_MIN = 5  # bytes; what is shorter is found anywhere by chance


@dataclass(frozen=True)
class Secret:
    """A text (a number in its digits), or bytes."""

    name: str
    value: str | bytes

    def __repr__(self) -> str:
        return f"<{self.name}>"


@dataclass(frozen=True)
class Form:
    """`folded`: in lower case, to be looked for without regard to case."""

    name: str
    data: bytes
    folded: bool = False


def forms_of(secret: Secret) -> list[Form]:
    """All of them, each at least FORM_MIN long."""
    found = _of_text(secret.value) if isinstance(secret.value, str) else _of_bytes(secret.value)
    return [form for form in found if len(form.data) >= FORM_MIN]


def _of_text(text: str) -> Iterator[Form]:
    yield from (Form(charset, text.encode(charset)) for charset in ("ascii", "utf-16-le", "utf-16-be", EBCDIC))
    yield Form("hex of its letters", text.encode().hex().encode(), folded=True)
    yield Form("hex of its EBCDIC letters", text.encode(EBCDIC).hex().encode(), folded=True)
    yield from _base64("its letters", text.encode())
    if text.replace("=", "").isdigit():
        yield from _packed(text.replace("=", "D"))  # as a track's separator is packed, ISO/IEC 7813
    if text.isdigit():
        yield from _as_number(int(text))
        yield from _in_groups(text)


def _of_bytes(data: bytes) -> Iterator[Form]:
    yield Form("as it is", data)
    yield from _base64("its bytes", data)
    digits = data.hex()
    yield Form("hex", digits.encode(), folded=True)
    for letters, case in ((digits, "lower"), (digits.upper(), "upper")):
        yield from (
            Form(f"hex in {charset}", letters.encode(charset)) for charset in ("utf-16-le", "utf-16-be", EBCDIC)
        )
        yield from _base64(f"its hex in {case} case", letters.encode())
    yield Form("hex of its hex", digits.encode().hex().encode(), folded=True)
    yield Form("hex of its hex in capitals", digits.upper().encode().hex().encode(), folded=True)


def _base64(of: str, data: bytes) -> Iterator[Form]:
    """The characters that no neighbour has a bit in (RFC 4648 §4, §5), for each place in a group of three."""
    for before in range(3):
        first, after = -(-8 * before // 6), 8 * (before + len(data)) // 6
        inside = b64encode(bytes(before) + data)[first:after]
        yield Form(f"base64 of {of}, {before} before", inside)
        yield Form(f"base64url of {of}, {before} before", inside.translate(BASE64_URL))


def _packed(digits: str) -> Iterator[Form]:
    """Two digits a byte, the first one high or low; half a byte at an edge belongs to a neighbour too."""
    for skipped, name in ((0, "packed"), (1, "packed behind an odd digit")):
        whole = digits[skipped : skipped + (len(digits) - skipped) // 2 * 2]
        yield Form(name, bytes.fromhex(whole))
        yield from _base64(name, bytes.fromhex(whole))


def _as_number(number: int) -> Iterator[Form]:
    """As an integer column or a msgpack integer would have it."""
    size = (number.bit_length() + 7) // 8
    yield Form("a number, high byte first", number.to_bytes(size, "big"))
    yield Form("a number, low byte first", number.to_bytes(size, "little"))


def _in_groups(digits: str) -> Iterator[Form]:
    fours = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    yield from (Form(f"in fours with {mark!r}", mark.join(fours).encode()) for mark in (" ", "-", "."))
    yield from (Form(f"in threes with {mark!r}", f"{int(digits):{mark}}".encode()) for mark in (",", "_"))
