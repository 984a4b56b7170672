"""The figures of a reconciliation on the wire, in every dialect, with the sign of the net."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.wire.dialect import dialect_named
from switch.wire.figures import COUNTS, ELEMENTS, NET, SUMS, Figures, figure_fields, find_figures, parse_figures
from switch.wire.specs import DIALECTS

counts = st.integers(0, 10**10 - 1)
sums = st.integers(0, 10**16 - 1)
nets = st.integers(1 - 10**16, 10**16 - 1)
any_figures = st.builds(Figures, *[counts] * len(COUNTS), *[sums] * len(SUMS), nets)


@given(any_figures)
def test_what_is_written_is_read(figures: Figures) -> None:
    fields = figure_fields(figures)
    assert tuple(fields) == ELEMENTS
    assert parse_figures(fields) == figures


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_carries_all_of_a_reconciliation(name: str) -> None:
    dialect = dialect_named(name)
    figures = figure_fields(Figures(*range(1, 11)).netted())
    message = {"t": "0510", "11": "000001", "15": "1122", "49": "760", "66": "2", "99": "000100", **figures}
    read = dialect.decode(dialect.encode(message)).fields
    assert {de: read[de] for de in message if de not in ("t", "99")} == {
        de: value for de, value in message.items() if de not in ("t", "99")
    }
    assert read["99"].lstrip("0") == "100"


@pytest.mark.parametrize(
    ("figures", "net"),
    [
        (Figures(), "C0000000000000000"),
        (Figures(debits_minor=5), "D0000000000000005"),  # the channel owes
        (Figures(debit_reversals_minor=5), "C0000000000000005"),
        (Figures(credits_minor=5), "C0000000000000005"),
        (Figures(credit_reversals_minor=5), "D0000000000000005"),
        (Figures(0, 0, 0, 0, 0, 0, 1, 20, 300, 4000), "C0000000000003681"),
    ],
)
def test_the_net_is_what_was_debited_less_what_was_given(figures: Figures, net: str) -> None:
    assert figure_fields(figures.netted())[NET] == net


@pytest.mark.parametrize(("text", "net_minor"), [("D" + "0" * 16, 0), ("C" + "0" * 16, 0)])
def test_a_net_of_zero_has_either_sign(text: str, net_minor: int) -> None:
    assert parse_figures(figure_fields(Figures()) | {NET: text}).net_minor == net_minor


@pytest.mark.parametrize("de", ELEMENTS)
@pytest.mark.parametrize("value", ["", "1", "x" * 17])
def test_what_can_not_be_read_is_no_figures(de: str, value: str) -> None:
    assert find_figures(figure_fields(Figures()) | {de: value}) is None
    assert find_figures({other: text for other, text in figure_fields(Figures()).items() if other != de}) is None


def test_a_number_that_does_not_fit_is_not_cut() -> None:
    with pytest.raises(ValueError, match="n 10"):
        figure_fields(Figures(debits=10**10))
    with pytest.raises(ValueError, match="n 16"):
        figure_fields(Figures(debits_minor=10**16))
