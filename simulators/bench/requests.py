"""The requests that a bench makes: bill payments or balance enquiries without end, no two alike.

Rule: each is a patched copy under a new MAC (`patches`). STANs come round after a million, so a terminal makes no more
than that; the next million are another terminal's.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from itertools import count
from zoneinfo import ZoneInfo

from config.settings import Settings
from simulators.bench.patches import Place, Sealer, places
from simulators.channels.mobile_gateway import terminal
from simulators.channels.subscriber_requests import SubscriberRequest
from simulators.channels.terminal import Stamp, Terminal, stamp
from simulators.keys import KeyCase
from simulators.people.population import Account
from switch.wire.dialect import dialect_named

CUSTOMERS = 1_000
STANS = 1_000_000
AMOUNT_MINOR = 12_500
SUBSCRIBER, ACCOUNT, BILL = "963900000000", "10000000000001", "E0000000-00001"


class Asked(StrEnum):
    """What is asked for."""

    BILL = "bill"
    BALANCE = "balance"

    @property
    def macs(self) -> int:
        """Checked or made by the switch for one: two of each message pair."""
        return 6 if self is Asked.BILL else 4


def _bill(write: SubscriberRequest) -> dict[str, str]:
    return write.bill_payment(Account(ACCOUNT, "20", 0), "ELEC", "10000001", BILL, AMOUNT_MINOR)


def _balance(write: SubscriberRequest) -> dict[str, str]:
    return write.balance(Account(ACCOUNT, "20", 0))


_WRITE: dict[Asked, Callable[[SubscriberRequest], dict[str, str]]] = {Asked.BILL: _bill, Asked.BALANCE: _balance}


class Requests:
    """One channel's, by many customers in turn."""

    def __init__(self, settings: Settings, keys: KeyCase, asked: Asked = Asked.BILL) -> None:
        self._listener = next(iter(settings.listeners.values()))
        self._currency = settings.switch.currency
        self._zone = ZoneInfo(settings.switch.timezone)
        self._write = _WRITE[asked]
        self.envelope = keys.envelope(self._listener, dialect_named(self._listener.dialect))
        self.skip_to(1)

    def stamp(self) -> Stamp:
        return stamp(next(self._numbers) % STANS, datetime.now(UTC), self._zone)

    def skip_to(self, number: int) -> None:
        """Leave out the numbers before."""
        self._numbers = count(number)
        self.begin()

    def begin(self) -> None:
        """From here on they say that they were sent now."""
        number = next(self._numbers)
        self.terminal = self._terminal(number)
        at = stamp(number % STANS, datetime.now(UTC), self._zone)
        body = self.envelope.seal(self._write(SubscriberRequest(self.terminal, at, SUBSCRIBER)))
        self._sealer = Sealer(body, self.envelope)
        where = places(body, self.envelope)
        self._stan, self._reference = slice(*where["11"]), slice(where["37"][1] - 6, where["37"][1])
        self._account = _last(where["102"][1], 4)
        self._subscriber = _last(body.index(SUBSCRIBER.encode()) + len(SUBSCRIBER), 4)
        self._bill = _number_of_bill(body, where["48"])

    def next(self) -> tuple[bytes, bytes]:
        """The next request, framed, and its STAN, by which its answer is known."""
        number = next(self._numbers)
        if not number % STANS:
            self.begin()
        buffer = self._sealer.buffer
        stan, customer = b"%06d" % (number % STANS), b"%04d" % (number % CUSTOMERS)
        buffer[self._stan] = buffer[self._reference] = stan
        buffer[self._account] = buffer[self._subscriber] = customer
        if self._bill is not None:
            buffer[self._bill] = b"%07d" % number
        return self._sealer.sealed(), stan

    def _terminal(self, number: int) -> Terminal:
        return terminal(self._listener, 1 + number // STANS, self._currency)


def _last(end: int, length: int) -> slice:
    return slice(end - length, end)


def _number_of_bill(body: bytes, private: Place) -> slice | None:
    """The seven digits that tell one bill from another; an enquiry has none."""
    at = body.find(BILL.encode(), *private)
    return None if at < 0 else _last(at + 8, 7)
