"""Where a figure was taken: a processor, an interpreter, a kernel, a commit.

Rule: what can't be found out is None; no figure waits for it.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CODE = ("switch", "ledger", "config", "simulators")
CPUINFO = Path("/proc/cpuinfo")


def machine() -> dict[str, Any]:
    return {
        "processor": processor(CPUINFO.read_text() if CPUINFO.exists() else ""),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        **built_with(*(str(sysconfig.get_config_var(name) or "") for name in ("CONFIG_ARGS", "PY_CFLAGS_NODIST"))),
        "kernel": f"{platform.system()} {platform.release()}",
    }


def processor(cpuinfo: str) -> str | None:
    """The first model that /proc/cpuinfo names."""
    found = re.search(r"^model name\s*: (.+)$", cpuinfo, re.MULTILINE)
    return found.group(1).strip() if found else None


def built_with(configured: str, flags: str) -> dict[str, bool]:
    """Whether the interpreter was optimised by profile and at link time: without the first it is a third slower."""
    return {
        "pgo": "--enable-optimizations" in configured or "-fprofile-use" in flags,
        "lto": "--with-lto" in configured or "-flto" in flags,
    }


def commit() -> str | None:
    """Of the checkout that this runs from, with a + where its code differs from it."""
    head = _git("rev-parse", "--short=10", "HEAD")
    return head and head + ("+" if _git("status", "--porcelain", "--", *CODE) else "")


def _git(*words: str) -> str | None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return None
    told = subprocess.run([git, "-C", ROOT, *words], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    return told.stdout.strip() or None
