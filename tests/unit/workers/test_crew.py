"""An order that holds at every worker is told once all of them follow it, whatever became of the one that had it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from config.settings import demo_path, load
from switch.flow.orders import Action, AnyOrder, BarHolder, Barring, Order, SetCeiling, Verdict
from switch.observe.counters import Counters
from switch.observe.events import open_log
from switch.observe.severity import Reporter
from switch.running import Telling
from switch.workers.doorkeeper import Doorkeeper
from switch.workers.keeper import ENDED
from switch.workers.supervisor import Crew

LINA = "subscriber:963900000001"
Tell = Callable[[Verdict], None]


class Keeper:
    """Of a worker that answers when the test says so."""

    def __init__(self) -> None:
        self.taken: list[tuple[AnyOrder, Tell]] = []
        self.followed: list[tuple[str, Tell]] = []

    def take(self, order: AnyOrder, tell: Tell) -> None:
        self.taken.append((order, tell))

    def follow(self, holder: str, tell: Tell) -> None:
        self.followed.append((holder, tell))


@pytest.fixture
def keepers() -> list[Keeper]:
    return [Keeper() for _ in range(3)]


@pytest.fixture
def crew(keepers: list[Keeper]) -> Crew:
    telling = Telling(log := open_log("info", io.StringIO(), lambda: 0.0), Counters(), Reporter(log))
    settings = load(demo_path(), {"switch.workers": 3, "security.wrong_pins_max": 9, **no_keks()})
    crew = Crew(settings, None, Doorkeeper(settings, telling.counters, telling.report), telling)
    crew._keepers = keepers  # type: ignore[assignment]
    return crew


def no_keks() -> dict[str, None]:
    from config.settings import without_key_changes

    return without_key_changes(load(demo_path()))


@pytest.mark.parametrize(
    "order", [BarHolder(LINA, Barring.BLOCK, "lina", "stolen"), SetCeiling(LINA, "withdrawal", "lina", "asked for")]
)
@pytest.mark.parametrize("verdict", [Verdict(True, "blocked now"), ENDED])
def test_an_order_about_a_customer_is_told_when_the_last_worker_follows(
    crew: Crew, keepers: list[Keeper], order: AnyOrder, verdict: Verdict
) -> None:
    told: list[Verdict] = []
    crew.take(order, told.append)
    ((given, tell),) = keepers[0].taken
    assert given == order
    tell(verdict)
    for keeper in keepers[1:]:
        assert not told
        ((holder, follows),) = keeper.followed
        assert holder == LINA
        follows(Verdict(True, "followed"))
    assert told == [verdict]


def test_an_order_about_a_payment_is_its_workers_alone(crew: Crew, keepers: list[Keeper]) -> None:
    told: list[Verdict] = []
    crew.take(Order("0" * 30 + "10", Action.RETRY, "lina", "a test"), told.append)
    ((_, tell),) = keepers[1].taken
    tell(Verdict(True, "done"))
    assert told == [Verdict(True, "done")]
    assert not any(keeper.followed for keeper in keepers)
