"""An order to change keys: carried out where that can be, and always counted and told with who and why."""

from __future__ import annotations

import pytest

from switch.flow.orders import ChangeKeys, Verdict
from switch.net.key_orders import KeyOrders
from switch.observe.counters import Counters


class Endpoint:
    def __init__(self, begins: bool) -> None:
        self.begins = begins
        self.asked = 0

    def change_keys(self) -> bool:
        self.asked += 1
        return self.begins


class Desk:
    def __init__(self) -> None:
        self.up, self.down = Endpoint(True), Endpoint(False)
        self.counters = Counters()
        self.reports: list[dict[str, object]] = []
        endpoints = {"listeners.mobile": self.up, "peers.core": self.down}
        self.orders = KeyOrders(endpoints, self.counters, self.report)

    def report(self, event: str, **fields: object) -> None:
        self.reports.append({"event": event, **fields})

    def give(self, endpoint: str, why: str = "as planned") -> Verdict:
        found: list[Verdict] = []
        self.orders.take(ChangeKeys(endpoint, "lina", why), found.append)
        (verdict,) = found
        return verdict


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_exchange_that_was_begun_is_said_counted_and_told(desk: Desk) -> None:
    assert desk.give("listeners.mobile") == Verdict(True, "new keys are on their way")
    assert desk.up.asked == 1
    assert desk.counters.get("operator_orders", "change-keys", "done") == 1
    assert desk.reports == [
        {
            "event": "operator",
            "action": "change-keys",
            "endpoint": "listeners.mobile",
            "outcome": "done",
            "reason": "new keys are on their way",
            "who": "lina",
            "why": "as planned",
        }
    ]


@pytest.mark.parametrize(
    ("endpoint", "why", "words"),
    [
        ("peers.core", "as planned", "nobody is signed on there now, or its keys do not change on the line"),
        ("peers.mobile", "as planned", "there is no such endpoint"),
        (
            "listeners.mobile",
            "4000001234567899",
            "why holds what may be a card number, a PIN block or a key: leave it out",
        ),
        ("listeners.mobile", " ", "why is empty"),
    ],
)
def test_what_is_not_done_changes_nothing_and_is_told_as_well(desk: Desk, endpoint: str, why: str, words: str) -> None:
    assert desk.give(endpoint, why) == Verdict(False, words)
    assert desk.up.asked == 0
    assert desk.counters.get("operator_orders", "change-keys", "refused") == 1
    assert desk.reports[0]["outcome"] == "refused"
