"""The fields of a command as a simulated payShield reads them, from left to right.

Rule: whatever the bytes are, a field is there in its form, or the command is refused with a code and nothing else.
"""

from string import digits, hexdigits

HEX, DIGITS = frozenset(hexdigits), frozenset(digits)
KEY_DIGITS = {"U": 32, "X": 32, "T": 48, "Y": 48}
BLOCK_HEADER_LENGTH = 16


class Refused(Exception):  # noqa: N818 - the module's word for it is an error code
    """The command gets this error code and nothing more."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Fields:
    """What follows a command's code. What is missing or of another form is 15, unless the field has its own code."""

    __slots__ = ("_at", "_body")

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    def octets(self, size: int) -> bytes:
        """The next bytes as they are."""
        field = self._body[self._at : self._at + size]
        if len(field) < size:
            raise Refused("15")
        self._at += size
        return field

    def take(self, size: int, alphabet: frozenset[str] | None = None) -> str:
        """The next characters, all of the alphabet if there is one."""
        field = self.octets(size)
        text = field.decode("ascii") if field.isascii() else ""
        if len(text) < size or not (alphabet is None or alphabet.issuperset(text)):
            raise Refused("15")
        return text

    def hexadecimal(self, size: int) -> str:
        return self.take(size, HEX).upper()

    def number(self, size: int) -> str:
        return self.take(size, DIGITS)

    def one_of(self, allowed: tuple[str, ...], code: str = "15") -> str:
        """One of these texts of one length, else the code."""
        text = self.take(len(allowed[0]))
        if text not in allowed:
            raise Refused(code)
        return text

    def begins(self, mark: str) -> bool:
        """Whether the next field begins with this; it is taken if so."""
        there = self._body.startswith(mark.encode("ascii"), self._at)
        self._at += len(mark) if there else 0
        return there

    def key(self) -> tuple[str, bytes]:
        """A key's scheme and its bytes. A key block belongs to another kind of LMK (A1)."""
        scheme = self.take(1)
        if scheme == "S":
            raise Refused("A1")
        if scheme not in KEY_DIGITS:
            raise Refused("15")
        return scheme, bytes.fromhex(self.hexadecimal(KEY_DIGITS[scheme]))

    def key_block(self) -> str:
        """A TR-31 block, as long as it says itself."""
        version, length = self.take(1), self.number(4)
        if int(length) < BLOCK_HEADER_LENGTH:
            raise Refused("83")
        return version + length + self.take(int(length) - len(version + length))

    def end(self) -> None:
        """Nothing may follow."""
        if self._at != len(self._body):
            raise Refused("15")
