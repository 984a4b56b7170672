"""Statements and long lists through the whole switch, with the real core and biller behind it, in every dialect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger.store import Store
from simulators.bank_core.card_desk import CardDesk
from simulators.bank_core.core import BankCore
from simulators.bank_core.state import CoreState
from simulators.biller.biller import Biller
from simulators.hosts.host import Host
from simulators.hosts.journal import Journal
from simulators.hosts.terms import Terms
from simulators.issuer.stripe import Stripe
from simulators.people.bills import Bill
from simulators.people.customers import Customer
from simulators.people.population import Population, populate
from switch.flow.reply import Answered, Reply
from switch.wire import tlv
from switch.wire.dialect import Dialect, dialect_named
from switch.wire.framing import FRAME_SIZE_MAX
from switch.wire.message import Message
from tests.unit.engine.bench import PINS, START, Bench, HandExchange, HandPeer, request, transfer, withdrawal

SECRET = b"only for tests"
DAY, YESTERDAY, TOMORROW = "20261122", "20261121", "20261123"
PEOPLE = populate(3, Stripe(SECRET), customers=4)
ME, OTHER = PEOPLE.ordinary[:2]
MINE, THEIRS = ME.accounts[0].number, OTHER.accounts[0].number
BILL = Bill("ELEC", f"1{1:07d}", "E0000001-00001", "202610", "20270122", 1_000, 1_000)
BILLS = tuple(replace(BILL, bill_id=f"E0000001-{number:05d}") for number in range(1, 40))
LONG_NAME = "عبد الرحمن محمد نور الدين الحمصي الدمشقي"
DIALECTS = [
    *((name, "utf-8") for name in ("iso87-ascii", "iso87-binary", "iso87-bcd")),
    *(("iso87-ascii", "cp1256"), ("iso87-ebcdic", "cp500")),
]


class AnsweringPeer(HandPeer):
    def __init__(self, name: str, host: Callable[[], Host], dialect: Dialect) -> None:
        super().__init__(name)
        self._host = host
        self._dialect = dialect

    def ask(self, fields: dict[str, str], timeout_s: float, done: Callable[[Reply], None]) -> None:
        """By the bytes of its own dialect, as over a line."""
        answer = self._host().answer(self._dialect.decode(self._dialect.encode(fields)))
        assert answer is not None
        done(Answered(self._dialect.decode(self._dialect.encode(answer))))


class Town:
    """`dialect` is the channel's, `theirs` the core's and the biller's."""

    def __init__(self, path: Path, dialect: Dialect, theirs: Dialect) -> None:
        self.bench = Bench(path)
        self.path, self.theirs = path, theirs
        people = (replace(ME, index=1, name=LONG_NAME), *PEOPLE.customers[1:])
        self.population = Population(people, BILLS, {})
        self.stores: list[Store] = []
        self.core, self.biller = self._hosts()
        self.bench.dialect = theirs
        self.bench.core = AnsweringPeer("core", lambda: self.core, theirs)
        self.bench.biller = AnsweringPeer("power", lambda: self.biller, theirs)
        self.bench.endpoint = replace(self.bench.endpoint, charset=dialect.charset)
        self.bench.machine = replace(self.bench.machine, charset=dialect.charset)
        self.bench.start()
        self.bench.dialect = dialect
        self.dialect = dialect
        self.stan = 0

    def _hosts(self) -> tuple[Host, Host]:
        for store in self.stores:
            store.close()
        self.stores = [Store(str(self.path / name), synchronous="OFF") for name in ("core.db", "biller.db")]
        core, biller = (Journal(store, self.now, dt.UTC) for store in self.stores)
        desk, terms, text = CardDesk(PINS, SECRET), Terms(secret=SECRET), self.theirs.text_out
        state = CoreState(self.population, core, desk, text)
        return BankCore(state, terms), Biller(self.population, biller, frozenset({"ELEC"}), text, terms)

    def restart_peers(self) -> None:
        self.core, self.biller = self._hosts()

    def now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.bench.clock.now, dt.UTC)

    def close(self) -> None:
        for store in (self.bench.store, *self.stores):
            store.close()

    def send(self, fields: dict[str, str]) -> Message:
        """What comes back, by the bytes of the channel's dialect."""
        asked = self.bench.send(fields)
        assert isinstance(asked, HandExchange)
        (answer,) = asked.answers
        body = self.dialect.encode(answer)
        assert len(body) <= FRAME_SIZE_MAX
        return self.dialect.decode(body)

    def move(self, count: int) -> None:
        for minor in range(100, 100 + count):
            accounts = {"de102": MINE, "de103": THEIRS}
            asked = transfer(self._next(), minor, de3="420000", **accounts)
            asked["48"] = tlv.build([("01", ME.subscriber)])
            assert self.send(asked).response_code == "00"

    def statement(
        self, token: str | None = None, *, first: str = DAY, last: str = DAY, of: Customer = ME, account: str = MINE
    ) -> Message:
        tags = (("01", of.subscriber), ("10", first), ("11", last), *([("13", token)] if token is not None else []))
        return self.send(request("0100", "350000", self._next(), *tags, de102=account))

    def bills(self, token: str | None = None) -> Message:
        tags = (("01", ME.subscriber), ("03", BILL.customer_number), *([("13", token)] if token is not None else []))
        return self.send(request("0100", "320000", self._next(), *tags, de98="ELEC".ljust(25)))

    def _next(self) -> str:
        self.stan += 1
        return f"{self.stan:06d}"


@pytest.fixture(params=DIALECTS, ids="-".join)
def town(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Town]:
    made = Town(tmp_path, dialect_named(*request.param), dialect_named("iso87-ascii"))
    yield made
    made.close()


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path, dialect_named("iso87-ascii"), dialect_named("iso87-ascii"))
    yield made
    made.close()


def lines_of(answer: Message) -> list[str]:
    return [value for tag, value in answer.tags if tag == "08"]


def token_of(answer: Message) -> str | None:
    return answer.tag("13")


def read_all(town: Town, *, first: str = DAY, last: str = DAY) -> tuple[list[str], int]:
    lines: list[str] = []
    token, pages = None, 0
    while True:
        answer = town.statement(token, first=first, last=last)
        assert answer.response_code == "00"
        lines, pages, token = lines + lines_of(answer), pages + 1, token_of(answer)
        if token is None:
            return lines, pages


def test_a_statement_of_many_pages_has_every_line_once_newest_first(town: Town) -> None:
    town.move(50)
    lines, pages = read_all(town)
    amounts = [int(line.split("|")[2]) for line in lines]
    assert amounts[:-1] == list(range(149, 99, -1))
    assert lines[-1].endswith("opening|")
    assert pages >= 3


def test_what_is_posted_between_two_pages_neither_repeats_nor_hides_a_line(plain: Town) -> None:
    plain.move(30)
    first = plain.statement()
    plain.move(5)
    plain.restart_peers()
    second = plain.statement(token_of(first))
    seen = lines_of(first) + lines_of(second)
    assert len(seen) == len(set(seen)) == 31


@pytest.mark.parametrize("count", range(13, 21))
def test_a_page_that_holds_the_last_line_has_no_token(plain: Town, count: int) -> None:
    """Whatever the number of lines: also where the last one fits, and a token beside it would not."""
    plain.move(count)
    answer = plain.statement()
    left = count + 1 - len(lines_of(answer))
    assert (token_of(answer) is None) is (left == 0)
    if left:
        rest = plain.statement(token_of(answer))
        assert (len(lines_of(rest)), token_of(rest)) == (left, None)


def test_both_days_of_a_period_belong_to_it(plain: Town) -> None:
    plain.move(1)
    plain.bench.clock.now += 86_400
    plain.bench.cut_over()
    plain.move(1)
    assert len(read_all(plain, first=DAY, last=TOMORROW)[0]) == 3
    assert [line[:8] for line in read_all(plain, first=TOMORROW, last=TOMORROW)[0]] == [TOMORROW]
    assert {line[:8] for line in read_all(plain, first=YESTERDAY, last=DAY)[0]} == {DAY}


def test_a_period_without_a_line_is_empty_and_approved(town: Town) -> None:
    answer = town.statement(first="20200101", last="20200131")
    assert (answer.response_code, answer.get("48")) == ("00", None)


def test_a_period_that_ends_before_it_begins_is_30(town: Town) -> None:
    answer = town.statement(first=DAY, last=YESTERDAY)
    assert answer.response_code == "30"
    assert (answer.get("63") or "").endswith("(48.11)")


@pytest.mark.parametrize(("first", "last", "place"), [("2026112", DAY, "48.10"), (DAY, "20261301", "48.11")])
def test_a_day_that_is_none_is_30(plain: Town, first: str, last: str, place: str) -> None:
    answer = plain.statement(first=first, last=last)
    assert (answer.response_code, (answer.get("63") or "")[-7:]) == ("30", f"({place})")


def test_a_token_opens_nothing_but_the_list_it_was_given_for(plain: Town) -> None:
    plain.move(30)
    token = token_of(plain.statement())
    assert token is not None
    mine = set(lines_of(plain.statement()))
    refused = [
        plain.statement(token, of=OTHER, account=THEIRS),
        plain.statement(token, of=OTHER),
        plain.statement(token, first=YESTERDAY),
        plain.statement(token, last=TOMORROW),
        plain.bills(token),
    ]
    assert [answer.response_code for answer in refused] == ["12", "57", "12", "12", "12"]
    assert not any(lines_of(answer) for answer in refused)
    assert mine.isdisjoint(lines_of(plain.statement(of=OTHER, account=THEIRS)))


def test_a_forged_token_is_12_and_says_nothing(plain: Town) -> None:
    plain.move(30)
    token = token_of(plain.statement())
    assert token is not None
    for at in range(0, len(token), 7):
        forged = token[:at] + ("0" if token[at] != "0" else "1") + token[at + 1 :]
        answer = plain.statement(forged)
        assert (answer.response_code, answer.get("48")) == ("12", None)
    for broken in (token[:-1], token + "0", "x", "0" * 64, "~" * 200):
        assert plain.statement(broken).response_code == "12"
    for malformed in ("", "x" * 201, "\x1f"):
        assert plain.statement(malformed).response_code == "30"


def test_a_token_is_good_for_fifteen_minutes_and_a_restart(plain: Town) -> None:
    plain.move(30)
    token = token_of(plain.statement())
    plain.bench.clock.now = START + 900
    plain.restart_peers()
    assert plain.statement(token).response_code == "00"
    assert plain.statement(token).response_code == "00", "under a new STAN, as often as it is asked"
    plain.bench.clock.now = START + 901
    assert plain.statement(token).response_code == "12"


def test_a_mini_statement_is_the_ten_newest_by_account_and_by_card(town: Town) -> None:
    town.move(12)
    by_account = town.send(request("0100", "380000", "900001", ("01", ME.subscriber), de102=MINE))
    card = ME.cards[0]
    asked = withdrawal("900002", 0, card.pan, de3="380000", de52=PINS.seal(card.pin, card.pan))
    by_card = town.send({de: value for de, value in asked.items() if de not in ("4", "35", "49")})
    assert [int(line.split("|")[2]) for line in lines_of(by_account)] == list(range(111, 101, -1))
    assert lines_of(by_card) == lines_of(by_account)
    assert token_of(by_account) is token_of(by_card) is None


@pytest.mark.parametrize("theirs", [("iso87-ascii", "cp1256"), ("iso87-bcd", "utf-8")], ids="-".join)
@pytest.mark.parametrize("ours", DIALECTS, ids="-".join)
def test_a_full_page_fits_in_every_alphabet_and_only_the_name_gives_way(
    tmp_path: Path, ours: tuple[str, str], theirs: tuple[str, str]
) -> None:
    """In UTF-8 an Arabic letter takes two bytes, in cp1256 one: the page that was full at the biller grows here."""
    town = Town(tmp_path, dialect_named(*ours), dialect_named(*theirs))
    seen: list[str] = []
    token = None
    while True:
        answer = town.bills(token)
        assert answer.response_code == "00"
        assert len(answer["48"]) <= tlv.FIELD_MAX
        seen += [value.partition("|")[0] for tag, value in answer.tags if tag == "05"]
        name = town.dialect.text_in(answer.tag("06") or "")
        if ours[1] != "cp500":
            assert LONG_NAME.startswith(name)
            assert len(name) > 12
        token = token_of(answer)
        if token is None:
            break
    assert seen == [bill.bill_id for bill in BILLS]
    town.close()
