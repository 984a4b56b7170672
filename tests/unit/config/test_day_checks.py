"""What the configuration may say about business days, and in which words it is refused."""

from __future__ import annotations

from datetime import date

import pytest

from config.errors import ConfigError
from config.settings import demo_path, load

OWNER = {"days.owner": "peers.core", "days.cutover_at": None}
IN_CLEAR = {"peers.core.tls": None, "peers.core.tls_name": None, "peers.core.pins": None}


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"days.owner": "core"}, "days.owner: 'core': allowed: switch, peers.NAME or listeners.NAME"),
        ({"days.owner": "peers.cor"}, "days.owner: 'peers.cor': allowed: switch, "),
        ({**OWNER, **IN_CLEAR}, "days.owner: 'peers.core': allowed: an endpoint with mac_network = true or with tls"),
        ({**OWNER, "days.cutover_at": "23:30"}, "days.cutover_at: '23:30': allowed: with owner = \"switch\" only"),
        ({"days.cutover_at": "24:00"}, "days.cutover_at: '24:00': allowed: HH:MM"),
        ({"days.closed_weekdays": ["freitag"]}, "days.closed_weekdays[0]: 'freitag': allowed: monday, "),
        ({"days.holidays": ["2026-02-30"]}, "days.holidays[0]: '2026-02-30': allowed: a date in quotation marks"),
        (
            {"days.holidays": [date(2026, 12, 1)]},
            "days.holidays[0]: datetime.date(2026, 12, 1): allowed: a date in quotation",
        ),
        ({"days.close_within_s": 0}, "days.close_within_s: 0: allowed: a number"),
        ({"days.ahead_max_days": 365}, "days.ahead_max_days: 365: allowed: a whole number from 1 to 31"),
    ],
)
def test_a_mistake_about_days_is_one_line(overrides: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(demo_path(), overrides)
    assert f"{demo_path()}: {said}" in str(refused.value)


def test_a_week_without_a_business_day_is_refused() -> None:
    week = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    with pytest.raises(ConfigError, match=r"days.closed_weekdays: all seven"):
        load(demo_path(), {"days.closed_weekdays": week})


@pytest.mark.parametrize("more", [{}, {**IN_CLEAR, "peers.core.mac_network": True}], ids=["tls", "mac"])
def test_an_owner_that_can_be_believed_is_taken(more: dict[str, object]) -> None:
    assert load(demo_path(), {**OWNER, **more}).days.owner == "peers.core"


def test_the_demos_weekend_is_friday_and_saturday() -> None:
    assert load(demo_path()).days.closed_weekdays == ("friday", "saturday")
