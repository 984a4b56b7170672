"""End-of-day files: what is written is read back; anything else is refused, with its line and what is allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from switch.settlement.file import HEADER, LINE_MAX, EndOfDay, FileError, file_text, read_file, sums
from switch.settlement.line import COLUMNS, Kind, Line, LineError, read, written
from tests.unit.settlement.making import CORE, DAY, POWER, line

OURS = ("100", "101")  # how accounts of the bank begin
_TEXT = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9 ./_-]{0,39}\Z")
LINES = st.builds(
    Line,
    day=st.just(DAY),
    reference=st.from_regex(r"\A[A-Za-z0-9]{1,12}\Z"),
    stan=st.from_regex(r"\A[0-9]{6}\Z"),
    transmitted_at=st.sampled_from(["0229000000", "1231235959", "0101000000"]),
    kind=st.sampled_from([Kind.DEBIT, Kind.REVERSAL]),
    account=st.builds("{}{}".format, st.sampled_from(OURS), st.from_regex(r"\A[0-9]{0,13}\Z")),
    payee=st.builds("{}:{}".format, st.sampled_from(["biller", "atm"]), _TEXT) | st.just("loan:10000000000001"),
    amount_minor=st.integers(1, 10**15 - 1),
    currency=st.from_regex(r"\A[0-9]{3}\Z"),
    at=st.sampled_from(["2026-11-22T23:59:59Z", "2026-11-22T00:00:00.001Z"]),
)


def raw(file: EndOfDay) -> list[bytes]:
    return [text.encode() for text in file_text(file)]


def refused(data: list[bytes], peer: str = CORE, day: str = DAY, prefixes: tuple[str, ...] | None = OURS) -> str:
    with pytest.raises(FileError) as caught:
        read_file(data, peer, day, prefixes)
    return str(caught.value)


@given(st.lists(LINES, max_size=8))
def test_what_is_written_is_read_back(lines: list[Line]) -> None:
    file = EndOfDay(CORE, DAY, tuple(lines))
    assert read_file(raw(file), CORE, DAY, OURS) == file


@given(st.lists(LINES, min_size=1, max_size=6), st.data())
def test_a_file_that_was_cut_or_lost_a_line_is_refused(lines: list[Line], data: st.DataObject) -> None:
    whole = raw(EndOfDay(CORE, DAY, tuple(lines)))
    at = data.draw(st.integers(0, len(whole) - 1))
    refused(whole[:at])
    refused([*whole[:at], *whole[at + 1 :]])
    text = b"".join(whole)
    refused(text[: data.draw(st.integers(0, len(text) - 1))].splitlines(keepends=True))


@given(st.lists(LINES, min_size=1, max_size=4), st.data())
def test_a_changed_amount_is_refused_by_the_sums(lines: list[Line], data: st.DataObject) -> None:
    file = EndOfDay(CORE, DAY, tuple(lines))
    at = data.draw(st.integers(0, len(lines) - 1))
    minor = lines[at].amount_minor
    changed = replace(lines[at], amount_minor=minor - 1 if minor > 1 else 2)
    whole = raw(file)
    whole[1 + at] = f"{written(changed)}\n".encode()
    assert "sums" in refused(whole)


@given(st.binary(max_size=600))
def test_any_bytes_are_a_refusal_and_nothing_else(data: bytes) -> None:
    refused(data.splitlines(keepends=True))
    refused([f"{HEADER}\n".encode(), *data.splitlines(keepends=True)])


@given(st.text(max_size=80))
def test_any_text_is_a_refusal_that_does_not_repeat_it(text: str) -> None:
    with pytest.raises(LineError) as caught:
        read(text)
    assert len(str(caught.value)) < 200
    assert len(text) < 20 or text not in str(caught.value)


GOOD = written(line())


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("day", "20261131"),
        ("reference", "=1+1"),
        ("reference", ""),
        ("stan", "12345"),
        ("transmitted_at", "1131000000"),
        ("kind", "credit"),
        ("account", "=cmd()"),
        ("account", "@SUM(A1)"),
        ("account", "+963"),
        ("account", "-1"),
        ("account", "٤٢"),
        ("payee", "bank:disputes"),
        ("payee", "biller:=1"),
        ("amount_minor", "0"),
        ("amount_minor", "-5"),
        ("amount_minor", "1e9"),
        ("amount_minor", "1000000000000000"),
        ("currency", "SYP"),
        ("at", "2026-11-22 10:00:00"),
        ("at", "2026-13-22T10:00:00Z"),
        ("at", "2026-11-22T25:00:00Z"),
    ],
)
def test_a_cell_that_its_column_does_not_allow_is_refused_by_line_and_column(column: str, cell: str) -> None:
    cells = GOOD.split(",")
    cells[COLUMNS.index(column)] = cell
    words = refused([f"{HEADER}\n".encode(), f"{','.join(cells)}\n".encode()])
    assert words.startswith(("line 2, " + column, "line 2: byte"))
    assert "allowed" in words or "ASCII" in words
    assert not cell or len(cell) < 3 or cell not in words.replace(str(sorted(Kind)), "")


def test_quotation_marks_make_no_cell_longer() -> None:
    assert "columns" in refused([f"{HEADER}\n".encode(), (GOOD.replace("biller:ELEC", '"a,b"') + "\n").encode()])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "empty"),
        ([b"\xef\xbb\xbf" + HEADER.encode() + b"\n"], "not ASCII"),
        ([HEADER.encode("utf-16")], "does not end"),
        ([b"day;reference\n"], "header"),
        ([HEADER.encode() + b"\n"], "cut"),
        ([HEADER.encode() + b"\n", b"x" * (LINE_MAX + 1)], "longer"),
        ([HEADER.encode() + b"\n", b"a\x00b\n"], "control"),
    ],
)
def test_what_is_no_file_of_this_layout_says_so(data: list[bytes], words: str) -> None:
    assert words in refused(data)


def test_another_peers_or_another_days_file_is_refused() -> None:
    whole = raw(EndOfDay(CORE, DAY, (line(),)))
    assert "another file's" in refused(whole, peer="other")
    assert "day" in refused(whole, day="20261123")
    assert "kind" in refused(whole, prefixes=None)


@pytest.mark.parametrize(
    "changes", [{"account": "4000000000000002"}, {"payee": "customer:4000000000000002"}, {"payee": "loan:200"}]
)
def test_the_core_names_no_account_but_the_banks(changes: dict[str, str]) -> None:
    whole = raw(EndOfDay(CORE, DAY, (replace(line(), **changes),)))
    words = refused(whole)
    assert "an account of this bank, beginning 100 or 101" in words
    assert "4000" not in words


@pytest.mark.parametrize("payee", ["biller:WATER", "customer:10000000000001", "atm:ATM00001"])
def test_a_biller_names_no_payee_but_itself(payee: str) -> None:
    """A dispute would pay whom it names."""
    own = frozenset({"biller:ELEC"})
    good, bad = line(1, peer=POWER), line(2, peer=POWER, payee=payee)
    assert read_file(raw(EndOfDay(POWER, DAY, (good,))), POWER, DAY, None, own).lines == (good,)
    with pytest.raises(FileError, match="line 3, payee: allowed: biller:ELEC"):
        read_file(raw(EndOfDay(POWER, DAY, (good, bad))), POWER, DAY, None, own)


def test_nothing_may_follow_the_end_or_stand_between_the_sums() -> None:
    whole = raw(EndOfDay(CORE, DAY, (line(),)))
    assert "nothing after" in refused([*whole, whole[1]])
    assert "no movement" in refused([*whole[:-1], whole[1], whole[-1]])


def test_ends_of_line_of_either_kind_are_taken() -> None:
    file = EndOfDay(POWER, DAY, (line(peer=POWER),))
    dos = [data.replace(b"\n", b"\r\n") for data in raw(file)]
    assert read_file(dos, POWER, DAY, None) == file


def test_sums_are_kept_apart_by_currency_and_direction() -> None:
    lines = (line(1, 100), line(2, 30, back=True), replace(line(3, 7), currency="840"))
    assert [(one.currency, one.count, one.minor, one.back, one.back_minor) for one in sums(lines)] == [
        ("760", 1, 100, 1, 30),
        ("840", 1, 7, 0, 0),
    ]


def test_a_line_that_could_not_be_read_back_is_not_written() -> None:
    with pytest.raises(LineError):
        written(replace(line(), account="a,b"))
