"""What a payShield answers: response code, error code, then fields of fixed places.

Rule: pure. Whatever the bytes are, there is one outcome and nothing is raised: the value that was asked for, or an
error that says what is known. A field that is missing or of another form makes the whole answer unreadable.
"""

from collections.abc import Callable
from string import digits, hexdigits
from typing import Protocol, TypeVar

from switch.security.payshield.refusals import FINE, refusal
from switch.security.port import ModuleAwayError, SecurityError

T = TypeVar("T")

HEX, DIGITS, CODE = frozenset(hexdigits), frozenset(digits), frozenset(digits + "ABCDEF")
# A key is told by the letter of its scheme: so many hexadecimal digits follow.
SCHEME_DIGITS = {"U": 32, "T": 48}
THALES_BLOCK, TR31_BLOCK = "S", "R"
BLOCK_HEADER_LENGTH = 16


class Ask(Protocol):
    """How a module is asked. `done` is told the answer, or None when there is none to be had; once, now or later."""

    def __call__(self, command: bytes, done: Callable[[bytes | None], None]) -> None: ...


class Answer:
    """The fields of an answer, taken from left to right; ValueError where one is not there. `code`: its error code."""

    __slots__ = ("_at", "_text", "code")

    def __init__(self, command: str, body: bytes) -> None:
        self._text, self._at = body.decode("ascii"), 0
        if self.take(2) != response_code(command):
            raise ValueError("the answer to another command")
        self.code = self.take(2, CODE)

    def take(self, size: int, alphabet: frozenset[str] | None = None) -> str:
        """The next characters, all of the alphabet if there is one."""
        field = self._text[self._at : self._at + size]
        if len(field) < size or not (alphabet is None or alphabet.issuperset(field)):
            raise ValueError("a field is missing, or of another form")
        self._at += size
        return field

    def hexadecimal(self, size: int) -> str:
        return self.take(size, HEX).upper()

    def number(self, size: int) -> int:
        return int(self.take(size, DIGITS))

    def key(self) -> str:
        """A key under the LMK, with the letter of its scheme."""
        scheme = self.take(1)
        if scheme == THALES_BLOCK:
            return scheme + self._block()
        if scheme not in SCHEME_DIGITS:
            raise ValueError("a key of no scheme that is known here")
        return scheme + self.hexadecimal(SCHEME_DIGITS[scheme])

    def tr31_block(self) -> str:
        """A key on its way to somebody else, without the letter of its scheme."""
        self.take(1, frozenset(TR31_BLOCK))
        return self._block()

    def _block(self) -> str:
        """A block, which says its own length, with all of its header, in the four digits after its version."""
        version, length = self.take(1), self.take(4, DIGITS)
        if int(length) < BLOCK_HEADER_LENGTH:
            raise ValueError("a key block without its header")
        return version + length + self.take(int(length) - len(version + length))


def response_code(command: str) -> str:
    """An answer's code: the command's, its second character one further."""
    return command[0] + chr(ord(command[1]) + 1)


def outcome(
    command: str, body: bytes | None, read: Callable[[Answer], T], fine: tuple[str, ...] = (FINE,)
) -> T | SecurityError:
    """The value in an answer to this command, or why there is none. `fine`: error codes that carry a value too."""
    if body is None:
        return ModuleAwayError("the security module does not answer")
    try:
        answer = Answer(command, body)
        return read(answer) if answer.code in fine else refusal(command, answer.code)
    except ValueError:
        return SecurityError(f"the security module's answer to {command} can't be read")


def ask_for(
    ask: Ask,
    command: bytes,
    read: Callable[[Answer], T],
    done: Callable[[T | SecurityError], None],
    fine: tuple[str, ...] = (FINE,),
) -> None:
    """Ask, and tell the outcome."""
    code = command[:2].decode("ascii")
    ask(command, lambda body: done(outcome(code, body, read, fine)))
