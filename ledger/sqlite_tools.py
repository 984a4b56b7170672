"""sqlite-utils, without the NumPy and pandas that it takes up where they are installed for something else.

It imports them to know the types of their numbers, of which none gets here. With the chart's or the fleet's libraries
beside it, every switch and every ledger would start a tenth of a second later, and keep NumPy in memory for nothing.

Rule: what is ours has sqlite-utils from here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _absent(*names: str) -> Iterator[None]:
    """As if these were not installed; what was imported already stays."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: an import fails
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _absent("numpy", "pandas"):
    from sqlite_utils import Database, Migrations

__all__ = ["Database", "Migrations"]
