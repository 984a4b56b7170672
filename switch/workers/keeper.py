"""Keeps one worker's process running: gives it what it needs, and hears what it says.

Rule: a worker that says nothing for HANG_S is ended: another takes its place and its payments up, as if it had died.
One that tells of its counts is waited for, however long it takes to start: there may be very much to take up.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, aclosing
from functools import partial
from itertools import count
from typing import Protocol

import trio

from switch.flow.orders import AnyOrder, Verdict
from switch.flow.telling import Report
from switch.flow.verdicts import Tell
from switch.net.handing import carriers
from switch.net.keeper import HANG_S, ProcessKeeper, StartError
from switch.workers.doorkeeper import Room
from switch.workers.words import (
    Counts,
    Failed,
    Follow,
    Left,
    Serving,
    Start,
    Take,
    Told,
    talk_of_supervisor,
)

COMMAND = (sys.executable, "-m", "switch.workers.worker")
STOP_WITHIN_S = 20.0  # longer than it takes to answer what is open and to sign off
AWAY = Verdict(False, "the worker that has it is not running now: nothing was done, try again")
ENDED = Verdict(False, "its worker ended meanwhile: look at the payment again")
FOLLOWS_LATER = Verdict(True, "it reads it when it starts")


class WorkerError(StartError):
    """A worker could not be started."""


class Audience(Protocol):
    """Who is told of the workers."""

    def serves(self, room: Room) -> None: ...
    def counted(self, worker: int, counts: Counts) -> None: ...
    def ended(self, worker: int) -> None:
        """Whether it served or not."""


class WorkerKeeper(ProcessKeeper):
    """Of the worker that `start` is for."""

    stop_within_s = STOP_WITHIN_S

    def __init__(
        self,
        start: Start,
        heard: Audience,
        report: Report,
        *,
        command: Sequence[str] = COMMAND,
        hang_s: float = HANG_S,
    ) -> None:
        super().__init__(partial(report, worker=start.worker))
        self._start = start
        self._heard = heard
        self._command = command
        self._hang_s = hang_s
        self._life: _Life | None = None

    def take(self, order: AnyOrder, tell: Tell) -> None:
        """An operator's order, for this worker; `tell` hears once."""
        if self._life is None or self._life.room is None:
            tell(AWAY)
        else:
            self._life.take(order, tell)

    def follow(self, holder: str, tell: Tell) -> None:
        """Another worker may have carried out an order about this customer. One that does not serve yet is not waited
        for: it reads all of it at its start, and this anew once it has."""
        if self._life is not None:
            self._life.follow(holder, tell)
        if self._life is None or self._life.room is None:
            tell(FOLLOWS_LATER)

    def _tell_ended(self, code: str) -> None:
        self._report("worker_ended", code=code)

    def _tell_not_started(self, reason: str) -> None:
        self._report("worker_not_started", reason=reason)

    async def _open(self) -> trio.Process:
        with ExitStack() as ours, ExitStack() as theirs:
            words, told = socket.socketpair()
            ours.enter_context(words)
            theirs.enter_context(told)
            carrier, handed = carriers()
            ours.enter_context(carrier)
            theirs.enter_context(handed)
            process = await trio.lowlevel.open_process(
                [*self._command, str(handed.fileno())],
                stdin=told.fileno(),
                stdout=subprocess.DEVNULL,
                pass_fds=(handed.fileno(),),
                start_new_session=True,
            )
            ours.pop_all()
        self._life = _Life(words, carrier)
        return process

    async def _attend(self, process: trio.Process, ready: Callable[[], None]) -> int:
        assert self._life is not None
        life = self._life
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(life.talk.write)
                nursery.start_soon(self._watch, life, process)
                life.talk.say(self._start)
                await self._hear(life, ready)
                nursery.cancel_scope.cancel()
            if life.room is None:
                raise WorkerError(life.why or f"worker {self._start.worker} ended before it served: see its log")
            return await process.wait()
        finally:
            self._heard.ended(self._start.worker)
            life.end()

    async def _watch(self, life: _Life, process: trio.Process) -> None:
        """End one that says nothing for too long. It is counted in steps: if we stood still ourselves, nobody hangs."""
        step_s, heard, silent_s = self._hang_s / 10, 0, 0.0
        while silent_s < self._hang_s:
            await trio.sleep(step_s)
            silent_s = silent_s + step_s if life.heard == heard else 0.0
            heard = life.heard
        self._report("worker hangs", pid=process.pid)
        process.kill()

    async def _hear(self, life: _Life, ready: Callable[[], None]) -> None:
        """Until it says nothing more."""
        worker = self._start.worker
        async with aclosing(life.talk.read()) as heard:
            async for words in heard:
                life.heard += 1
                match words:
                    case Serving():
                        life.room = Room(worker, life.carrier)
                        self._heard.serves(life.room)
                        ready()
                    case Failed(why):
                        life.why = why
                    case Told(ticket, verdict):
                        life.tell(ticket, verdict)
                    case Left(ticket) if life.room is not None:
                        life.room.leave(ticket)
                    case Counts():
                        self._heard.counted(worker, words)

    async def _end(self, process: trio.Process) -> None:
        """Only then does it lose its supervisor: until then it answers what is open."""
        life, self._life = self._life, None
        await super()._end(process)
        if life is not None:
            life.hang_up()


class _Life:
    """What there is of one process. `room` from when it serves on; `why` it can't; `heard` counts what it said."""

    def __init__(self, words: socket.socket, carrier: socket.socket) -> None:
        self.carrier = carrier
        self.talk = talk_of_supervisor(trio.SocketStream(trio.socket.from_stdlib_socket(words)))
        self.room: Room | None = None
        self.why = ""
        self.heard = 0
        self._orders: dict[int, Tell] = {}
        self._tickets = count()

    def take(self, order: AnyOrder, tell: Tell) -> None:
        ticket = next(self._tickets)
        self._orders[ticket] = tell
        self.talk.say(Take(ticket, order))

    def follow(self, holder: str, tell: Tell) -> None:
        ticket = next(self._tickets)
        if self.room is not None:
            self._orders[ticket] = tell
        self.talk.say(Follow(ticket, holder))

    def tell(self, ticket: int, verdict: Verdict) -> None:
        """The first counts: what failed may have failed after its verdict."""
        tell = self._orders.pop(ticket, None)
        if tell is not None:
            tell(verdict)

    def end(self) -> None:
        """Nobody waits for a verdict that does not come any more."""
        for ticket in tuple(self._orders):
            self.tell(ticket, ENDED)

    def hang_up(self) -> None:
        self.talk.close()
        self.carrier.close()
