"""What processes and the machine have used, as the kernel tells (proc(5)).

Rule: only numbers that any user may read of a hardened process, for ours are (`config.hardening`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Held:
    """What some processes hold now. `descriptors` is None where the kernel does not tell (before Linux 6.2, of a
    hardened process, to others than root)."""

    resident_bytes: int
    descriptors: int | None


def held_by(pids: Iterable[int]) -> Held:
    """All of them together."""
    found = list(pids)
    counts = [_descriptors(pid) for pid in found]
    known = [count for count in counts if count is not None]
    return Held(sum(_resident_bytes(pid) for pid in found), sum(known) if len(known) == len(counts) else None)


def machine_ticks() -> tuple[int, int]:
    """Of all processors since the machine began: idle, and altogether. A difference of two tells how idle it was."""
    fields = [int(text) for text in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return fields[3] + fields[4], sum(fields)


def _resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES


def _descriptors(pid: int) -> int | None:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except PermissionError:
        return os.stat(f"/proc/{pid}/fd").st_size or None  # Linux 6.2: the size of the directory is the count
