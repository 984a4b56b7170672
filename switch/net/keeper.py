"""Keeps a process running beside the switch: starts it, starts it again when it ends, stops it last.

Rule: what is kept ends with whoever keeps it. Its standard input is a pipe of the keeper's; when that is gone, even by
SIGKILL, the pipe closes and the process ends by itself.
"""

from __future__ import annotations

import os
import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol

import trio

from switch.flow.telling import Report

RESTART_AFTER_S = 0.2
START_WITHIN_S = 10.0
STOP_WITHIN_S = 10.0
HANG_S = 20.0  # longer than any commit or report of a ledger that is well
UNSAID = "the ledger did not say that it is ready"


class Waiting(Protocol):
    """The books, as far as their keeper looks at them."""

    @property
    def oldest(self) -> int | None: ...


class StartError(Exception):
    """A process could not be started; the text says why, on one line."""


class LedgerError(StartError):
    """The ledger could not be started."""


class ProcessKeeper(ABC):
    """`pid` is the process that runs now, or None. Subclasses say how it is started, what is heard of it, and in which
    words it is told of."""

    stop_within_s = STOP_WITHIN_S

    def __init__(self, report: Report) -> None:
        self._report = report
        self.pid: int | None = None

    @abstractmethod
    async def _open(self) -> trio.Process:
        """Start it, in a session of its own: Ctrl-C is for the keeper, which stops everything in good order. OSError:
        the machine gives no process, or no descriptor."""

    @abstractmethod
    async def _attend(self, process: trio.Process, ready: Callable[[], None]) -> int:
        """Until it has ended; its exit status. `ready` is called once it can be used; StartError if it can't. What it
        says is read, so that it never waits for us."""

    @abstractmethod
    def _tell_ended(self, code: str) -> None: ...

    @abstractmethod
    def _tell_not_started(self, reason: str) -> None: ...

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Until cancelled. The first start must work (StartError); later ones are tried until they do."""
        await self._run_once(task_status)
        while True:
            await trio.sleep(RESTART_AFTER_S)
            try:
                await self._run_once(trio.TASK_STATUS_IGNORED)
            except StartError as error:
                self._tell_not_started(str(error))

    async def _run_once(self, task_status: trio.TaskStatus[None]) -> None:
        try:
            process = await self._open()
        except OSError as error:  # no process or no descriptor to be had, which may be so for a moment only
            raise StartError(str(error)) from None
        self.pid = process.pid
        try:
            code = await self._attend(process, task_status.started)
            self._tell_ended(str(code))
        finally:
            with trio.CancelScope(shield=True):
                await self._end(process)
            self.pid = None

    async def _end(self, process: trio.Process) -> None:
        if process.poll() is None:
            process.terminate()
            with trio.move_on_after(self.stop_within_s):
                await process.wait()
        if process.poll() is None:
            process.kill()
            await process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                await stream.aclose()


class LedgerKeeper(ProcessKeeper):
    def __init__(self, command: Sequence[str], report: Report) -> None:
        super().__init__(report)
        self._command = list(command)

    async def watch(self, books: Waiting, hang_s: float = HANG_S) -> None:
        """Until cancelled: end a ledger that holds its answers back, so that another one takes its place. What it was
        committing is durable or never happens; the books send it again."""
        oldest, since = books.oldest, trio.current_time()
        while True:
            await trio.sleep(hang_s / 10)
            if books.oldest is None or books.oldest != oldest:
                oldest, since = books.oldest, trio.current_time()
            elif trio.current_time() - since > hang_s and self.pid is not None:
                self._report("ledger hangs", pid=self.pid)
                os.kill(self.pid, signal.SIGKILL)
                since = trio.current_time()

    def _tell_ended(self, code: str) -> None:
        self._report("ledger_ended", code=code)

    def _tell_not_started(self, reason: str) -> None:
        self._report("ledger_not_started", reason=reason)

    async def _open(self) -> trio.Process:
        pipe = subprocess.PIPE
        return await trio.lowlevel.open_process(
            self._command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )

    async def _attend(self, process: trio.Process, ready: Callable[[], None]) -> int:
        assert process.stderr is not None
        await self._until_ready(process)
        ready()
        async for _ in process.stderr:
            self._report("ledger_complains")
        return await process.wait()

    async def _until_ready(self, process: trio.Process) -> None:
        assert process.stdout is not None
        with trio.move_on_after(START_WITHIN_S):
            if b"ready" in await process.stdout.receive_some(1024):
                return
        raise LedgerError(await self._last_words(process))

    async def _last_words(self, process: trio.Process) -> str:
        assert process.stderr is not None
        words = b""
        with trio.move_on_after(1.0):
            async for chunk in process.stderr:
                words += chunk
        lines = words.decode(errors="replace").strip().splitlines()
        bugs = [line for line in lines if line.startswith("BUG ")]  # its places follow
        return (bugs or lines or [UNSAID])[-1].removeprefix("Error: ")
