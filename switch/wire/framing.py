"""Where one message ends and the next begins on a stream of bytes.

Rule: a length is judged as soon as it can be read, before the body that it promises is waited for; a frame is cut
only when it is whole. A framing is named `LENGTH[-inclusive][-tpdu | -header:LITERAL]`:

- LENGTH   `length2` two bytes, big-endian; `ascii4` four ASCII digits; `bcd2` two bytes of packed digits.
- inclusive  the length counts its own bytes too.
- tpdu     five bytes after the length: an identifier, the destination and the source (NAC); an answer swaps the two.
- header   a literal text after the length, the same on every message ("ISO026000070").

A length of zero is a keep-alive.
"""

from __future__ import annotations

from collections.abc import Callable

LENGTHS = ("length2", "ascii4", "bcd2")
FRAME_SIZE_MAX = 4096

Frame = tuple[bytes, bytes]

_KEEP_ALIVE: Frame = (b"", b"")
_TPDU_SIZE = 5
_TPDU_DEFAULT = bytes.fromhex("6000000000")


class FramingError(ValueError):
    """The stream cannot be read any further: close it. `frames` came whole before the fault."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.frames: list[Frame] = []


class BadLength(FramingError):  # noqa: N818 - its name is the fault
    """What stands where a length should be is not one, or the header after it is not ours."""


class FrameTooLong(FramingError):  # noqa: N818 - its name is the fault
    """A message longer than the endpoint takes is announced."""


class Framing:
    """One way of cutting a stream. It keeps no state: the buffer is the connection's."""

    __slots__ = (
        "_before_body",
        "_header",
        "_inclusive",
        "_prefix",
        "_read",
        "_tpdu",
        "_width",
        "_write",
        "frame_size_max",
        "name",
    )

    def __init__(
        self,
        name: str,
        *,
        length: str,
        inclusive: bool = False,
        tpdu: bool = False,
        header: bytes = b"",
        frame_size_max: int = FRAME_SIZE_MAX,
    ) -> None:
        self.name = name
        self.frame_size_max = frame_size_max
        self._width, self._read, self._write = _LENGTHS[length]
        self._inclusive = self._width if inclusive else 0
        self._tpdu = tpdu
        self._header = header
        self._prefix = _TPDU_DEFAULT if tpdu else header
        self._before_body = len(self._prefix)

    def __repr__(self) -> str:
        return f"<Framing {self.name}>"

    @property
    def keep_alive(self) -> bytes:
        """The frame of length zero."""
        return self._write(self._inclusive)

    def cut(self, buffer: bytearray) -> list[Frame]:
        """Takes every whole frame out of the buffer, as (prefix, body); a keep-alive is (b"", b"").

        Raises BadLength or FrameTooLong as soon as a length shows it; the whole frames before it are in the
        exception's `frames`, and the buffer starts at the fault.
        """
        frames: list[Frame] = []
        start, width, have, bare = 0, self._width, len(buffer), self._before_body == 0
        try:
            while have - start >= width:
                size = self._size(buffer, start)
                end = start + width + size
                if end > have:
                    break
                if size:
                    content = bytes(buffer[start + width : end])
                    frames.append((b"", content) if bare else self._split(content))
                else:
                    frames.append(_KEEP_ALIVE)
                start = end
        except FramingError as error:
            error.frames = frames
            raise
        finally:
            del buffer[:start]
        return frames

    def wrap(self, body: bytes, prefix: bytes = b"") -> bytes:
        """The frame of a message. Without a prefix it gets the header, or a TPDU of zeros."""
        content = (prefix or self._prefix) + body
        return self._write(len(content) + self._inclusive) + content

    def reply_prefix(self, prefix: bytes) -> bytes:
        """The prefix of the answer to a message that came with this one."""
        if self._tpdu and len(prefix) == _TPDU_SIZE:
            return prefix[:1] + prefix[3:5] + prefix[1:3]
        return prefix

    def _size(self, buffer: bytearray, start: int) -> int:
        """How many bytes follow the length at `start`."""
        length = self._read(buffer, start)
        size = length - self._inclusive if length else 0
        before_body = self._before_body
        if size < 0 or 0 < size < before_body:
            raise BadLength("a frame shorter than its own parts is announced")
        if size - before_body > self.frame_size_max:
            raise FrameTooLong(
                f"a message of {size - before_body} bytes is announced, {self.frame_size_max} are allowed"
            )
        return size

    def _split(self, content: bytes) -> Frame:
        if self._tpdu:
            return content[:_TPDU_SIZE], content[_TPDU_SIZE:]
        if not content.startswith(self._header):
            raise BadLength("the header after the length is not ours")
        return self._header, content[len(self._header) :]


def framing_named(name: str, frame_size_max: int = FRAME_SIZE_MAX) -> Framing:
    """The framing of that name; ValueError says what is allowed."""
    rest, literal, header = name.partition("-header:")
    length, *options = rest.split("-")
    known = options in ([], ["inclusive"], ["tpdu"], ["inclusive", "tpdu"])
    bad_header = bool(literal) and (not header or not header.isascii() or "tpdu" in options)
    if length not in _LENGTHS or not known or bad_header:
        raise ValueError(f"framing {name!r}: {' | '.join(LENGTHS)}, then -inclusive, then -tpdu or -header:TEXT")
    return Framing(
        name,
        length=length,
        inclusive="inclusive" in options,
        tpdu="tpdu" in options,
        header=header.encode("ascii"),
        frame_size_max=frame_size_max,
    )


def _read_binary(buffer: bytearray, start: int) -> int:
    return buffer[start] << 8 | buffer[start + 1]


def _write_binary(length: int) -> bytes:
    if length > 0xFFFF:
        raise ValueError("more than two bytes can say")
    return length.to_bytes(2, "big")


def _read_digits(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BadLength("a length that is not digits")
    return int(text)


def _read_ascii(buffer: bytearray, start: int) -> int:
    return _read_digits(buffer[start : start + 4].decode("latin-1"))


def _write_digits(length: int) -> str:
    if length > 9999:
        raise ValueError("more than four digits can say")
    return f"{length:04d}"


def _write_ascii(length: int) -> bytes:
    return _write_digits(length).encode("ascii")


def _read_bcd(buffer: bytearray, start: int) -> int:
    return _read_digits(buffer[start : start + 2].hex())


def _write_bcd(length: int) -> bytes:
    return bytes.fromhex(_write_digits(length))


_LENGTHS: dict[str, tuple[int, Callable[[bytearray, int], int], Callable[[int], bytes]]] = {
    "length2": (2, _read_binary, _write_binary),
    "ascii4": (4, _read_ascii, _write_ascii),
    "bcd2": (2, _read_bcd, _write_bcd),
}
