"""What every process of ours does before anything else.

Rule: `harden` comes first and nothing takes it back. A process that crashes leaves no image of its memory, nobody but
root looks into it while it runs, what it writes is its owner's alone, and what it says of an exception is never the
exception's own words. All our processes do so, so that none has to be remembered as one that sees secrets.

What is left is the machine's: root, and memory that is swapped out (docs/operations.md).
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys

from config.hardening.faults import tell_only_places

PR_SET_DUMPABLE = 4  # prctl(2)
OTHERS = 0o077


def harden() -> None:
    """Once, where the process begins. OSError if the kernel refuses."""
    _leave_no_core()
    os.umask(OTHERS)
    tell_only_places()


def _leave_no_core() -> None:
    """The limit alone is not enough: a kernel that pipes core dumps to a program does not ask for it (core(5)). What is
    not dumpable also keeps its memory and its environment from other processes of the same user (ptrace(2), proc(5)).
    Every exec makes a process dumpable again, so each must do this for itself."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "the kernel does not forbid core dumps (PR_SET_DUMPABLE)")
