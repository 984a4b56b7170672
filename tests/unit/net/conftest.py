from collections.abc import AsyncIterator

import pytest
import trio
from trio.testing import MockClock

from tests.unit.net.kit import Kit


@pytest.fixture
def clock(autojump_clock: MockClock) -> MockClock:
    """A clock that jumps over every wait. pytest-trio wants to see it among the test's own arguments."""
    return autojump_clock


@pytest.fixture
async def kit() -> AsyncIterator[Kit]:
    """A run over memory pipes."""
    async with trio.open_nursery() as nursery:
        yield await Kit(nursery).start()
        nursery.cancel_scope.cancel()
