"""Key serial numbers: which device and which of its transactions a DUKPT key is for, and that they only grow.

Rule: pure values. A counter that the standard never lets a device use is refused where it is read, so that all
that derives keys can rely on it. Serial numbers are no secret.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from string import hexdigits

from switch.security.port import SecurityError

TDES_DIGITS, TDES_COUNTER_BITS, TDES_ONES_MAX = 20, 21, 10  # X9.24-1:2009 Annex A
AES_DIGITS, AES_COUNTER_BITS, AES_ONES_MAX = 24, 32, 16  # X9.24-3:2017 §6.1
AES_DEVICE_DIGITS = AES_DIGITS - AES_COUNTER_BITS // 4

_HEX = frozenset(hexdigits)


@dataclass(frozen=True, slots=True)
class Ksn:
    """A key serial number. `device` is what its initial key hangs on, in upper-case hex: for TDES ten bytes whose
    last 21 bits are zero, for AES the eight bytes of the initial key id."""

    device: str
    counter: int

    @classmethod
    def parse(cls, text: str) -> "Ksn":
        """From 20 hex digits (TDES) or 24 (AES). Raises SecurityError."""
        if len(text) not in (TDES_DIGITS, AES_DIGITS) or not _HEX.issuperset(text):
            raise SecurityError("a key serial number has 20 or 24 hexadecimal digits")
        aes, number = len(text) == AES_DIGITS, int(text, 16)
        counter = number & ((1 << (AES_COUNTER_BITS if aes else TDES_COUNTER_BITS)) - 1)
        if counter.bit_count() > (AES_ONES_MAX if aes else TDES_ONES_MAX):
            raise SecurityError("a key serial number whose counter no device uses")
        device = f"{number - counter:0{len(text)}X}"
        return cls(device[:AES_DEVICE_DIGITS] if aes else device, counter)


class KsnMarks:
    """The highest counter taken from each device. Bounded: beyond it new devices are refused, since to forget a
    device would let its old messages in again.

    Ask only about a message that its key has proved right: else anybody could use up a device's numbers.
    """

    __slots__ = ("_device_max", "_marks")

    def __init__(self, device_max: int, marks: Iterable[tuple[str, int]] = ()) -> None:
        self._device_max = device_max
        self._marks = dict(marks)

    def accept(self, ksn: Ksn) -> bool:
        """Whether this is new from its device; if so, no number up to it ever is again."""
        last = self._marks.get(ksn.device)
        if ksn.counter <= (last or 0) or (last is None and len(self._marks) >= self._device_max):
            return False
        self._marks[ksn.device] = ksn.counter
        return True

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """What a caller keeps to go on from: (device, counter)."""
        return iter(self._marks.items())
