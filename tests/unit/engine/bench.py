"""A bench for the engine: real books in a file, peers and channels that a test plays by hand, a clock it sets.

No network and no Trio: every call returns once everything that follows from it has happened.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.choices import Channel, KeyAlgorithm, KeyUse
from config.sections import LedgerSettings, ListenerSettings, Settings, SwitchSettings
from config.security_sections import KeySettings
from ledger.books import InlineBooks
from ledger.model import DAY_OPEN, Account, Advice, CurrencyTotals, Outcome, PaymentRow, Unavailable
from ledger.queries import DayTotals, ListDays
from ledger.scale import UNCHANGED, Scale
from ledger.store import Store
from simulators.keys import invented_keys
from switch.engine.engine import Engine
from switch.engine.ports import Peer, Tools
from switch.flow.days import BY_COMMAND, Calendar
from switch.flow.limits import Limit
from switch.flow.orders import ChangeDay, DayAction, Verdict
from switch.flow.pin_guesses import PinGuesses
from switch.flow.reply import Answered, Reply, Silent, Unreachable
from switch.flow.route import Route
from switch.flow.share import ALONE
from switch.flow.terms import Promises, Terms, Undo
from switch.net.ids import TimeOrderedIds
from switch.observe.counters import Counters
from switch.security.keys.ring import KeyRing
from switch.services.service import Bank, BillerFacts
from switch.wire.answer import answer_fields
from switch.wire.codes import ResponseCode
from switch.wire.dialect import Dialect, dialect_named
from switch.wire.message import Message

START = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC).timestamp()
DAY = "20261122"
WRONG_PINS_PAUSE_S = 600.0
REFUSALS = frozenset({"12", "13", "14", "40", "51", "54", "55", "57", "61", "62", "65", "75", "76", "80", "81"})
BEST = Promises(status_query=True, undo=Undo.REMEMBERED, refusals=REFUSALS)
CORE = Promises(undo=Undo.REMEMBERED, refusals=REFUSALS)
KEYS = {
    "storage": KeySettings(name="storage", use=KeyUse.STORAGE, algorithm=KeyAlgorithm.AES),
    "pin": KeySettings(name="pin", use=KeyUse.PIN, algorithm=KeyAlgorithm.TDES),
}
SETTINGS = Settings(
    switch=SwitchSettings(bank_prefixes=("100",)), ledger=LedgerSettings(database="", socket=""), keys=KEYS
)
PINS = invented_keys(SETTINGS).pins("pin")


class HandClock:
    """Stands still until it is moved."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def wall(self) -> float:
        return self.now

    def mono(self) -> float:
        return self.now


class HandPeer:
    """A peer whose questions pile up until the test answers them, the oldest first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ready = True
        self.asked: list[tuple[dict[str, str], Callable[[Reply], None]]] = []
        self._stan = 0

    def stamp(self) -> tuple[str, str]:
        self._stan += 1
        return f"{self._stan:06d}", "1122090000"

    def ask(self, fields: dict[str, str], timeout_s: float, done: Callable[[Reply], None]) -> None:
        self.asked.append((fields, done))

    @property
    def question(self) -> dict[str, str]:
        return self.asked[0][0]

    def say(self, code: str, **extra: str) -> Callable[[Reply], None]:
        """Answer the oldest question; what is returned hears a late answer too."""
        fields, done = self.asked.pop(0)
        more = {name.removeprefix("de"): value for name, value in extra.items()}
        answer = answer_fields(Message(fields), ResponseCode.APPROVED, language="en", business_date="1122", extra=more)
        answer["39"] = code
        done(Answered(Message(answer)))
        return done

    def fall_silent(self) -> Callable[[Reply], None]:
        _, done = self.asked.pop(0)
        done(Silent("no answer in time"))
        return done

    def be_unreachable(self) -> None:
        self.asked.pop(0)[1](Unreachable("not signed on"))


class HandExchange:
    """A channel's request; `answers` is what went back."""

    language = "ar"

    def __init__(self, request: Message, endpoint: ListenerSettings, connection: object, dialect: Dialect) -> None:
        self.request = request
        self.endpoint = endpoint
        self.connection = connection
        self.dialect = dialect
        self.answers: list[dict[str, str]] = []
        self.dropped = False

    def answer(self, fields: dict[str, str]) -> None:
        self.answers.append(fields)

    def drop(self) -> None:
        self.dropped = True

    @property
    def code(self) -> str | None:
        assert len(self.answers) <= 1, "a request is answered once"
        return self.answers[0]["39"] if self.answers else None


class FailingBooks(InlineBooks):
    """Books that a test can take away, or have hang."""

    away = False

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._held_up: list[tuple[Any, Callable[[Outcome], None]]] | None = None

    silent = False
    unreadable = False

    def ask(self, query: Any, done: Callable[[Any], None]) -> None:
        if self.unreadable:
            done(Unavailable("away"))
        elif not self.silent:
            super().ask(query, done)

    def submit(self, group: Any, done: Callable[[Outcome], None]) -> None:
        if self.away:
            done(Unavailable("away"))
        elif self._held_up is not None:
            self._held_up.append((group, done))
        else:
            super().submit(group, done)

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """What is submitted meanwhile is committed at the end, in its order."""
        self._held_up = []
        yield
        groups, self._held_up = self._held_up, None
        for group, done in groups:
            self.submit(group, done)


class Bench:
    """One switch engine with one core (`core`) and one biller, ELEC (`biller`)."""

    def __init__(
        self,
        tmp_path: Path,
        *,
        biller_promises: Promises = BEST,
        core_promises: Promises = CORE,
        limits: tuple[Limit, ...] = (),
        draw: Callable[[], float] = lambda: 0.0,
        wrong_pins_max: int = 1_000,
        calendar: Calendar = BY_COMMAND,
        day: str = DAY,
        now: float = START,
        scale: Scale = UNCHANGED,
    ) -> None:
        self.calendar = calendar
        self.clock = HandClock(now)
        self.scale = scale
        self.store = Store(str(tmp_path / "ledger.db"), self.clock.wall, day=day, synchronous="OFF")
        self.books = FailingBooks(self.store)
        self.core, self.biller = HandPeer("core"), HandPeer("power")
        self.dialect = dialect_named("iso87-ascii")
        self.keys = invented_keys(SETTINGS, self.clock.mono)
        self.counters = Counters()
        self.reports: list[str] = []
        self.told: list[dict[str, object]] = []  # what was said with each report
        self.wrong_pins_max = wrong_pins_max
        self.share = ALONE
        self.silent_about_totals: tuple[str, ...] = ()  # peers with `reconciles = false`
        self.promises = {"core": core_promises, "power": biller_promises}
        self.limits = limits
        self.draw = draw
        self.rng = random.Random(7)
        self.endpoint = ListenerSettings(
            name="mobile", channel=Channel.MOBILE, port=0, acquirers=("000123",), pin="pin"
        )
        self.machine = ListenerSettings(name="atm", channel=Channel.ATM, port=0, acquirers=("000123",), pin="pin")
        self.engine = self.start()

    def start(self) -> Engine:
        """A switch that begins (again) on these books."""
        peers = {
            "core": Peer("core", self.core, self.dialect, self.promises["core"], 12.0, "pin"),
            "power": Peer("power", self.biller, self.dialect, self.promises["power"], 8.0),
        }
        peers = {name: replace(peer, reconciles=name not in self.silent_about_totals) for name, peer in peers.items()}
        tools = Tools(
            bank=Bank(
                prefixes=("100",),
                currency="760",
                billers={"ELEC": BillerFacts("power", True), "GAS": BillerFacts("power", False)},
                routes=(Route("core"),),
            ),
            books=self.books,
            peers=peers,
            terms=lambda core, biller: Terms(self.promises[core], self.promises[biller or "power"]),
            ring=self.ring(),
            vault=self.keys.vault,
            clock=self.clock,
            ids=TimeOrderedIds(self.clock, self.rng, self.share),
            counters=self.counters,
            report=self._report,
            guesses=PinGuesses(self.wrong_pins_max, WRONG_PINS_PAUSE_S),
            limits=self.limits,
            answer_within_s=25.0,
            draw=self.draw,
            share=self.share,
            scale=self.scale,
            calendar=self.calendar,
        )
        self.engine = Engine(tools)
        self.engine.start(self.store.current_day(), lambda: None)
        return self.engine

    def ring(self) -> KeyRing:
        """Whose PIN blocks are translated at once."""
        return self.keys.security.ring

    def _report(self, event: str, **fields: object) -> None:
        self.reports.append(event)
        self.told.append(fields)

    def restart(self) -> None:
        """Kill the switch: its memory and its connections are gone, the books stay."""
        self.core.asked.clear()
        self.biller.asked.clear()
        self.start()

    def send(self, fields: dict[str, str], connection: object = None) -> HandExchange:
        endpoint = self.machine if fields.get("41", "").startswith("ATM") else self.endpoint
        exchange = HandExchange(Message(dict(fields)), endpoint, connection or self, self.dialect)
        self.engine.on_request(exchange)
        return exchange

    def wait(self, seconds: float) -> None:
        self.clock.now += seconds
        self.engine.sweep()

    def cut_over(self, day: str = "") -> Verdict:
        """By an operator's order."""
        return self._order_day(DayAction.CUTOVER, day)

    def close_day(self, day: str = "") -> Verdict:
        return self._order_day(DayAction.CLOSE, day)

    def _order_day(self, action: DayAction, day: str) -> Verdict:
        heard: list[Verdict] = []
        self.engine.day_changes.take(ChangeDay(action, "hala", "end of day", day), heard.append)
        (verdict,) = heard
        return verdict

    def open_days(self) -> list[str]:
        """The newest first."""
        return [one.day for one in self.store.answer(ListDays()) if one.state == DAY_OPEN]

    def totals(self, day: str = DAY) -> dict[str, tuple[int, int, int, int]]:
        """By heading: posted, how many; given back, how many."""
        found = self.store.answer(DayTotals(day))
        return {one.heading: (one.posted_minor, one.posted, one.back_minor, one.back) for one in found}

    @property
    def states(self) -> dict[str, int]:
        found: list[dict[str, int]] = []
        self.books.count_payments(found.append)  # type: ignore[arg-type]
        return found[0]

    def net_minor(self, account: str) -> int:
        """Posted credits less posted debits."""
        return self._account(account).balance_minor

    def held_minor(self, account: str) -> int:
        return self._account(account).debits_pending

    def _account(self, name: str) -> Account:
        found: list[list[Account]] = []
        self.books.accounts(found.append, name)  # type: ignore[arg-type]
        return next((account for account in found[0] if account.name == name), Account(name, "760"))

    def books_agree(self) -> bool:
        found: list[list[CurrencyTotals]] = []
        self.books.trial_balance(found.append)  # type: ignore[arg-type]
        return all(totals.balanced for totals in found[0])

    def advices_due(self) -> list[Advice]:
        found: list[list[Advice]] = []
        self.books.open_advices(found.append)  # type: ignore[arg-type]
        return found[0]

    def open_rows(self) -> list[PaymentRow]:
        found: list[list[PaymentRow]] = []
        self.books.open_payments(found.append)  # type: ignore[arg-type]
        return found[0]


def tags(*pairs: tuple[str, str]) -> str:
    return "".join(f"{tag}{len(value):03d}{value}" for tag, value in pairs)


SUBSCRIBER = ("01", "963900000001")
ENGLISH = ("02", "en")


def request(mti: str, code: str, stan: str, *pairs: tuple[str, str], **changes: str) -> dict[str, str]:
    """What every request carries, with these tags in field 48; `de102="…"` sets a data element."""
    fields = {
        "t": mti,
        "3": code,
        "7": "1122090000",
        "11": stan,
        "12": "120000",
        "13": "1122",
        "22": "012",
        "25": "00",
        "32": "000123",
        "37": f"REF{stan}ABC",
        "41": "GW000001",
        "42": "GATEWAY0000001 ",
    }
    if pairs:
        fields["48"] = tags(*pairs)
    return fields | {name.removeprefix("de"): value for name, value in changes.items()}


def bill_payment(stan: str = "000001", amount: int = 125_000, **changes: str) -> dict[str, str]:
    """0200/50: ELEC, from a customer's account."""
    money = {"de4": f"{amount:012d}", "de49": "760", "de98": "ELEC".ljust(25), "de102": "10000000000001"}
    pairs = (SUBSCRIBER, ENGLISH, ("03", "0001001"), ("04", "B-1"))
    return request("0200", "500000", stan, *pairs, **(money | changes))


def transfer(stan: str = "000002", amount: int = 50_000, **changes: str) -> dict[str, str]:
    """0200/40: one leg."""
    accounts = {"de102": "10000000000001", "de103": "10000000000002"}
    money = {"de4": f"{amount:012d}", "de49": "760"}
    return request("0200", "400000", stan, SUBSCRIBER, ENGLISH, **(accounts | money | changes))


def withdrawal(
    stan: str = "000003", amount: int = 100_000, pan: str = "4000000000000002", **changes: str
) -> dict[str, str]:
    card = {"de2": pan, "de35": f"{pan}=29121010000000000000", "de52": PINS.seal("1234", pan)}
    money = {"de4": f"{amount:012d}", "de49": "760", "de41": "ATM00001"}
    return request("0200", "010000", stan, **(card | money | changes))


def repeat_of(fields: dict[str, str], **changes: str) -> dict[str, str]:
    return fields | {"t": fields["t"][:3] + "1"} | {name.removeprefix("de"): value for name, value in changes.items()}


def reversal_of(original: dict[str, str], stan: str = "900001", **changes: str) -> dict[str, str]:
    """0400 with DE 90 as ISO lays it out."""
    kept = {de: value for de, value in original.items() if de not in ("35", "52", "48", "14")}
    ninety = f"0200{original['11']}{original['7']}{original['32'].zfill(11)}{'0' * 11}"
    own = {"t": "0400", "7": "1122090030", "11": stan, "90": ninety}
    return kept | own | {name.removeprefix("de"): value for name, value in changes.items()}
