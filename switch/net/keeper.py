"""Keeps the ledger process running beside the switch: starts it, starts it again when it ends, stops it last.

Rule: the ledger ends with the switch. Its standard input is a pipe that nobody writes to; when the switch is gone, even
by SIGKILL, the pipe closes and the ledger finishes its batch and ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
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


class LedgerError(Exception):
    """The ledger could not be started; the text says why, on one line."""


class LedgerKeeper:
    """`pid` is the process that runs now, or None."""

    def __init__(self, command: Sequence[str], report: Report) -> None:
        self._command = list(command)
        self._report = report
        self.pid: int | None = None

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Until cancelled. The first start must work (LedgerError); later ones are tried until they do."""
        await self._run_once(task_status)
        while True:
            await trio.sleep(RESTART_AFTER_S)
            try:
                await self._run_once(trio.TASK_STATUS_IGNORED)
            except LedgerError as error:
                self._report("ledger_not_started", reason=str(error))

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

    async def _run_once(self, task_status: trio.TaskStatus[None]) -> None:
        # A session of its own: Ctrl-C is for the switch, which still has answers to write down.
        process = await trio.lowlevel.open_process(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.pid = process.pid
        try:
            await self._until_ready(process)
            task_status.started()
            code = await self._until_ended(process)
            self._report("ledger_ended", code=str(code))
        finally:
            with trio.CancelScope(shield=True):
                await self._end(process)
            self.pid = None

    async def _until_ready(self, process: trio.Process) -> None:
        assert process.stdout is not None
        with trio.move_on_after(START_WITHIN_S):
            if b"ready" in await process.stdout.receive_some(1024):
                return
        raise LedgerError(await self._last_words(process))

    async def _until_ended(self, process: trio.Process) -> int:
        """Read what it says meanwhile, so that it never waits for us."""
        assert process.stderr is not None
        async for _ in process.stderr:
            self._report("ledger_complains")
        return await process.wait()

    async def _last_words(self, process: trio.Process) -> str:
        assert process.stderr is not None
        words = b""
        with trio.move_on_after(1.0):
            async for chunk in process.stderr:
                words += chunk
        lines = words.decode(errors="replace").strip().splitlines()
        bugs = [line for line in lines if line.startswith("BUG ")]  # its places follow
        return (bugs or lines or [UNSAID])[-1].removeprefix("Error: ")

    async def _end(self, process: trio.Process) -> None:
        if process.poll() is None:
            process.terminate()
            with trio.move_on_after(STOP_WITHIN_S):
                await process.wait()
        if process.poll() is None:
            process.kill()
            await process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                await stream.aclose()
