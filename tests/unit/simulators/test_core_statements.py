"""Statements of the simulated core: newest first, page by page, bound to the account that was asked about."""

from __future__ import annotations

from tests.unit.simulators.asking import Fields, tags_of
from tests.unit.simulators.core_bench import CURRENT, ME, SAVINGS, Bench


def test_a_mini_statement_has_the_ten_newest_lines_newest_first(bench: Bench) -> None:
    for number in range(12):
        bench.pay(minor=100 + number)
    lines = [line.split("|") for _, line in tags_of(bench.asker.ask("0200", "38", ME, de102=CURRENT))]
    assert [int(line[2]) for line in lines] == list(range(111, 101, -1))
    assert lines[0][:2] + lines[0][3:] == ["20261122", "D", "transfer", "REF000000012"]


def statement(bench: Bench, *tags: tuple[str, str], account: str = CURRENT) -> Fields:
    return bench.asker.ask("0100", "35", ME, *tags, de102=account)


def test_a_statement_goes_on_with_its_token_until_everything_was_told(bench: Bench) -> None:
    days = (("10", "20261101"), ("11", "20261122"))
    for number in range(45):
        bench.pay(minor=100 + number)
    seen: list[str] = []
    token: tuple[tuple[str, str], ...] = ()
    for _ in range(4):
        answer = statement(bench, *days, *token)
        assert len(answer["48"]) <= 999
        pairs = tags_of(answer)
        seen += [line for tag, line in pairs if tag == "08"]
        token = tuple(pair for pair in pairs if pair[0] == "13")
        if not token:
            break
        bench.restart()
    assert len(seen) == len(set(seen)) == 46
    assert "opening" in seen[-1]


def test_a_token_is_bound_to_its_account_and_days_and_grows_old(bench: Bench) -> None:
    days = (("10", "20261101"), ("11", "20261122"))
    for number in range(25):
        bench.pay(minor=100 + number)
    token = tags_of(statement(bench, *days))[-1]
    assert statement(bench, *days, token)["39"] == "00"
    assert statement(bench, *days, token, account=SAVINGS)["39"] == "12"
    assert statement(bench, ("10", "20261102"), days[1], token)["39"] == "12"
    assert statement(bench, *days, ("13", "nothing of ours"))["39"] == "12"
    bench.clock.at = bench.clock.at.replace(minute=16)
    assert statement(bench, *days, token)["39"] == "12"


def test_a_statement_of_other_days_is_empty_and_approved(bench: Bench) -> None:
    answer = statement(bench, ("10", "20250101"), ("11", "20250131"))
    assert (answer["39"], answer.get("48")) == ("00", None)
