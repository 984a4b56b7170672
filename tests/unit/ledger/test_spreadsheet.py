"""Comma-separated values: no text is a formula, and a number stays one."""

from __future__ import annotations

import csv

import pytest

from ledger.spreadsheet import csv_lines


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "|cmd", "%1"])
def test_a_text_is_no_formula_in_a_spreadsheet(cell: str) -> None:
    (row,) = csv.reader(csv_lines((cell,), ()))
    assert row == [f"'{cell}"]
    (_, row) = csv.reader(csv_lines(("number",), ((-5,),)))
    assert row == ["-5"]
