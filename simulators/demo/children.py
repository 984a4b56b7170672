"""Processes that a demo or a measurement starts: their lines, their CPU, their end.

Rule: only what was started here is ever signalled, by its own handle. A child has a process group of its own, so that
Ctrl-C on the terminal is ours to pass on in order; should we be killed, the kernel tells it to end (Linux).
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
import trio

PR_SET_PDEATHSIG = 1
TICK_US = 1_000_000 // os.sysconf("SC_CLK_TCK")
LINE_MAX = 1_048_576


class ChildError(click.ClickException):
    """A child did not do what it was started for. The text says which one, and the end of its log."""


@dataclass(frozen=True)
class Child:
    """One process. `log` has its standard error."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def send(self, line: str) -> None:
        """A line for its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def hang_up(self) -> None:
        """Nothing more comes on its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    async def lines(self) -> AsyncGenerator[str, None]:
        """The lines of its standard output, until it closes that."""
        assert self.process.stdout is not None
        pending = b""
        async with trio.lowlevel.FdStream(os.dup(self.process.stdout.fileno())) as stream:
            async for data in stream:
                *whole, pending = (pending + data).split(b"\n")
                for line in whole:
                    yield line.decode()
                if len(pending) > LINE_MAX:
                    raise ChildError(f"{self.name}: a line without an end")

    async def wait(self) -> int:
        """Wait for its end; its exit status. What it printed may still be read."""
        if not self.ended:
            with closing(os.fdopen(os.pidfd_open(self.pid))) as end:
                await trio.lowlevel.wait_readable(end.fileno())
        return self.process.wait()

    async def stop(self, within_s: float = 10.0) -> int:
        """Ask it to end (SIGTERM), and make it end when it does not; its exit status. It is not heard any more."""
        if not self.ended:
            self.process.send_signal(signal.SIGTERM)
        with trio.CancelScope(shield=True), trio.move_on_after(within_s):
            await self.wait()
        if not self.ended:
            self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        return self.process.wait()


def start(name: str, arguments: Sequence[str], directory: Path, *, talks: bool = False) -> Child:
    """Start Python with `arguments` in `directory`. With `talks` its standard input and output are ours."""
    log = directory / f"{name}.log"
    stream = subprocess.PIPE if talks else subprocess.DEVNULL
    with log.open("ab") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
            [sys.executable, *arguments],
            cwd=directory,
            stdin=stream,
            stdout=stream if talks else errors,
            stderr=errors,
            start_new_session=True,
            preexec_fn=partial(_end_with_parent, ctypes.CDLL(None)) if sys.platform == "linux" else None,
        )
    return Child(name, log, process)


def _end_with_parent(libc: ctypes.CDLL) -> None:
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def cpu_us(pid: int) -> int:
    """Microseconds of CPU, user and system, that the process has used (proc(5): stat, utime and stime)."""
    stat = _stat(pid)
    return (int(stat[11]) + int(stat[12])) * TICK_US if stat else 0


def family(pid: int) -> list[int]:
    """A process, its children, theirs, and so on."""
    parents = {int(one.name): _stat(int(one.name)) for one in Path("/proc").iterdir() if one.name.isdecimal()}
    found = [pid]
    for parent in found:
        found += [child for child, stat in parents.items() if stat and int(stat[1]) == parent]
    return found


def _stat(pid: int) -> list[str]:
    """/proc/PID/stat from the state on: what is before it may hold anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
