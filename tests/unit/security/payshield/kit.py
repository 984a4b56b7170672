"""What the tests of the payShield client share: test keys, tokens, modules that are played by hand, and who hears."""

from collections.abc import Callable
from typing import Generic, TypeVar

from config.choices import KeyAlgorithm, KeyUse
from config.security_sections import KeySettings
from simulators.lmk import token_under_test_lmk
from simulators.payshield.module import SimulatedPayShield
from switch.security.crypto.kcv import tdes_kcv
from switch.security.port import KeyToken

T = TypeVar("T")

PAN = "4111111111111111"
ONE_KEY, OTHER_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"), bytes.fromhex("23" * 8 + "45" * 8)
LONG_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA98765432101F1F1F1F0E0E0E0E")
KEK_KEY = bytes.fromhex("CB" * 8 + "AB" * 8)

RETAIL, TDES, AES, CMAC = KeyAlgorithm.RETAIL, KeyAlgorithm.TDES, KeyAlgorithm.AES, KeyAlgorithm.AES_CMAC


def settings(use: KeyUse, algorithm: KeyAlgorithm = TDES, **more: int) -> KeySettings:
    return KeySettings(name=f"a-{use}", use=use, algorithm=algorithm, **more)


def token(use: KeyUse, clear: bytes = ONE_KEY, algorithm: KeyAlgorithm = TDES, **more: int) -> KeyToken:
    """A test key as a module with the test LMK holds it."""
    wanted = settings(use, algorithm, **more)
    return KeyToken(wanted, token_under_test_lmk(wanted, clear), tdes_kcv(clear))


def mac_token(clear: bytes = ONE_KEY, **more: int) -> KeyToken:
    return token(KeyUse.MAC, clear, RETAIL, **more)


class Heard(list[T], Generic[T]):
    """What `done` was told, in order."""

    def __call__(self, value: T) -> None:
        self.append(value)


class Scripted:
    """A module that gives one answer, whatever it is asked, and keeps what that was."""

    def __init__(self, answer: bytes | None = None) -> None:
        self.answer = answer
        self.asked: list[bytes] = []

    def __call__(self, command: bytes, done: Callable[[bytes | None], None]) -> None:
        self.asked.append(command)
        done(self.answer)


class AtOnce:
    """A simulated module without a network."""

    def __init__(self, draw: Callable[[int], bytes]) -> None:
        self.module = SimulatedPayShield(draw)

    def __call__(self, command: bytes, done: Callable[[bytes | None], None]) -> None:
        done(self.module.answer(command))
