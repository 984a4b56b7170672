"""Draws a day's traffic from a seed: who comes through which channel, and what for.

Rule: pure. The same seed, population and number of payments give the same plan. Activation comes first, every
channel's first visitor asks for one of everything, and exactly the wanted number of payments is planned that should
succeed; what is plainly refused comes on top. A part of the population is left out of every plan (`reserved`), for
whoever wants to try the switch by hand afterwards.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count, cycle

from simulators.channels.errands import (
    Activate,
    Balance,
    CardBalance,
    CardErrand,
    CardMiniStatement,
    ChangePin,
    MiniStatement,
    MobileErrand,
    Owner,
    PayBill,
    PayLoan,
    Service,
    Statement,
    Transfer,
    Visit,
    Withdraw,
)
from simulators.channels.refused import REFUSALS
from simulators.people.population import RENEWING, UNIVERSITY, BillStatus, Customer, Population, customer_number

PAYMENTS_LEAST = 20  # one whole deck
CUSTOMERS_LEAST = 120
PAYMENTS_PER_CUSTOMER = 20
RESERVED_EVERY = 5, 12  # every fifth customer is left out of traffic, and every twelfth: half of the not activated
WEB_EVERY = 4  # every fourth comes through the website
REFUSED_EVERY = 25  # one request more in so many payments that is plainly refused
JAM_EVERY = 8  # of so many withdrawals one goes wrong: in turn half of the notes come out, or none
REGRET_EVERY = 8  # of so many transfers to others one is cancelled
IMPATIENCE_EVERY = 32  # of so many bills one is paid again
PARTS_BEFORE_THE_REST = 3
NOTE_MINOR = 10_000  # the smallest note of the demo's machines: 100 pounds

# Half of the payments are bills. A deck is dealt to its end before the next one is shuffled.
DECK: tuple[Service | str, ...] = (
    *("ELEC", "ELEC", "WATER", "WATER", "TEL", "TEL", "MOBILE1", "MOBILE2", UNIVERSITY, UNIVERSITY),
    *(Service.TRANSFER_OTHER,) * 3,
    *(Service.TRANSFER_OWN,) * 2,
    *(Service.PAY_LOAN,) * 2,
    *(Service.WITHDRAWAL,) * 3,
)


@dataclass(frozen=True)
class Plan:
    """The visits of each channel, one a customer; the customers of `mobile` and `web` are different people."""

    mobile: tuple[Visit[MobileErrand], ...]
    web: tuple[Visit[MobileErrand], ...]
    atm: tuple[Visit[CardErrand], ...]


def customers_for(payments: int) -> int:
    """How large a population `payments` need, so that nobody pays all day."""
    return CUSTOMERS_LEAST + payments // PAYMENTS_PER_CUSTOMER


def reserved(population: Population) -> tuple[Customer, ...]:
    """The ordinary customers that no plan touches, nor their bills."""
    return tuple(c for c in population.ordinary if is_reserved(c))


def is_reserved(customer: Customer) -> bool:
    return any(customer.index % every == 0 for every in RESERVED_EVERY)


def plan(population: Population, seed: int, payments: int, today: date) -> Plan:
    """Visits with `payments` payments in all that should succeed, and some requests that should not."""
    return _Planner(population, seed, today).plan(payments)


@dataclass
class _Person:
    """One customer while the plan is being drawn: what they come for, and the bills they still have."""

    customer: Customer
    bills: dict[str, Iterator[PayBill]]
    by_phone: list[MobileErrand] = field(default_factory=list)
    by_card: list[CardErrand] = field(default_factory=list)

    @property
    def uses_web(self) -> bool:
        return self.customer.index % WEB_EVERY == 0


class _Planner:
    def __init__(self, population: Population, seed: int, today: date) -> None:
        self._random = random.Random(f"{seed}:traffic")
        self._population = population
        self._days = f"{today - timedelta(days=30):%Y%m%d}", f"{today:%Y%m%d}"
        self._people = [self._person(c) for c in population.ordinary if not is_reserved(c)]
        self._savers = [p for p in self._people if len(p.customer.accounts) > 1]
        self._billed = {kind: list(self._people) for kind in DECK if not isinstance(kind, Service)}
        self._debtors = [p for p in self._people if p.customer.loans]
        self._withdrawals, self._transfers, self._bills_paid = count(1), count(1), count(1)
        self._draw: dict[Service | str, Callable[[], None]] = {
            Service.TRANSFER_OTHER: self._transfer_other,
            Service.TRANSFER_OWN: self._transfer_own,
            Service.PAY_LOAN: self._pay_loan,
            Service.WITHDRAWAL: self._withdraw,
        }

    def plan(self, payments: int) -> Plan:
        for web in (False, True):
            self._one_of_everything(next(p for p in self._people if p.uses_web is web))
        refusals = cycle(REFUSALS)
        for number, kind in zip(range(payments), self._deal(), strict=False):
            draw = self._draw.get(kind)
            draw() if draw else self._pay_bill(str(kind))
            if number % REFUSED_EVERY == 0:
                person = self._anyone()
                person.by_phone.append(next(refusals)(person.customer, self._anyone().customer))
        return Plan(
            tuple(Visit(p.customer, tuple(p.by_phone)) for p in self._people if p.by_phone and not p.uses_web),
            tuple(Visit(p.customer, tuple(p.by_phone)) for p in self._people if p.by_phone and p.uses_web),
            tuple(Visit(p.customer, tuple(p.by_card)) for p in self._people if p.by_card),
        )

    def _deal(self) -> Iterator[Service | str]:
        while True:
            yield from self._random.sample(DECK, len(DECK))

    def _anyone(self) -> _Person:
        return self._random.choice(self._people)

    def _amount(self) -> int:
        return self._random.randrange(1_000, 200_000)

    def _person(self, customer: Customer) -> _Person:
        """Activation comes first, where the subscriber still has to."""
        billers = sorted(str(kind) for kind in DECK if not isinstance(kind, Service))
        person = _Person(customer, {biller: self._payable(customer, biller) for biller in billers})
        if not customer.activated:
            person.by_phone.append(Activate(customer.accounts[0], customer.activation_code))
        return person

    def _payable(self, customer: Customer, biller: str) -> Iterator[PayBill]:
        """The payments that this customer can make there, in an order in which each succeeds."""
        number, account = customer_number(biller, customer.index), customer.accounts[0]
        for bill in self._population.bills_by_number.get((biller, number), ()):
            while biller in RENEWING:
                yield PayBill(account, biller, number, "")
            if bill.status is BillStatus.PART:
                yield from (PayBill(account, biller, number, bill.bill_id, part=True),) * PARTS_BEFORE_THE_REST
            yield PayBill(account, biller, number, bill.bill_id)

    def _one_of_everything(self, person: _Person) -> None:
        """Every service that moves no money."""
        account, card = person.customer.accounts[0], person.customer.cards[0]
        person.by_phone += [Balance(account), MiniStatement(account), Statement(account, *self._days)]
        person.by_phone.append(Owner(self._anyone().customer.accounts[0].number))
        person.by_card += [CardBalance(card), CardMiniStatement(card)]
        person.by_card.append(ChangePin(card, f"{self._random.randrange(10**4):04d}"))

    def _look_around(self, person: _Person) -> None:
        """What many do before they pay."""
        account = self._random.choice(person.customer.accounts)
        chance = self._random.random()
        if chance < 0.15:
            person.by_phone.append(Balance(account))
        elif chance < 0.25:
            person.by_phone.append(MiniStatement(account))
        elif chance < 0.30:
            person.by_phone.append(Statement(account, *self._days))

    def _pay_bill(self, biller: str) -> None:
        person, errand = self._someone_with_a_bill(biller)
        self._look_around(person)
        impatient = next(self._bills_paid) % IMPATIENCE_EVERY == 0 and errand.bill_id and not errand.part
        person.by_phone.append(replace(errand, twice=bool(impatient)))

    def _someone_with_a_bill(self, biller: str) -> tuple[_Person, PayBill]:
        """Anybody who has one left there; where nobody has, at a biller whose bills never end."""
        people = self._billed[biller]
        while people:
            person = self._random.choice(people)
            errand = next(person.bills[biller], None)
            if errand is not None:
                return person, errand
            people.remove(person)
        return self._someone_with_a_bill(min(RENEWING))

    def _transfer_other(self) -> None:
        person, other = self._random.sample(self._people, 2)
        target = self._random.choice(other.customer.accounts).number
        source = self._random.choice(person.customer.accounts)
        regret = next(self._transfers) % REGRET_EVERY == 1
        person.by_phone += [Owner(target), Transfer(source, target, self._amount(), own=False, cancelled=regret)]

    def _transfer_own(self) -> None:
        person = self._random.choice(self._savers)
        source, target = self._random.sample(person.customer.accounts, 2)
        self._look_around(person)
        person.by_phone.append(Transfer(source, target.number, self._amount(), own=True))

    def _pay_loan(self) -> None:
        person = self._random.choice(self._debtors)
        person.by_phone.append(PayLoan(person.customer.accounts[0], person.customer.loans[0]))

    def _withdraw(self) -> None:
        person = self._anyone()
        card, number = person.customer.cards[0], next(self._withdrawals)
        notes = 2 * self._random.randrange(1, 20)
        paid_out = {1: notes // 2, JAM_EVERY + 1: 0}.get(number % (2 * JAM_EVERY), notes)
        if self._random.random() < 0.2:
            person.by_card.append(CardBalance(card))
        kind = self._random.choice(card.accounts).kind
        mistyped = number % 50 == 2
        person.by_card.append(Withdraw(card, kind, notes * NOTE_MINOR, paid_out * NOTE_MINOR, mistyped))
