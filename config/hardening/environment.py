"""A secret that a process is given by its environment: taken once, then it is gone.

Rule: afterwards no child of ours inherits it, and /proc/PID/environ, which shows the very block that the process was
started with, has dashes in its place. Whoever could read that before, and whoever set the variable, had it: a file is
the better way to hand over a secret.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import MutableMapping


def taken(name: str, environment: MutableMapping[str, str]) -> str | None:
    """The variable's value; None if it is not there, or was taken before."""
    if environment is os.environ:
        _blank(os.fsencode(name))
    return environment.pop(name, None)


def _blank(name: bytes) -> None:
    """Python keeps a copy of its own; the block itself is still where the kernel put it (getenv(3))."""
    getenv = ctypes.CDLL(None).getenv
    getenv.argtypes, getenv.restype = [ctypes.c_char_p], ctypes.c_void_p
    place = getenv(name)
    if place is not None:
        ctypes.memset(place, ord("-"), len(ctypes.string_at(place)))
