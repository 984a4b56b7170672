"""Ctrl-C and SIGTERM, for a run that is first at work and may then stay up.

Rule: a signal never ends the process itself; whoever runs gets to stop what it started.
"""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio


class Interruption:
    """Ctrl-C or SIGTERM: it ends a demo that only stays up, and cancels one that is at work."""

    def __init__(self) -> None:
        self._came = trio.Event()
        self._at_work = trio.CancelScope()

    @asynccontextmanager
    async def heeded(self) -> AsyncIterator[None]:
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._listen, signals)
                with self._at_work:
                    yield
                nursery.cancel_scope.cancel()

    async def wait(self) -> None:
        """Nothing is at work from here on."""
        self._at_work.shield = True
        await self._came.wait()

    async def _listen(self, signals: AsyncIterator[int]) -> None:
        async for _ in signals:
            self._came.set()
            if not self._at_work.shield:
                self._at_work.cancel()
