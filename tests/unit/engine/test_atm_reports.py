"""Machines' reports: durable before they are answered, once for each key, bounded however many come."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger.model import Committed, Group, RegisterRow
from ledger.queries import ListRegister
from switch.engine import atm_reports
from switch.fleet.report import Cassette, DeviceState, Fault
from switch.fleet.standing import ATM_FAULTS, ATMS, HEARD_EVERY_S, Episode, Standing, episode_from, from_body, to_body
from switch.flow.orders import NotesFilled, Replenish, Verdict
from tests.unit.engine.bench import Bench, HandExchange, repeat_of, request

IN, OUT = ("20", "IN-SERVICE"), ("20", "OUT-OF-SERVICE")
FULL, HALF = ("21", "50000|760|2000|OK"), ("21", "50000|760|1000|OK")
JAM = ("22", "DISPENSER|FATAL|0A13")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def status(stan: str, *pairs: tuple[str, str], **changes: str) -> dict[str, str]:
    return request("0620", "970000", stan, *pairs, **({"de41": "ATM00001"} | changes))


def rows(bench: Bench, register: str, prefix: str = "") -> list[RegisterRow]:
    found: list[RegisterRow] = bench.store.answer(ListRegister(register, prefix))
    return found


def standing(bench: Bench, terminal: str = "ATM00001") -> Standing:
    (row,) = rows(bench, ATMS, terminal)
    return from_body(row.body)


def episodes(bench: Bench) -> list[Episode]:
    return [episode_from(row.body) for row in rows(bench, ATM_FAULTS)]


def test_a_report_is_kept_and_answered_00(bench: Bench) -> None:
    answered = bench.send(status("000001", IN, FULL, ("23", "LOW"), ("24", "4.2.1")))
    assert (answered.answers[0]["t"], answered.code) == ("0630", "00")
    kept = standing(bench).report
    assert kept is not None
    assert (kept.state, kept.paper, kept.firmware) == (DeviceState.IN_SERVICE, "LOW", "4.2.1")
    assert kept.cassettes == (Cassette(50_000, "760", 2000, "OK"),)


@pytest.mark.parametrize(
    ("pairs", "place"),
    [
        ((FULL,), "48.20"),
        ((IN, IN), "48.20"),
        ((("20", "FINE"),), "48.20"),
        ((IN, ("21", "50000|760|2000")), "48.21"),
        ((IN, ("21", "0|760|2000|OK")), "48.21"),
        ((IN, *[FULL] * 9), "48.21"),
        ((IN, ("22", "DISPENSER")), "48.22"),
        ((IN, ("22", "DISPENSER|FATAL|4000000000000002")), "48.22"),
        ((IN, ("23", "OK"), ("23", "OK")), "48.23"),
        ((IN, ("24", "4000000000000002")), "48.24"),
    ],
)
def test_a_malformed_report_is_30_with_its_place_and_not_kept(
    bench: Bench, pairs: tuple[tuple[str, str], ...], place: str
) -> None:
    answered = bench.send(status("000001", *pairs))
    assert answered.code == "30"
    assert answered.answers[0]["63"].endswith(f"({place})")
    assert rows(bench, ATMS) == []


def test_a_report_is_an_advice_of_a_machine_and_nothing_else(bench: Bench) -> None:
    assert bench.send(request("0600", "970000", "000001", IN, de41="ATM00001")).code == "12"
    assert bench.send(request("0620", "970000", "000002", IN)).code == "12"  # by a gateway
    assert bench.send(request("0620", "920000", "000003", IN, de41="ATM00001")).code == "12"


def test_what_the_books_cannot_take_is_09_and_its_repeat_is_taken(bench: Bench) -> None:
    fields = status("000001", IN)
    bench.books.away = True
    assert bench.send(fields).code == "09"
    bench.books.away = False
    assert bench.send(repeat_of(fields)).code == "00"
    assert standing(bench).report is not None


def test_a_report_is_not_answered_before_it_is_durable(bench: Bench) -> None:
    with bench.books.held_up():
        first, again = bench.send(status("000001", IN)), bench.send(repeat_of(status("000001", IN)))
        assert (first.code, again.code) == (None, None)
    assert (first.code, again.code) == ("00", "00")
    assert rows(bench, ATMS)[0].version == 1


def test_while_the_books_hang_the_machine_hears_09_in_time(bench: Bench) -> None:
    bench.books.silent = True
    hanging = bench.send(status("000001", IN))
    bench.wait(25)
    assert hanging.code == "09"


def test_a_repeat_adds_nothing_and_another_content_under_its_key_is_94(bench: Bench) -> None:
    fields = status("000001", IN, FULL)
    assert bench.send(fields).code == "00"
    assert bench.send(repeat_of(fields)).code == "00"
    stamped_anew = repeat_of(fields, de7="1122090009", de11="000077")
    assert bench.send(stamped_anew).code == "00"
    assert rows(bench, ATMS)[0].version == 1
    assert bench.send(status("000001", OUT)).code == "94"
    bench.restart()
    assert bench.send(repeat_of(fields)).code == "00"
    assert bench.send(status("000001", OUT)).code == "94"
    assert rows(bench, ATMS)[0].version == 1


def test_a_report_that_a_later_one_has_overtaken_changes_nothing(bench: Bench) -> None:
    late = status("000001", OUT, JAM)
    assert bench.send(status("000002", IN, de7="1122090000")).code == "00"
    assert bench.send(late | {"7": "1122085959"}).code == "00"
    assert bench.send(repeat_of(status("000003", OUT, de7="1121000000"))).code == "00"
    assert standing(bench).report == from_body(rows(bench, ATMS)[0].body).report
    kept = standing(bench).report
    assert kept is not None
    assert kept.state is DeviceState.IN_SERVICE
    assert episodes(bench) == []


def test_a_clock_that_was_set_back_silences_no_machine(bench: Bench) -> None:
    assert bench.send(status("000001", IN, de7="1123090000")).code == "00"  # a day ahead
    bench.wait(600)
    assert bench.send(status("000002", OUT, de7="1122090500")).code == "00"
    bench.wait(600)
    assert bench.send(status("000003", IN, de7="1101000000")).code == "00"
    kept = standing(bench).report
    assert kept is not None
    assert kept.state is DeviceState.IN_SERVICE
    assert rows(bench, ATMS)[0].version == 3


def test_a_machine_that_reports_the_same_every_minute_grows_nothing(bench: Bench) -> None:
    before = bench.store.sequence
    for minute in range(60):
        assert bench.send(status(f"{minute:06d}", IN, FULL, de7=f"112209{minute:02d}00")).code == "00"
        bench.wait(60)
    assert bench.store.sequence - before <= 60 * 60 / HEARD_EVERY_S
    assert len(rows(bench, ATMS)) == 1
    assert standing(bench).since == pytest.approx(bench.clock.now - 3600)


def test_a_machine_that_says_something_else_each_time_is_put_off_and_later_taken_again(bench: Bench) -> None:
    codes = [
        bench.send(status(f"{number:06d}", (OUT, IN)[number % 2], ("22", f"A|FATAL|{number}"))).code
        for number in range(atm_reports.CHANGES_AT_ONCE + 50)
    ]
    assert codes.count("00") == atm_reports.CHANGES_AT_ONCE
    assert codes.count("09") == 50
    bench.wait(atm_reports.CHANGE_EVERY_S)
    assert bench.send(status("900000", IN, de7="1122090010")).code == "00"
    assert len(rows(bench, ATM_FAULTS)) <= 64


def test_invented_machines_are_put_off_once_there_are_too_many(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atm_reports, "NEW_AT_ONCE", 3)
    bench.start()
    codes = [bench.send(status(f"{number:06d}", IN, de41=f"ATM{number:05d}")).code for number in range(6)]
    assert codes == ["00", "00", "00", "09", "09", "09"]
    assert bench.send(status("000100", OUT, de41="ATM00001")).code == "00"


def test_a_line_of_words_about_one_machine_has_an_end(bench: Bench) -> None:
    with bench.books.held_up():
        sent = [bench.send(status(f"{number:06d}", IN, ("23", f"P{number}"))) for number in range(30)]
        assert [one.code for one in sent].count("09") == 30 - atm_reports.LINE_MAX
    assert [one.code for one in sent].count("00") == atm_reports.LINE_MAX


def test_a_fault_begins_goes_on_and_ends(bench: Bench) -> None:
    fault = Fault("DISPENSER", "FATAL", "0A13")
    bench.send(status("000001", OUT, JAM))
    began = bench.clock.now
    assert episodes(bench) == [Episode(fault, began)]
    bench.wait(600)
    bench.send(status("000002", OUT, JAM, ("23", "LOW"), de7="1122091000"))
    bench.wait(600)
    bench.send(status("000003", IN, ("22", "DISPENSER|OK|0A13"), de7="1122092000"))
    assert episodes(bench) == [Episode(fault, began, bench.clock.now)]
    bench.wait(60)
    bench.send(status("000004", OUT, JAM, de7="1122092100"))
    assert episodes(bench)[1] == Episode(fault, bench.clock.now)


def test_another_workers_word_is_met_not_overwritten(bench: Bench) -> None:
    bench.send(status("000001", IN, FULL))
    other = replace(standing(bench), episodes=7)
    group = Group(bytes(16), registers=(RegisterRow(ATMS, "ATM00001", 2, to_body(other)),))
    assert isinstance(bench.store.apply_groups([group])[0], Committed)
    assert bench.send(status("000002", OUT)).code == "00"
    assert rows(bench, ATMS)[0].version == 3
    assert standing(bench).episodes == 7


def order(bench: Bench, notes: int, why: str = "filled by the crew") -> Verdict:
    told: list[Verdict] = []
    filled = Replenish(terminal="ATM00001", cassettes=(NotesFilled(50_000, notes),), who="reem", why=why)
    bench.engine.atm_reports.replenish(filled, told.append)
    return told[0]


def test_an_operators_count_stands_until_the_machine_counts_anew(bench: Bench) -> None:
    bench.send(status("000001", IN, HALF))
    bench.wait(400)
    assert order(bench, 2000).done
    kept = standing(bench)
    assert (kept.cassettes[0].notes, kept.counted_by, kept.why) == (2000, "reem", "filled by the crew")
    assert kept.filled_at == bench.clock.now
    bench.wait(400)
    bench.send(status("000002", IN, HALF, de7="1122091320"))  # says nothing new
    assert standing(bench).cassettes[0].notes == 2000
    bench.wait(400)
    bench.send(status("000003", IN, ("21", "50000|760|1990|OK"), de7="1122092000"))
    assert (standing(bench).cassettes[0].notes, standing(bench).counted_by) == (1990, "")


def test_an_operators_word_with_a_card_number_is_refused(bench: Bench) -> None:
    assert not order(bench, 10, why="card 4000 0000 0000 0002 was swallowed").done
    assert rows(bench, ATMS) == []
    bench.books.away = True
    assert not order(bench, 10).done


def test_a_row_that_cannot_be_read_is_told_of_and_neither_overwritten_nor_in_anothers_way(bench: Bench) -> None:
    group = Group(bytes(16), registers=(RegisterRow(ATMS, "ATM00001", 1, b"not ours"),))
    assert isinstance(bench.store.apply_groups([group])[0], Committed)
    for number in range(2 * atm_reports.LINE_MAX):
        assert bench.send(status(f"{number:06d}", IN)).code == "09"
    assert rows(bench, ATMS)[0].body == b"not ours"
    assert bench.reports.count("engine fault") == 2 * atm_reports.LINE_MAX
    assert bench.send(status("000001", IN, de41="ATM00002")).code == "00"


def test_a_report_asks_nobody(bench: Bench) -> None:
    answered: HandExchange = bench.send(status("000001", IN))
    assert answered.code == "00"
    assert bench.core.asked == bench.biller.asked == []
    assert bench.states == {}
