"""New Year's Eve 2025: payments and reversals on both sides of the change, the switch with its real core and biller.

Whatever comes in whatever order, the books hold each amount of the wire times the units of the day on which it was
accepted, less what was given back of it, and the core and the biller hold the same.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.model import DAY_OPEN, Committed, DayChange, Group
from ledger.scale import Scale, whole
from ledger.store import Store
from simulators.bank_core.card_desk import CardDesk
from simulators.bank_core.core import BankCore
from simulators.bank_core.state import CoreState
from simulators.biller.biller import Biller
from simulators.demo.books_report import card_accounts, differences, net
from simulators.hosts.host import Host
from simulators.hosts.journal import Journal
from simulators.hosts.terms import Terms
from simulators.issuer.stripe import Stripe
from simulators.people.bills import Bill, BillStatus
from simulators.people.population import Population, populate
from switch.flow.reply import Answered, Reply, Silent
from switch.wire import amounts
from switch.wire.message import Message
from tests.unit.engine.bench import (
    PINS,
    Bench,
    HandExchange,
    HandPeer,
    bill_payment,
    repeat_of,
    reversal_of,
    transfer,
    withdrawal,
)

SCALE = Scale("20260101", 100, "20260630")
EVE, NEW_YEAR = "20251231", "20260101"
DAMASCUS = dt.timezone(dt.timedelta(hours=3))
EVENING = dt.datetime(2025, 12, 31, 23, 50, tzinfo=DAMASCUS)
SECRET = b"only for tests"
BILL_OLD_MINOR = 1_234_567_89
PEOPLE = populate(3, Stripe(SECRET), customers=4, today=EVENING.date())
ME = PEOPLE.ordinary[0]
OTHER = PEOPLE.ordinary[1]
CARD = ME.cards[0]
BILL = Bill(
    biller="ELEC",
    customer_number="0001001",
    bill_id="B-1",
    period="202511",
    due="20260301",
    amount_minor=BILL_OLD_MINOR // 100,
    least_minor=0,
    status=BillStatus.PART,
    amount_old_minor=BILL_OLD_MINOR,
)
TOWN = Population((ME, OTHER), (BILL,), {})


class AnsweringPeer(HandPeer):
    """A peer with a host behind it: it answers at once, or is silent once it has done what it was asked."""

    def __init__(self, name: str, host: Host) -> None:
        super().__init__(name)
        self.host = host
        self.mute = False

    def ask(self, fields: dict[str, str], timeout_s: float, done: Callable[[Reply], None]) -> None:
        answer = self.host.answer(Message(fields))
        if self.mute or answer is None:
            done(Silent("no answer in time"))
        else:
            done(Answered(Message(answer)))


class Night:
    """The switch, the core and the biller; the model is what an auditor would add up by hand."""

    def __init__(self, path: Path) -> None:
        self.bench = Bench(path, day=EVE, now=EVENING.timestamp(), scale=SCALE)
        self.core_store, core = self._store(path / "core.db")
        self.biller_store, biller = self._store(path / "biller.db")
        state = CoreState(TOWN, core, CardDesk(PINS, SECRET), str)
        self.core = AnsweringPeer("core", BankCore(state, Terms(secret=SECRET)))
        self.biller = AnsweringPeer("power", Biller(TOWN, biller, frozenset({"ELEC"}), str, Terms(secret=SECRET)))
        self.bench.core, self.bench.biller = self.core, self.biller
        self.bench.start()
        self.model: defaultdict[str, int] = defaultdict(int)
        self.sent: list[tuple[dict[str, str], int, int]] = []  # request, units, what stands of it in minor units
        self.stan = 0

    def _store(self, path: Path) -> tuple[Store, Journal]:
        store = Store(str(path), synchronous="OFF")
        return store, Journal(store, lambda: self.now.astimezone(dt.UTC), DAMASCUS, SCALE)

    @property
    def now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.bench.clock.now, DAMASCUS)

    @property
    def day(self) -> str:
        return self.bench.engine.day

    def close(self) -> None:
        for store in (self.bench.store, self.core_store, self.biller_store):
            store.close()

    # What may happen.

    def midnight(self) -> None:
        """The calendars of the channels, the core and the biller turn; the bank's business day does not yet."""
        self.bench.clock.now = max(self.bench.clock.now, EVENING.timestamp() + 660)

    def cut_over(self) -> None:
        """The bank's business day turns."""
        change = Group(b"cutover".ljust(16), days=(DayChange(NEW_YEAR, DAY_OPEN),))
        assert isinstance(self.bench.store.apply_groups([change])[0], Committed)
        self.bench.start()

    def transfer(self, minor: int) -> None:
        accounts = {"de102": ME.accounts[0].number, "de103": OTHER.accounts[0].number}
        asked = transfer(self._next(), minor, de3="420000", **accounts, **self._stamped())
        self._pay(self._by(asked), f"customer:{OTHER.accounts[0].number}")

    def bill(self, minor: int) -> None:
        asked = bill_payment(self._next(), minor, de102=ME.accounts[0].number, **self._stamped())
        self._pay(self._by(asked), "biller:ELEC")

    def cash(self, minor: int) -> None:
        pan, sealed = CARD.pan, PINS.seal(CARD.pin, CARD.pan)
        asked = withdrawal(self._next(), minor, pan, de35=CARD.track2, de52=sealed, **self._stamped())
        self._pay(asked, "atm:ATM00001")

    def undo(self, which: int, share: float) -> None:
        """Of a withdrawal perhaps a part, of all else the whole: 0400 says what stands in the original's digits."""
        if not self.sent:
            return
        self.biller.mute = False
        request, units, stands = self.sent[which % len(self.sent)]
        minor = int(request["4"])
        left = int(minor * share) if request["3"].startswith("01") else 0
        told = {"de95": amounts.build_replacement(left)} if left else {}
        reversal = reversal_of(request, self._next(), de7=self._stamped()["de7"], **told)
        asked = self._send(reversal)
        if asked.code == "09":  # the biller's word first
            asked = self._send(repeat_of(reversal))
        if asked.code != "00":
            assert (asked.code, stands) == ("94", left) or stands != minor, "a first reversal is carried out"
        elif stands == minor:
            self._book(request, -(minor - left) * units)
            self.sent[which % len(self.sent)] = (request, units, left)

    def again(self, which: int) -> None:
        """A repeat moves nothing, and hears what the original heard."""
        if self.sent:
            request, units, _ = self.sent[which % len(self.sent)]
            answer = self._send(repeat_of(request)).answers[0]
            assert answer["4"] == request["4"]
            assert (answer["15"] == NEW_YEAR[4:]) is (units == 100)

    def biller_falls_silent(self) -> None:
        self.biller.mute = True

    def biller_speaks(self) -> None:
        self.biller.mute = False

    def _pay(self, request: dict[str, str], to: str) -> None:
        clear = (self.day >= NEW_YEAR) is (f"{self.now:%Y%m%d}" >= NEW_YEAR)
        units = SCALE.units(self.day)
        before = self.core_store_balance()
        asked = self._send(request)
        if not clear:
            assert asked.code == "90"
            return
        if asked.code == "09":
            self.biller.mute = False
            self.bench.wait(5.0)
            asked = self._send(repeat_of(request))
        assert asked.code == "00" or (to == "biller:ELEC" and asked.code == "13"), asked.code
        if asked.code == "00":
            self.sent.append((request, units, int(request["4"])))
            self._book(request, int(request["4"]) * units)
            balance = amounts.parse_balances(asked.answers[0]["54"])[0]
            assert balance.amount_minor == whole(before - int(request["4"]) * units, units)

    def _book(self, request: dict[str, str], minor: int) -> None:
        kind = request["3"][:2]
        account = f"customer:{ME.accounts[0].number}"
        other = {"42": f"customer:{OTHER.accounts[0].number}", "50": "biller:ELEC", "01": "atm:ATM00001"}[kind]
        self.model[account] -= minor
        self.model[other] += minor

    def core_store_balance(self) -> int:
        return self.core.host.journal.balance(f"customer:{ME.accounts[0].number}")

    def _send(self, request: dict[str, str]) -> HandExchange:
        asked = self.bench.send(request)
        if asked.code is None:
            self.bench.wait(30.0)
        return asked

    def _by(self, request: dict[str, str]) -> dict[str, str]:
        return request | {"48": request["48"].replace("963900000001", ME.subscriber)}

    def _next(self) -> str:
        self.stan += 1
        return f"{self.stan:06d}"

    def _stamped(self) -> dict[str, str]:
        utc = self.now.astimezone(dt.UTC)
        return {"de7": f"{utc:%m%d%H%M%S}", "de12": f"{self.now:%H%M%S}", "de13": f"{self.now:%m%d}"}

    # What must be true.

    def check(self) -> None:
        names = card_accounts(self.bench.keys.vault, TOWN)
        ours = net(self.bench.store.answer, names)
        assert ours == {name: minor for name, minor in self.model.items() if minor}
        assert differences(ours, net(self.core_store.answer), {"power": net(self.biller_store.answer)}) == []
        assert self.bench.books_agree()
        assert not self.bench.open_rows()


# Old amounts that are no whole new unit are the interesting ones.
AMOUNTS = st.integers(min_value=1, max_value=99_999)
HAPPENINGS = st.one_of(
    st.tuples(st.just(Night.transfer), AMOUNTS),
    st.tuples(st.just(Night.bill), AMOUNTS),
    st.tuples(st.just(Night.cash), AMOUNTS),
    st.tuples(st.just(Night.undo), st.integers(0, 9), st.sampled_from([0.0, 0.3, 0.99])),
    st.tuples(st.just(Night.again), st.integers(0, 9)),
    st.tuples(st.just(Night.biller_falls_silent)),
    st.tuples(st.just(Night.biller_speaks)),
)
TURNS = st.permutations([Night.midnight, Night.cut_over])


@settings(max_examples=50, deadline=None)
@given(st.lists(HAPPENINGS, max_size=8), st.lists(HAPPENINGS, max_size=4), st.lists(HAPPENINGS, max_size=8), TURNS)
def test_what_is_given_back_across_the_change_is_what_was_taken_and_all_books_agree(
    evening: list[tuple[Callable[..., None], ...]],
    between: list[tuple[Callable[..., None], ...]],
    morning: list[tuple[Callable[..., None], ...]],
    turns: list[Callable[[Night], None]],
) -> None:
    with TemporaryDirectory() as directory:
        night = Night(Path(directory))
        for happenings, turn in ((evening, turns[0]), (between, turns[1]), (morning, None)):
            for happen, *given_ in happenings:
                happen(night, *given_)
            if turn is not None:
                turn(night)
        night.biller.mute = False
        night.bench.wait(600.0)
        night.bench.wait(600.0)
        night.check()
        night.close()
