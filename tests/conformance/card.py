"""What is on the card that the demo prints: where to connect, with which keys, and who there is.

Rule: reading only. What a card leaves out gets the default of the wire; lending is for `pools`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM, and the name that the switch's certificate must have."""

    authorities: str
    certificate: str
    key: str
    server_name: str


@dataclass(frozen=True, slots=True)
class Listener:
    """One endpoint of the switch; MAC and PIN keys and TLS are None where it has none."""

    name: str
    host: str
    port: int
    channel: str
    framing: str
    dialect: str
    charset: str
    mac_algorithm: str
    mac_padding: int
    mac_key: bytes | None
    pin_key: bytes | None
    acquirer: str
    terminals: tuple[str, ...]
    merchant: str
    language: str
    tls: Tls | None = None
    kek: bytes | None = None


@dataclass(frozen=True, slots=True)
class Account:
    number: str
    type: str
    balance_minor: int = 0


@dataclass(frozen=True, slots=True)
class Loan:
    account: str
    bill_id: str
    amount_minor: int
    least_minor: int


@dataclass(frozen=True, slots=True)
class Subscriber:
    number: str
    name: str
    activated: bool
    activation_code: str
    activation_blocks: Mapping[str, str]
    accounts: tuple[Account, ...]
    loans: tuple[Loan, ...]


@dataclass(frozen=True, slots=True)
class Plastic:
    """A payment card ("card" alone is the JSON object)."""

    pan: str
    pin: str
    track2: str
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Bill:
    biller: str
    customer_number: str
    bill_id: str
    amount_minor: int
    least_minor: int
    status: str


def listener_of(entry: Entry) -> Listener:
    mac = entry.get("mac") or {}
    return Listener(
        name=entry["name"],
        host=entry["host"],
        port=entry["port"],
        channel=entry.get("channel", ""),
        framing=entry.get("framing", "length2"),
        dialect=entry["dialect"],
        charset=entry.get("charset", "utf-8"),
        mac_algorithm=mac.get("algorithm", ""),
        mac_padding=mac.get("padding", 1),
        mac_key=_key(mac.get("key")),
        pin_key=_key(entry.get("pin_key")),
        acquirer=entry["acquirer"],
        terminals=tuple(_terminal(pattern) for pattern in entry["terminals"]),
        merchant=entry.get("merchant", "BARADA"),
        language=entry.get("language", "ar"),
        tls=Tls(**entry["tls"]) if entry.get("tls") else None,
        kek=_key((entry.get("kek") or {}).get("key")),
    )


def _key(text: str | None) -> bytes | None:
    return bytes.fromhex(text) if text else None


def _terminal(pattern: str) -> str:
    """A name ending in a star stands for every terminal that starts so: one of them."""
    return pattern[:-1].ljust(7, "0") + "1" if pattern.endswith("*") else pattern


def _account(entry: Entry) -> Account:
    return Account(entry["number"], entry.get("type", "00"), entry.get("balance_minor", 0))


def subscriber_of(entry: Entry) -> Subscriber:
    return Subscriber(
        number=entry["number"],
        name=entry["name"],
        activated=entry["activated"],
        activation_code=entry.get("activation_code", ""),
        activation_blocks=entry.get("activation_blocks") or {},
        accounts=tuple(_account(account) for account in entry["accounts"]),
        loans=tuple(
            Loan(loan["account"], loan["bill_id"], loan["amount_minor"], loan["least_minor"])
            for loan in entry.get("loans", ())
        ),
    )


def plastic_of(entry: Entry) -> Plastic:
    accounts = tuple(_account(account) for account in entry.get("accounts", ()))
    return Plastic(entry["pan"], entry["pin"], entry["track2"], accounts)


def bill_of(entry: Entry) -> Bill:
    return Bill(
        biller=entry["biller"],
        customer_number=entry["customer_number"],
        bill_id=entry["bill_id"],
        amount_minor=entry["amount_minor"],
        least_minor=entry.get("least_minor") or entry["amount_minor"],
        status=entry.get("status", "U"),
    )
