"""The operators' page names what there is: commands, states, orders, keys and counters."""

from __future__ import annotations

import re

import click
import pytest

from config.sections import (
    BillerSettings,
    CurrencySettings,
    DaysSettings,
    FleetSettings,
    LimitSettings,
    ListenerSettings,
    ObserveSettings,
    PeerSettings,
    SwitchSettings,
)
from config.security_sections import SecuritySettings
from switch.app import RETRIES_SHARE
from switch.cli import main
from switch.commands.reconciliations import NOTHING
from switch.engine.day_changes import COUNT_EVERY_S
from switch.engine.patrol import EVERY_S, OVERDUE_S
from switch.engine.peer_totals import PAUSES, YOUNG_S
from switch.engine.restrictions import READ_AGAIN_S
from switch.flow.ceiling_orders import NOT_COUNTED_YET
from switch.flow.ceilings import KEPT_MAX
from switch.flow.orders import WHY_MAX, Action, DayAction
from switch.flow.payment import Payment, State
from switch.flow.reconciliation import WORDS
from switch.flow.subscribers import HISTORY_MAX
from switch.net.keeper import HANG_S
from switch.net.listener import UNWELCOME
from switch.net.tls import Refusal
from switch.observe.metrics import LABELS, PREFIX
from switch.observe.severity import WARNINGS
from switch.workers.doorkeeper import NOBODY_SERVES
from switch.workers.keeper import AWAY, ENDED
from tests.unit.commands.conftest import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"barada ([a-z]+) +([a-z|-]+)?", PAGE)))


@pytest.mark.parametrize(("name", "subs"), COMMANDS)
def test_every_command_of_the_page_is_one(name: str, subs: str) -> None:
    context = click.Context(main)
    command = main.get_command(context, name)
    assert command is not None
    for sub in filter(None, subs.split("|") if not subs.startswith("--") else []):
        assert isinstance(command, click.Group)
        assert command.get_command(context, sub) is not None


def test_every_state_and_every_order_is_explained() -> None:
    for state in set(State) - {State.NONE}:
        assert re.search(rf"^\| [A-Z, ]*\b{state.value}\b", PAGE, re.MULTILINE), state
    for action in Action:
        assert re.search(rf"`(?:advices )?{action.value}`", PAGE), action


def test_every_key_and_counter_of_the_page_is_one() -> None:
    sections = (
        *(SwitchSettings, SecuritySettings, ListenerSettings, PeerSettings, BillerSettings, LimitSettings),
        *(ObserveSettings, FleetSettings, DaysSettings, CurrencySettings),
    )
    keys = {key for section in sections for key in section.__struct_fields__} | set(Payment.__struct_fields__)
    words = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", PAGE))
    counters = {word for word in words if word.startswith(PREFIX)}
    assert {word.removeprefix(PREFIX).removesuffix("_total") for word in counters} <= set(LABELS)
    assert words - counters - WARNINGS <= keys


def test_the_figures_of_the_page_are_the_codes() -> None:
    assert RETRIES_SHARE == 4
    assert "No more than a quarter of a peer's `requests_open_max`" in PAGE
    assert f"up to {WHY_MAX} characters" in PAGE
    assert f"about {OVERDUE_S + EVERY_S:.0f} seconds ({OVERDUE_S:.0f}, and it looks every {EVERY_S:.0f})" in PAGE
    assert f"says nothing for {HANG_S:.0f} seconds" in PAGE


def test_every_way_to_order_a_day_is_explained() -> None:
    for action in DayAction:
        assert f"`day {action.value}`" in PAGE or f"barada day {action.value} " in PAGE
    assert "(first after\nfive seconds)" in PAGE
    assert COUNT_EVERY_S == 5


def test_every_outcome_of_a_reconciliation_is_explained() -> None:
    for words in (*WORDS.values(), NOTHING):
        assert f"\n| {words} |" in PAGE, words
    assert f"again after {PAUSES.first_s:.0f} s, then after twice that, up to every hour" in PAGE
    assert (PAUSES.most_s, YOUNG_S) == (3600, 7 * 86_400)


def test_what_is_said_of_customers_is_so() -> None:
    said = PAGE.replace("\n", " ")
    assert f"every {READ_AGAIN_S:.0f} seconds" in said
    assert f'"{NOT_COUNTED_YET}"' in said
    assert f"the newest {HISTORY_MAX}" in said
    assert f"up to {KEPT_MAX} for one customer and service" in said


def test_what_an_order_hears_whose_worker_is_away_stands_there() -> None:
    said = PAGE.replace("\n  ", " ")
    for verdict in (AWAY, ENDED):
        assert f'"{verdict.words}"' in said


def test_every_refusal_that_is_told_of_is_explained() -> None:
    said = PAGE.replace("\n", " ")
    others = "too many connections", "too many wrong MACs", "speaks for another", NOBODY_SERVES
    for reason in (*UNWELCOME, *Refusal, *others):
        assert reason in said, reason
    for event in ("connection refused", "request refused", "pin guessing"):
        assert f"`{event}`" in said
