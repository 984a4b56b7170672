"""Accepting goes on whatever an accept meets, and does not spin."""

import errno

import pytest
import trio
from trio.testing import MockClock

from simulators.memory_network import memory_pipe
from switch.net.network import Wire, keep_accepting


class Troubled:
    """A port whose accepts end like this, one after the other; then it is closed."""

    number = 1

    def __init__(self, *outcomes: Wire | OSError) -> None:
        self._outcomes = list(outcomes)

    async def accept(self) -> Wire:
        await trio.lowlevel.checkpoint()
        if not self._outcomes:
            raise trio.ClosedResourceError
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    def close(self) -> None:
        self._outcomes = []


@pytest.mark.parametrize(
    ("code", "waited_s"),
    [(errno.EMFILE, 2.5), (errno.ENFILE, 2.5), (errno.ENOBUFS, 2.5), (errno.EPERM, 2.5), (errno.ECONNABORTED, 0)],
)
async def test_an_accept_that_keeps_failing_is_waited_out(
    autojump_clock: MockClock, code: int, waited_s: float
) -> None:
    taken: list[Wire] = []
    trouble: list[OSError] = []
    near, _ = memory_pipe()
    await keep_accepting(Troubled(*[OSError(code, "accept failed")] * 10, near), taken.append, trouble.append)
    assert (len(taken), len(trouble)) == (1, 10)
    assert trio.current_time() == pytest.approx(waited_s)
