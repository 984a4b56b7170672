"""Messages as a switch would send them to the core and the billers, and hosts on books in a test's directory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from config.settings import demo_path, load
from ledger.scale import UNCHANGED, Scale
from ledger.store import Store
from simulators.bank_core.card_desk import CardDesk
from simulators.bank_core.core import BankCore
from simulators.bank_core.state import CoreState
from simulators.biller.biller import Biller
from simulators.hosts.journal import Journal
from simulators.hosts.terms import Habits, Terms
from simulators.issuer.stripe import Stripe
from simulators.keys import invented_keys
from simulators.people.population import Card, Customer, Population, populate
from switch.wire import amounts, original, tlv
from switch.wire.dialect import dialect_named
from switch.wire.message import Message

NOON = dt.datetime(2026, 11, 22, 9, 0, 0, tzinfo=dt.UTC)
PINS = invented_keys(load(demo_path())).pins("core-pin")
SECRET = b"only for tests"
DIALECT = dialect_named("iso87-ascii")
STRIPE = Stripe(SECRET)
PEOPLE = populate(7, STRIPE, customers=12)

Fields = dict[str, str]


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> dt.datetime:
        return self.at


class Asker:
    """The switch's side of a link: stamps each question with a STAN of its own."""

    def __init__(self, answer: Callable[[Message], Fields | None]) -> None:
        self._answer = answer
        self._stan = 0
        self.asked: Message

    def ask(self, mti: str, code: str, *tags: tuple[str, str], **elements: str) -> Fields:
        answer = self.try_ask(mti, code, *tags, **elements)
        assert answer is not None
        return answer

    def try_ask(self, mti: str, code: str, *tags: tuple[str, str], **elements: str) -> Fields | None:
        """Elements are given as de2="…"; what every message carries is added."""
        self._stan += 1
        given = {name[2:]: value for name, value in elements.items()}
        fields = {
            "t": mti,
            "3": code.ljust(6, "0"),
            "7": f"{NOON:%m%d%H%M%S}",
            "11": f"{self._stan:06d}",
            "12": "120000",
            "13": "1122",
            "32": "760001",
            "37": f"REF{self._stan:09d}",
            "41": "GW000001",
            "42": "MERCHANT       ",
            "49": "760",
        }
        if tags:
            fields["48"] = tlv.build(tags)
        return self.send(fields | given)

    def send(self, fields: Fields) -> Fields | None:
        self.asked = Message(fields)
        return self._answer(self.asked)

    def repeat(self, message: Message, **changes: str) -> Fields:
        fields = message.fields | {"t": message.mti[:3] + "1"}
        answer = self.send(fields | {name[2:]: value for name, value in changes.items()})
        assert answer is not None
        return answer

    def reverse(self, message: Message, *, stands: int = 0, mti: str = "0420", **changes: str) -> Fields:
        kept = ("3", "4", "12", "13", "32", "37", "41", "42", "49", "98", "102", "103")
        self._stan += 1
        fields = {de: message[de] for de in kept if de in message} | {
            "t": mti,
            "7": f"{NOON:%m%d%H%M%S}",
            "11": f"{self._stan:06d}",
            "90": original.build(original.original_of(message)),
        }
        payment = message.tag("14")
        if payment:
            fields["48"] = tlv.build((("14", payment),))
        if stands:
            fields["95"] = amounts.build_replacement(stands)
        answer = self.send(fields | {name[2:]: value for name, value in changes.items()})
        assert answer is not None
        return answer


def open_core(
    path: Path, clock: Clock, people: Population = PEOPLE, scale: Scale = UNCHANGED
) -> tuple[BankCore, Store]:
    store = Store(path / "core.db", synchronous="OFF")
    journal = Journal(store, clock, dt.timezone(dt.timedelta(hours=3)), scale)
    state = CoreState(people, journal, CardDesk(PINS, SECRET), DIALECT.text_out)
    return BankCore(state, Terms(secret=SECRET)), store


def open_biller(
    path: Path,
    clock: Clock,
    codes: frozenset[str],
    habits: Habits = Habits(),  # noqa: B008 - frozen
    people: Population = PEOPLE,
    scale: Scale = UNCHANGED,
) -> tuple[Biller, Store]:
    store = Store(path / "biller.db", synchronous="OFF")
    journal = Journal(store, clock, dt.timezone(dt.timedelta(hours=3)), scale)
    return Biller(people, journal, codes, DIALECT.text_out, Terms(habits, secret=SECRET)), store


def pin_block(card: Card, pin: str | None = None) -> str:
    return PINS.seal(pin or card.pin, card.pan)


def code_block(code: str) -> str:
    return PINS.seal(code, None)


def n12(minor: int) -> str:
    return f"{minor:012d}"


def tags_of(answer: Fields) -> tlv.Pairs:
    return tlv.parse(answer.get("48", ""))


def special(name: str, key: str) -> str:
    return str(PEOPLE.special[name].how[key])


def rich() -> Customer:
    return PEOPLE.by_subscriber[special("open_bill", "subscriber")]
