"""How to start the ledger process: for the switch, the demo and the tests, so that there is one way."""

from __future__ import annotations

import os
import sys


def serve_command(
    database: str | os.PathLike[str],
    socket: str | os.PathLike[str],
    *,
    day: str | None = None,
    owned: bool = False,
    linger_ms: float = 0,
) -> list[str]:
    """Arguments for `subprocess` or `trio.run_process`. It prints one line, "ready", once it can be reached.
    `owned`: it ends when its standard input does."""
    command = [sys.executable, "-m", "ledger.commands", "serve"]
    command += ["--database", os.fspath(database), "--socket", os.fspath(socket)]
    if day is not None:
        command += ["--day", day]
    if owned:
        command.append("--owned")
    if linger_ms:
        command += ["--linger-ms", f"{linger_ms:g}"]
    return command
