"""For whom the connections of a listener may speak: field 32 and field 41, else 58.

Rule: what is absent is not judged here; that a field is missing is the service's to say (30).
"""

from collections.abc import Iterable


class Admission:
    """The acquirers by name; the terminals by name, or by how they begin ("ATM*")."""

    __slots__ = ("_acquirers", "_prefixes", "_terminals")

    def __init__(self, acquirers: Iterable[str], terminals: Iterable[str]) -> None:
        patterns = tuple(terminals)
        self._acquirers = frozenset(acquirers)
        self._terminals = frozenset(pattern.rstrip(" ") for pattern in patterns if not pattern.endswith("*"))
        self._prefixes = tuple(pattern[:-1] for pattern in patterns if pattern.endswith("*"))

    def allows(self, acquirer: str | None, terminal: str | None) -> bool:
        return (acquirer is None or acquirer in self._acquirers) and (
            terminal is None or terminal in self._terminals or terminal.startswith(self._prefixes)
        )
