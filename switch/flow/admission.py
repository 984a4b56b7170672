"""For whom the connections of a listener may speak: field 32 and field 41, else 58.

Rule: what is absent is not judged here; that a field is missing is the service's to say (30). Under TLS both must
allow: the listener, and the certificate by the names in it. A certificate that names no institution speaks for nobody,
and one with a name of ours that can't be read is not taken for one with fewer names.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

ANY_TERMINAL = ("*",)
REMEMBERED_MAX = 64

_OURS = re.compile("urn:barada:", re.IGNORECASE)
_INSTITUTION = re.compile("(?i:urn:barada):institution:([0-9]{1,11})")
_TERMINAL = re.compile(r"(?i:urn:barada):terminal:((?:[A-Za-z0-9]|%20){1,8}|(?:[A-Za-z0-9]|%20){0,7}\*)")


class Admission:
    """The acquirers by name; the terminals by name, or by how they begin ("ATM*")."""

    __slots__ = ("_acquirers", "_allowed", "_prefixes", "_terminals")

    def __init__(self, acquirers: Iterable[str], terminals: Iterable[str]) -> None:
        patterns = tuple(terminals)
        self._acquirers = frozenset(acquirers)
        self._terminals = frozenset(pattern.rstrip(" ") for pattern in patterns if not pattern.endswith("*"))
        self._prefixes = tuple(pattern[:-1] for pattern in patterns if pattern.endswith("*"))
        self._allowed: set[tuple[str | None, str | None]] = set()  # asked with every message, of a few again and again

    def allows(self, acquirer: str | None, terminal: str | None) -> bool:
        whom = acquirer, terminal
        if whom in self._allowed:
            return True
        allowed = self.judge(acquirer, terminal)
        if allowed and len(self._allowed) < REMEMBERED_MAX:
            self._allowed.add(whom)
        return allowed

    def judge(self, acquirer: str | None, terminal: str | None) -> bool:
        """The same, thought through anew."""
        return (acquirer is None or acquirer in self._acquirers) and (
            terminal is None or terminal in self._terminals or terminal.startswith(self._prefixes)
        )

    def within(self, other: "Admission") -> "Admission":
        """What both allow."""
        return Admission(self._acquirers & other._acquirers, {*self._common(other), *other._common(self)})

    def _common(self, other: "Admission") -> Iterator[str]:
        """Those of our terminals and prefixes that the other's prefixes hold, or that it names too."""
        yield from (name for name in self._terminals if name in other._terminals or name.startswith(other._prefixes))
        yield from (f"{prefix}*" for prefix in self._prefixes if prefix.startswith(other._prefixes))


@dataclass(frozen=True, slots=True)
class Mandate:
    """For whom a certificate may speak. It names terminals, prefixes of them ("ATM*"), or any."""

    institutions: tuple[str, ...]
    terminals: tuple[str, ...] = ANY_TERMINAL

    @property
    def admission(self) -> Admission:
        return Admission(self.institutions, self.terminals)

    def uris(self) -> tuple[str, ...]:
        """As subject alternative names (RFC 5280 §4.2.1.6); `find_mandate` reads them."""
        terminals = () if self.terminals == ANY_TERMINAL else self.terminals
        return (
            *(f"urn:barada:institution:{institution}" for institution in self.institutions),
            *(f"urn:barada:terminal:{terminal.rstrip(' ').replace(' ', '%20')}" for terminal in terminals),
        )


def find_mandate(uris: Iterable[str]) -> Mandate | None:
    """What a certificate's URIs allow it; None: nothing."""
    ours = [uri for uri in uris if _OURS.match(uri)]
    institutions = [found[1] for uri in ours if (found := _INSTITUTION.fullmatch(uri))]
    terminals = [found[1].replace("%20", " ") for uri in ours if (found := _TERMINAL.fullmatch(uri))]
    if not institutions or len(institutions) + len(terminals) < len(ours):
        return None
    return Mandate(tuple(institutions), tuple(terminals) or ANY_TERMINAL)
