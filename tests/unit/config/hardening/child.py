"""A Python process that a test starts to see what it leaves behind, and what the system says of it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

HARDENED = "from config.hardening.process import harden\nharden()\n"
NOBODY = 65534
WITHIN_S = 30.0


def run(code: str, directory: Path, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """To its end, in `directory`, where it may leave a core file as large as the system allows."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **(environment or {})},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
        preexec_fn=_allow_cores,
    )


def _allow_cores() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


def cores_are_files() -> bool:
    """Whether a crash leaves a file in the process's directory: some systems hand it to a program, or forbid it."""
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    return not pattern.startswith(("|", "/")) and resource.getrlimit(resource.RLIMIT_CORE)[1] != 0
