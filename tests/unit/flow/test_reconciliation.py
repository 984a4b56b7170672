"""What comes of a comparison: the word, the code, and what is kept."""

from __future__ import annotations

import msgspec
import pytest

from ledger.model import DAY_CLOSED, DAY_OPEN, BusinessDay
from switch.flow.reconciliation import (
    CODES,
    WORDS,
    Reconciliation,
    Result,
    from_body,
    heard_from_peer,
    is_over,
    judge,
    to_body,
)
from switch.wire.figures import Figures, figure_fields
from switch.wire.message import Message
from switch.wire.names import RECONCILIATION_RESULTS

OURS = Figures(debits=3, debits_minor=300).netted()
MORE = Figures(debits=4, debit_reversals=1, debits_minor=400, debit_reversals_minor=100).netted()
OTHER = Figures(debits=3, debits_minor=299).netted()
DAYS = [
    BusinessDay("20261124", DAY_OPEN, 3.0),
    BusinessDay("20261123", DAY_OPEN, 2.0),
    BusinessDay("20261121", DAY_CLOSED, 1.0, 2.5),
]


@pytest.mark.parametrize(
    ("day", "over"),
    [
        ("20261121", True),
        ("20261123", False),  # what was begun there may still end there
        ("20261124", False),
        ("20261125", False),  # may come
        ("20261122", None),  # will never come: days are opened in their order
        ("20261120", None),
    ],
)
def test_only_a_closed_day_is_over(day: str, *, over: bool | None) -> None:
    assert is_over(day, DAYS) is over


def test_every_result_that_a_channel_hears_has_a_code_and_words() -> None:
    assert set(CODES) == set(Result) - {Result.NONE}
    assert set(WORDS) == set(Result)
    assert {result.value for result in CODES} == set(RECONCILIATION_RESULTS)


def test_an_acquirer_is_in_balance_only_figure_by_figure() -> None:
    assert judge(OURS, OURS) == (Result.BALANCED, ())
    assert judge(OURS, MORE)[0] is Result.OUT_OF_BALANCE
    assert judge(Figures(), Figures()) == (Result.BALANCED, ())


@pytest.mark.parametrize(
    ("fields", "result"),
    [
        ({"39": "00", "66": "1"}, Result.BALANCED),
        ({"39": "00", "66": "1", **figure_fields(OURS)}, Result.BALANCED),
        ({"39": "95", "66": "2"}, Result.OUT_OF_BALANCE),
        ({"39": "95"}, Result.OUT_OF_BALANCE),
        ({"39": "00", "66": "2"}, Result.OUT_OF_BALANCE),
        ({"39": "95", "66": "2", **figure_fields(OTHER)}, Result.OUT_OF_BALANCE),
        ({"39": "00", "66": "1", **figure_fields(OTHER)}, Result.OUT_OF_BALANCE),
        ({"39": "95", "66": "2", **figure_fields(MORE)}, Result.BALANCED),  # the same stands
        ({"39": "95", "66": "2", **figure_fields(OURS)}, Result.OUT_OF_BALANCE),  # our own, sent back
        ({"39": "09", "66": "3"}, Result.TOO_EARLY),
        ({"39": "00", "66": "3"}, Result.TOO_EARLY),
        ({"39": "09"}, Result.TOO_EARLY),
        ({"39": "00"}, Result.NONE),
        ({"39": "12", **figure_fields(OURS)}, Result.NONE),
        ({"39": "12", "66": "1"}, Result.NONE),
        ({"39": "91"}, Result.NONE),
        ({}, Result.NONE),
    ],
)
def test_a_peer_is_in_balance_only_by_its_own_figures_or_its_word(fields: dict[str, str], result: Result) -> None:
    assert heard_from_peer(OURS, Message({"t": "0510", **fields}))[0] is result


def test_what_is_kept_can_be_read_again_and_is_found_by_day_pair_and_currency() -> None:
    kept = Reconciliation(
        "20261121", "000123", "100", "760", Result.OUT_OF_BALANCE, "95", OURS, OTHER, ("88", "97"), at=1.5
    )
    assert from_body(to_body(kept)) == kept
    assert kept.key == "20261121|000123|100|760"
    assert kept.peer == ""
    assert msgspec.structs.replace(kept, institution="peers.core").peer == "core"


def test_the_same_later_is_the_same() -> None:
    kept = Reconciliation("20261121", "000123", "100", "760", Result.BALANCED, at=1.0)
    assert kept.says_the_same(msgspec.structs.replace(kept, at=2.0))
    assert not kept.says_the_same(msgspec.structs.replace(kept, theirs=OURS))
