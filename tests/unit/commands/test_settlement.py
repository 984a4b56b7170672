"""`barada settlement` and `barada disputes`: a day is settled, its breaks are seen to, and nothing moves twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import Result
from msgspec.structs import replace

from config.settings import demo_path, load
from ledger.errors import BooksError
from ledger.model import Group, Outcome, RegisterRow
from switch.backoffice.files import write_day
from switch.backoffice.settle import peers_of
from switch.flow.payment import Payment, State
from switch.flow.reconciliation import REGISTER as MESSAGES
from switch.settlement.file import EndOfDay, file_name
from switch.settlement.line import Line
from tests.unit.commands.conftest import Barada
from tests.unit.settlement.books import Ledger
from tests.unit.settlement.making import CORE, DAY, NEXT, POWER, line

PEERS = peers_of(load(demo_path()))
NOW = 5000.0


class Office:
    """A bank with a closed day and an open one, its peers' files, and the command line upon them."""

    def __init__(self, place: Path, barada: Barada) -> None:
        self.place = place
        self.files, self.out = place / "files", place / "out"
        self.ledger = Ledger(place / "ledger.db")
        self.away = False
        self._barada = barada
        self._settings = [f"--set=ledger.database={place / 'ledger.db'}", f"--set=ledger.socket={place}/ledger.sock"]
        self.files.mkdir()

    def say(self, group: str, command: str, *arguments: str) -> Result:
        return self._barada(group, command, *self._settings, *arguments)

    def read(self, group: str, command: str, *arguments: str, exit_code: int = 0) -> dict[str, Any]:
        result = self.say(group, command, "--json", *arguments)
        assert result.exit_code == exit_code, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    def settle(self, day: str = DAY, exit_code: int = 0) -> dict[str, Any]:
        where = ["--files", str(self.files), "--out", str(self.out)]
        return self.read("settlement", "run", "--day", day, *where, exit_code=exit_code)

    def hand_in(self, *lines: Line, day: str = DAY, core: Sequence[Line] = ()) -> None:
        """The peers' files: these lines are power's, the others' are empty."""
        given = {POWER: lines, CORE: tuple(core)}
        for peer in PEERS:
            write_day(self.files, EndOfDay(peer, day, given.get(peer, ())))

    def submit(self, path: str, groups: Sequence[Group]) -> list[Outcome]:
        """As the serving ledger does it."""
        if self.away:
            raise BooksError(f"{path}: nobody serves the books")
        return self.ledger.store.apply_groups(list(groups))

    def keep_rows(self, path: str, rows: Sequence[RegisterRow], now: float) -> list[Outcome]:
        return self.submit(path, [Group(self.ledger.new_id(), registers=(row,)) for row in rows])


@pytest.fixture
def office(tmp_path: Path, barada: Barada, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    made = Office(tmp_path, barada)
    monkeypatch.setattr("switch.commands.books.time.time", lambda: NOW)
    monkeypatch.setattr("switch.commands.dispute_desk.submit", made.submit)
    monkeypatch.setattr("switch.commands.settlement.keep_rows", made.keep_rows)
    yield made
    made.ledger.store.close()


def lines_of(payment: Payment) -> tuple[Line, Line]:
    """What the core and the biller have of it, if all is well."""
    number = int(payment.core.stan)
    at_core = line(number, payment.amount_minor)
    return at_core, replace(line(number, payment.amount_minor, peer=POWER), account="B-1")


def one_missing_at_the_biller(office: Office) -> Payment:
    payment = office.ledger.pay(5000)
    office.ledger.open_next()
    office.hand_in(core=[lines_of(payment)[0]])
    return payment


def only_case(office: Office) -> str:
    (one,) = office.read("disputes", "list", "--all")["disputes"]
    return str(one["case"])


def order(office: Office, act: str, case: str, *more: str, who: str = "amal") -> Result:
    return office.say("disputes", act, case, "--who", who, "--why", "seen in both books", "--yes", *more)


def test_a_day_that_agrees_is_clean_and_ends_with_0(office: Office) -> None:
    payment = office.ledger.pay(5000)
    office.ledger.open_next()
    at_core, at_biller = lines_of(payment)
    office.hand_in(at_biller, core=[at_core])
    found = office.settle()
    assert (found["counts"]["matched"], found["unsettled"], found["breaks"]) == (2, 0, [])
    assert found["balances"]["760"]["total_minor"] == 0
    assert {Path(one).name for one in found["written"]} == {
        *(f"positions-{DAY}.csv", f"breaks-{DAY}.csv", f"explained-{DAY}.csv"),
        *(f"settlement-{DAY}.ar.html", f"settlement-{DAY}.en.html"),
    }


def test_a_break_opens_one_case_however_often_the_day_is_settled(office: Office) -> None:
    one_missing_at_the_biller(office)
    (found,) = office.settle(exit_code=1)["breaks"]
    assert (found["peer"], found["kind"], found["difference_minor"]) == (POWER, "missing there", -5000)
    office.settle(exit_code=1)
    assert found["case"] == only_case(office)
    assert len(office.read("disputes", "show", found["case"])["history"]) == 1


def test_resolving_gives_the_money_back_and_settles_the_day(office: Office) -> None:
    payment = one_missing_at_the_biller(office)
    office.settle(exit_code=1)
    case = only_case(office)
    assert order(office, "take", case).exit_code == 0
    done = order(office, "resolve", case)
    assert done.exit_code == 0
    assert "the core is advised when the switch runs" in done.stdout
    assert office.ledger.balance("biller:ELEC") == 0
    assert office.ledger.payment(payment.id).state is State.REVERSED
    (contra,) = [one for one in office.ledger.all_transfers() if one.memo.startswith(f"dispute {case}")]
    assert (contra.day, contra.amount_minor, contra.kind.value) == (NEXT, 5000, "contra")
    assert office.settle()["unsettled"] == 0


def test_nobody_resolves_a_case_twice(office: Office) -> None:
    one_missing_at_the_biller(office)
    office.settle(exit_code=1)
    case = only_case(office)
    order(office, "take", case)
    assert order(office, "resolve", case).exit_code == 0
    again = order(office, "resolve", case)
    assert again.exit_code == 1
    assert "it is resolved: allowed: nothing" in again.stderr
    assert office.ledger.balance("biller:ELEC") == 0


def test_a_case_that_somebody_changed_meanwhile_is_not_overwritten(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_missing_at_the_biller(office)
    office.settle(exit_code=1)
    case = only_case(office)
    order(office, "take", case)

    def meanwhile(path: str, groups: Sequence[Group]) -> list[Outcome]:
        monkeypatch.setattr("switch.commands.dispute_desk.submit", office.submit)
        assert order(office, "dismiss", case).exit_code == 0
        return office.submit(path, groups)

    monkeypatch.setattr("switch.commands.dispute_desk.submit", meanwhile)
    refused = order(office, "resolve", case)
    assert (refused.exit_code, "somebody else changed the case" in refused.stderr) == (1, True)
    assert office.ledger.balance("biller:ELEC") == 5000


@pytest.mark.parametrize(
    ("act", "more", "words"),
    [
        ("resolve", (), "it is open: allowed: take, dismiss"),
        ("take", ("--why", "4000 0000 0000 0002"), "card number"),
        ("take", ("--why", " "), "why: allowed: 1 to 300 characters"),
    ],
)
def test_what_may_not_be_done_is_one_line(office: Office, act: str, more: tuple[str, ...], words: str) -> None:
    one_missing_at_the_biller(office)
    office.settle(exit_code=1)
    refused = order(office, act, only_case(office), *more)
    assert refused.exit_code in (1, 2)
    assert words in refused.stderr


def test_more_than_the_break_is_refused_and_less_leaves_the_rest_a_break(office: Office) -> None:
    one_missing_at_the_biller(office)
    office.settle(exit_code=1)
    case = only_case(office)
    order(office, "take", case)
    assert "from 1 to 5000" in order(office, "resolve", case, "--amount-minor", "5001").stderr
    assert order(office, "resolve", case, "--amount-minor", "2000").exit_code == 0
    (left,) = office.settle(exit_code=1)["breaks"]
    assert (left["difference_minor"], left["state"], left["case"]) == (-3000, "open", case)


def test_a_resolution_says_what_was_moved_and_what_is_left(office: Office) -> None:
    one_missing_at_the_biller(office)
    office.settle(exit_code=1)
    case = only_case(office)
    order(office, "take", case)
    said = order(office, "resolve", case, "--amount-minor", "2000").stdout
    assert f"dispute {case}: resolved; 20.00 760 moved in business day" in said
    assert "the next settlement opens it again with the 30.00 760 that are left" in said


def test_without_files_the_cases_that_are_kept_are_shown(office: Office) -> None:
    one_missing_at_the_biller(office)
    office.settle(exit_code=1)
    case = only_case(office)
    order(office, "take", case)
    said = office.say("settlement", "show", "--day", DAY).stdout
    (row,) = (one for one in said.splitlines() if case in one)
    assert "taken, amal" in row


def test_a_list_of_disputes_takes_no_peer_and_no_day_that_there_is_not(office: Office) -> None:
    wrong = office.say("disputes", "list", "--peer", "nobody")
    assert (wrong.exit_code, "--peer nobody: allowed: core, cellular" in wrong.stderr) == (2, True)
    assert "allowed: a day as YYYYMMDD" in office.say("disputes", "list", "--day", "2026").stderr


def test_a_break_that_is_dismissed_stays_in_the_report_and_counts_no_more(office: Office) -> None:
    one_missing_at_the_biller(office)
    office.settle(exit_code=1)
    assert order(office, "dismiss", only_case(office)).exit_code == 0
    found = office.settle()
    assert (found["unsettled"], found["breaks"][0]["state"]) == (0, "dismissed")


def test_of_an_open_day_no_case_is_opened(office: Office) -> None:
    office.ledger.pay(5000)
    office.hand_in()
    found = office.settle(exit_code=1)
    assert (found["state"], len(found["breaks"]), found["cases"]) == ("open", 2, [])
    assert office.read("disputes", "list", "--all")["disputes"] == []


def test_without_a_ledger_that_serves_reports_are_written_and_cases_are_not(office: Office) -> None:
    one_missing_at_the_biller(office)
    office.away = True
    done = office.say("settlement", "run", "--day", DAY, "--files", str(office.files), "--out", str(office.out))
    assert (done.exit_code, "nobody serves the books" in done.stderr) == (1, True)
    assert ",,," in (office.out / f"breaks-{DAY}.csv").read_text(encoding="utf-8").splitlines()[1]


def test_what_is_still_open_is_judged_again_with_the_next_day(office: Office) -> None:
    """The core is advised, does not acknowledge, and never gives it back."""
    payment = office.ledger.pay(5000, two_legs=False)
    advised = office.ledger.give_back(payment, 5000, DAY, advised=False)
    office.ledger.open_next()
    at_core = replace(lines_of(payment)[0], payee="loan:1001")
    office.hand_in(core=[at_core])
    (explained,) = office.settle()["explained"]
    assert explained["why"] == "not final here"
    office.ledger.step(advised, (), advised=True, next_at=None, since=950.0)
    office.ledger.open_next("20261124", NEXT)
    office.hand_in(day=NEXT)
    (found,) = office.settle(NEXT, exit_code=1)["breaks"]
    assert (found["kind"], found["difference_minor"]) == ("missing there", 5000)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--day", "20261131"), "allowed: a day as YYYYMMDD"),
        (("--day", "20270101"), "no such business day; allowed: a day of the books, the newest is 20261122"),
        (("--day", DAY), f"{file_name(CORE, DAY)}: core has not handed in its file of that day"),
    ],
)
def test_a_day_or_a_file_that_is_not_there_is_one_line(office: Office, arguments: tuple[str, ...], words: str) -> None:
    done = office.say("settlement", "run", *arguments, "--files", str(office.files), "--out", str(office.out))
    assert done.exit_code in (1, 2)
    assert words in done.stderr


def test_a_file_that_was_cut_is_one_line_with_its_name_and_number(office: Office) -> None:
    office.hand_in(line(1, peer=POWER))
    path = office.files / file_name(POWER, DAY)
    path.write_bytes(path.read_bytes()[:150])
    done = office.say("settlement", "run", "--day", DAY, "--files", str(office.files), "--out", str(office.out))
    assert f"{path}: line 2: it does not end" in done.stderr


def test_who_reconciled_by_message_is_shown(office: Office) -> None:
    office.ledger.pay(5000)
    body = msgspec.msgpack.encode([DAY, "00000000123", "00000760001", "760", "2", "95", None, None, ["88"], 1.0])
    row = RegisterRow(MESSAGES, f"{DAY}|00000000123|00000760001|760", 1, body)
    broken = RegisterRow(MESSAGES, f"{DAY}|x", 1, b"\xc1")
    office.ledger.commit(Group(office.ledger.new_id(), registers=(row, broken)))
    found = office.read("settlement", "show", "--day", DAY)["messages"]
    assert found[0] == {"who": "00000000123", "currency": "760", "result": "out of balance", "differs": ["88"]}
    assert found[1]["result"] == "unreadable"


def test_tables_for_people_show_the_same(office: Office) -> None:
    one_missing_at_the_biller(office)
    office.say("settlement", "run", "--day", DAY, "--files", str(office.files), "--out", str(office.out))
    shown = office.say("settlement", "show", "--day", DAY, "--files", str(office.files)).stdout
    assert "missing there" in shown
    listed = office.say("disputes", "list").stdout
    assert only_case(office) in listed
    assert "none is known" not in office.say("disputes", "show", only_case(office)).stdout
    assert "no such case" in office.say("disputes", "show", f"{DAY}.0000000000").stderr
    assert "allowed: a case's id" in office.say("disputes", "show", "nonsense").stderr


def test_a_break_that_a_later_file_explains_moves_nothing_any_more(office: Office) -> None:
    payment = one_missing_at_the_biller(office)
    office.settle(exit_code=1)
    case = only_case(office)
    order(office, "take", case)
    late = replace(lines_of(payment)[1], day=NEXT)
    office.hand_in(late, day=NEXT)
    office.ledger.open_next("20261124", closes=NEXT)
    office.settle(NEXT)
    assert "nothing to move" in order(office, "resolve", case).stderr
    assert office.ledger.balance("biller:ELEC") == 5000
    assert order(office, "dismiss", case).exit_code == 0


def test_a_file_that_would_have_another_paid_is_refused(office: Office) -> None:
    office.ledger.pay(5000)
    office.ledger.open_next()
    office.hand_in(line(9, peer=POWER, payee="customer:1"))
    done = office.say("settlement", "run", "--day", DAY, "--files", str(office.files), "--out", str(office.out))
    assert "line 2, payee: allowed: biller:ELEC" in done.stderr


def test_a_core_that_acknowledged_what_a_dispute_gave_back_and_never_booked_it_is_found(office: Office) -> None:
    payment = one_missing_at_the_biller(office)
    office.settle(exit_code=1)
    case = only_case(office)
    order(office, "take", case)
    assert order(office, "resolve", case).exit_code == 0
    office.ledger.step(office.ledger.payment(payment.id), (), advised=True, next_at=None, since=900.0)
    office.ledger.open_next("20261124", closes=NEXT)
    office.hand_in(day=NEXT)
    (found,) = office.settle(NEXT, exit_code=1)["breaks"]
    assert (found["peer"], found["kind"], found["difference_minor"]) == (CORE, "missing there", 5000)
