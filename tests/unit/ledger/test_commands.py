"""`barada ledger`: what an operator and a script get to see, and the exit status."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from ledger.commands import ledger
from ledger.scale import Scale
from ledger.scale_register import noting
from ledger.store import Store
from tests.unit.ledger.making import DAY, SYP, contra, direct, moving, opening, pending, post


@pytest.fixture
def books(tmp_path: Path) -> Path:
    path = tmp_path / "books.db"
    held = pending("customer", "biller", 150_000)
    posted = post(held, 123_456)
    with closing(Store(path, lambda: 0.0, day=DAY, synchronous="OFF")) as store:
        groups = [opening("customer", "biller"), moving(held), moving(posted), moving(contra(posted, 56))]
        store.apply_groups([*groups, moving(pending("customer", "biller", 7))])
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(ledger, [str(argument) for argument in arguments], env={"COLUMNS": "120"})


def run_json(*arguments: object, exit_code: int = 0) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == exit_code
    assert len(result.stdout.splitlines()) == 1
    return json.loads(result.stdout)


def edit(books: Path, sql: str) -> None:
    with closing(sqlite3.connect(books, isolation_level=None)) as connection:
        connection.execute(sql)


def test_trial_balance_shows_each_currency_and_is_zero(books: Path) -> None:
    result = run("trial-balance", "--database", books)
    assert result.exit_code == 0
    assert "1,235.12" in result.stdout
    assert "in balance" in result.stdout
    document = run_json("trial-balance", "--database", books)
    assert document["balanced"] is True
    assert document["currencies"][0]["debits_posted"] == 123_512


def test_trial_balance_that_is_not_zero_ends_with_one(books: Path) -> None:
    edit(books, "UPDATE accounts SET debits_posted = debits_posted + 1 WHERE name = 'customer'")
    result = run("trial-balance", "--database", books)
    assert result.exit_code == 1
    assert "OUT OF BALANCE" in result.stdout
    assert run_json("trial-balance", "--database", books, exit_code=1)["balanced"] is False


def test_statement_shows_the_newest_first_with_what_is_held(books: Path) -> None:
    result = run("statement", "customer", "--database", books)
    assert result.exit_code == 0
    assert "customer, balance -1,234.00, held 0.07" in result.stdout
    assert result.stdout.index("contra") < result.stdout.index("post ")
    document = run_json("statement", "customer", "--database", books, "--limit", "2")
    assert [line["kind"] for line in document["lines"]] == ["pending", "contra"]
    assert [line["direction"] for line in document["lines"]] == ["D", "C"]
    assert document["account"]["debits_pending"] == 7


def test_statement_of_nobody_is_an_error_in_one_line(books: Path) -> None:
    result = run("statement", "nobody", "--database", books)
    assert (result.exit_code, result.stderr) == (1, "Error: nobody: no such account\n")


def test_verify_is_clean_or_names_the_row(books: Path) -> None:
    result = run("verify", "--database", books)
    assert result.exit_code == 0
    assert "clean: 2 journal entries, 4 transfers" in result.stdout
    assert run_json("verify", "--database", books)["clean"] is True

    edit(books, "UPDATE transfers SET memo = 'changed' WHERE kind = 'contra'")
    result = run("verify", "--database", books)
    assert result.exit_code == 1
    assert "edited: memo" in result.stdout
    document = run_json("verify", "--database", books, exit_code=1)
    assert [finding["table"] for finding in document["findings"]] == ["transfers"]


@pytest.mark.parametrize("command", [["trial-balance"], ["statement", "customer"], ["verify"]])
def test_look_at_what_is_no_books_is_an_error_in_one_line(tmp_path: Path, command: list[str]) -> None:
    path = tmp_path / "none.db"
    result = run(*command, "--database", path)
    assert (result.exit_code, result.stderr) == (1, f"Error: {path}: no such file\n")
    path.write_bytes(b"something else " * 100)
    assert run(*command, "--database", path).stderr == f"Error: {path}: file is not a database\n"
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE other (x)")
    assert "not books" in run(*command, "--database", path).stderr
    assert not path.with_name("none.db.lock").exists()


def test_look_beside_a_process_that_writes_sees_one_moment(books: Path) -> None:
    with closing(Store(books, lambda: 0.0, synchronous="OFF")) as store:
        store.apply_groups([moving(direct("customer", "biller", 1))])
        assert run("verify", "--database", books).exit_code == 0
        store.apply_groups([moving(direct("customer", "biller", 1))])
        assert run_json("verify", "--database", books)["transfers"] == 6


def test_serve_refuses_what_cannot_be_served_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    result = run("serve", "--database", path, "--socket", tmp_path / "sock", "--day", "20260231")
    assert (result.exit_code, result.stderr) == (1, "Error: day '20260231': not a day as YYYYMMDD\n")
    (tmp_path / "file").write_text("")
    result = run("serve", "--database", path, "--socket", tmp_path / "file")
    assert (result.exit_code, result.stderr) == (1, f"Error: {tmp_path / 'file'}: not a socket\n")
    result = run("serve", "--database", tmp_path / "file" / "books.db", "--socket", tmp_path / "sock")
    assert result.exit_code == 1
    assert "Not a directory" in result.stderr or "File exists" in result.stderr
    long = tmp_path / ("x" * 120)
    result = run("serve", "--database", path, "--socket", long)
    assert (result.exit_code, result.stderr) == (1, f"Error: {long}: AF_UNIX path too long\n")


def test_a_statement_across_the_currencys_change_shows_each_line_in_its_own_days_pound(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    noted = noting(Scale("20260101", 100, "20260630"), [], SYP)
    assert noted is not None
    with closing(Store(path, lambda: 0.0, day="20251231", synchronous="OFF")) as store:
        old = msgspec.structs.replace(direct("customer", "biller", 1_234_500), day="20251231")
        store.apply_groups([noted, opening("customer", "biller"), moving(old)])
        store.open_day("20260101")
        store.apply_groups([moving(msgspec.structs.replace(contra(old, 1_234_500), day="20260101"))])
        store.apply_groups([moving(msgspec.structs.replace(direct("customer", "biller", 50_000), day="20260101"))])
    said = " ".join(run("statement", "--database", path, "biller").stdout.split())
    assert "biller, balance 5.00 (500.00 old)" in said.replace("│", "")
    for amount in ("12,345.00 old", "123.45 (12,345.00 old)", "5.00 (500.00 old)"):
        assert amount in said
    document = run_json("statement", "--database", path, "biller")
    assert document["scale"] == {"new_from": "20260101", "old_per_new": 100, "both_until": "20260630"}
    assert document["account"]["credits_posted"] == 1_284_500
    trial = run("trial-balance", "--database", path).stdout
    assert "251.90 (25,190.00 old)" in trial


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Seven lines of three days; the last of a day comes when the next has begun, as at a cutover."""
    path = tmp_path / "books.db"
    with closing(Store(path, lambda: 0.0, day="20260101", synchronous="OFF")) as store:
        store.apply_groups([opening("customer", "biller"), opening("other")])
        for minor, day in enumerate(("0101", "0101", "0102", "0101", "0102", "0103", "0103"), 1):
            if day not in ("0101",) and not store.current_day().endswith(day):
                store.open_day(f"2026{day}")
            store.apply_groups([moving(direct("customer", "biller", minor, day=f"2026{day}"))])
    return path


def amounts_of(books: Path, *options: str) -> tuple[list[int], str | None]:
    found = run_json("statement", "--database", books, "biller", *options)
    return [line["amount_minor"] for line in found["lines"]], found["before"]


def test_a_statement_goes_on_where_a_page_ended_until_it_ends(many: Path) -> None:
    first, before = amounts_of(many, "--limit", "3")
    assert before is not None
    second, again = amounts_of(many, "--limit", "3", "--before", before)
    assert again is not None
    assert (first, second, amounts_of(many, "--limit", "3", "--before", again)) == ([7, 6, 5], [4, 3, 2], ([1], None))
    assert amounts_of(many, "--limit", "7") == ([7, 6, 5, 4, 3, 2, 1], None)
    shown = run("statement", "--database", many, "biller", "--limit", "3").stdout
    assert shown.endswith(f"more: --before {before}\n")


def test_a_statement_between_two_days_has_both_and_what_was_late_at_a_cutover(many: Path) -> None:
    assert amounts_of(many, "--from", "20260101", "--to", "20260101") == ([4, 2, 1], None)
    assert amounts_of(many, "--from", "20260102", "--to", "20260102", "--limit", "1")[0] == [5]
    assert amounts_of(many, "--from", "20260102") == ([7, 6, 5, 3], None)
    assert amounts_of(many, "--from", "20270101") == ([], None)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "20260103", "--to", "20260101"), "from 20260103 to 20260101: ends before it begins"),
        (("--from", "20260231"), "day '20260231': not a day as YYYYMMDD"),
        (("--before", "12"), "before '12': not what a page says at its end"),
        (("--before", "0" * 32), f"{'0' * 32}: no line of biller"),
    ],
)
def test_a_statement_that_cannot_be_says_why_on_one_line(many: Path, options: tuple[str, ...], said: str) -> None:
    result = run("statement", "--database", many, "biller", *options)
    assert (result.exit_code, result.stderr) == (1, f"Error: {said}\n")


def test_a_statement_does_not_go_on_after_another_accounts_line(many: Path) -> None:
    _, before = amounts_of(many, "--limit", "3")
    result = run("statement", "--database", many, "other", "--before", before)
    assert (result.exit_code, result.stderr) == (1, f"Error: {before}: no line of other\n")


def test_a_statement_of_a_span_of_days_keeps_the_balances_of_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with closing(Store(path, lambda: 0.0, day="20260301", synchronous="OFF")) as store:
        store.apply_groups([opening("customer", "biller"), moving(direct("customer", "biller", 100, day="20260301"))])
        for day in ("20260302", "20260303"):
            store.open_day(day)
            store.apply_groups([moving(direct("customer", "biller", 10, day=day))])
    whole = run_json("statement", "--database", path, "biller")["lines"]
    assert [line["balance_minor"] for line in whole] == [120, 110, 100]
    middle = run_json("statement", "--database", path, "biller", "--from", "20260302", "--to", "20260302")["lines"]
    assert middle == whole[1:2]
    assert (
        run_json("statement", "--database", path, "biller", "--to", "20260302", "--limit", "1")["lines"] == whole[1:2]
    )
    assert "not a day" in run("statement", "--database", path, "biller", "--from", "20260231").output


def test_a_statement_as_csv_has_a_line_for_each_transfer(books: Path) -> None:
    lines = run("statement", "--database", books, "biller", "--csv").stdout.splitlines()
    assert lines[0] == "day,id,kind,other,debit_minor,credit_minor,balance_minor,currency,memo"
    assert [line.split(",")[4:7] for line in lines[1:]] == [
        *(["0", "7", "123400"], ["56", "0", "123400"], ["0", "123456", "123456"], ["0", "150000", "0"]),
    ]
