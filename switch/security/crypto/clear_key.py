"""A key in clear, between the block that protects it and the cipher that works with it.

Rule: it shows itself to nobody who does not ask for `raw`.
"""

from dataclasses import dataclass
from hmac import compare_digest
from typing import NoReturn


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ClearKey:
    """The bytes of a key. Compared in constant time, and not hashable, so that it names nothing."""

    raw: bytes

    def __len__(self) -> int:
        return len(self.raw)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClearKey) and compare_digest(self.raw, other.raw)

    __hash__ = None  # type: ignore[assignment]  # typeshed says that everything has a hash

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not written down")

    def __repr__(self) -> str:
        return "ClearKey(…)"
