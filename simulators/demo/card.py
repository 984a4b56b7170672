"""The card of a running demo: everything that a stranger needs to be a channel of this switch.

Rule: it names test keys, PINs and activation codes in clear, because all of them are invented and die with the demo.
Its people and bills are those that the demo's own traffic left alone (`traffic.reserved`), so nothing on it is used up.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from config.settings import Channel, ListenerSettings, Settings
from simulators.channels.gateways import TERMINALS, Gateway
from simulators.channels.pinpad import PinPad
from simulators.channels.traffic import reserved
from simulators.keys import KeyCase
from simulators.people.population import BILLERS, Account, Bill, Card, Customer, Population, customer_number
from switch.security.certificates.demo_certificates import client_files

FIRST_TERMINAL = 901
TERMINAL_COUNT = 8

Entry = dict[str, Any]


def card_of(settings: Settings, population: Population, business_day: str, keys: KeyCase) -> Entry:
    """One JSON object: listeners with their keys and certificates, the bank, subscribers, cards, open bills, and the
    awkward cases."""
    pads = {name: Gateway(settings, listener, keys).pinpad for name, listener in settings.listeners.items()}
    at_the_gateway, at_the_machine = pads[_first(settings, Channel.MOBILE)], pads[_first(settings, Channel.ATM)]
    people = reserved(population)
    return {
        "listeners": [_listener(settings, listener, keys) for listener in settings.listeners.values()],
        "bank": {
            "prefix": settings.switch.bank_prefixes[0],
            "currency": settings.switch.currency,
            "timezone": settings.switch.timezone,
            "business_day": business_day,
        },
        "subscribers": [_subscriber(person, at_the_gateway) for person in people],
        "cards": [_card(card, at_the_machine) for person in people for card in person.cards],
        "bills": [_bill(bill) for bill in _bills_of(people, population)],
        "special": {
            name: _with_blocks(case.card(), at_the_gateway, at_the_machine) for name, case in population.special.items()
        },
    }


def _first(settings: Settings, channel: Channel) -> str:
    return next(name for name, listener in settings.listeners.items() if listener.channel is channel)


def _listener(settings: Settings, listener: ListenerSettings, keys: KeyCase) -> Entry:
    terminal_of, currency = TERMINALS[listener.channel], settings.switch.currency
    terminals = [terminal_of(listener, FIRST_TERMINAL + n, currency) for n in range(TERMINAL_COUNT)]
    return {
        "name": listener.name,
        "host": listener.host,
        "port": listener.port,
        "channel": listener.channel,
        "framing": listener.framing,
        "dialect": listener.dialect,
        "charset": listener.charset,
        "mac": _mac(listener, keys),
        "pin_key": _shown(keys, listener.pin) if listener.pin else None,
        "kek": _kek(listener, keys),
        "acquirer": terminals[0].acquirer,
        "terminals": [terminal.number for terminal in terminals],
        "merchant": f"{terminals[0].merchant:<15}",
        "language": listener.language or settings.switch.language,
        "tls": _tls(settings, listener),
    }


def _tls(settings: Settings, listener: ListenerSettings) -> Entry | None:
    files = client_files(settings, listener)
    if files is None:
        return None
    paths = {"authorities": files.authorities, "certificate": files.certificate, "key": files.key}
    return {**paths, "server_name": listener.tls}


def _mac(listener: ListenerSettings, keys: KeyCase) -> Entry | None:
    if listener.mac is None:
        return None
    key = keys.settings.keys[listener.mac]
    return {"algorithm": key.algorithm, "padding": key.padding, "key": _shown(keys, listener.mac)}


def _kek(listener: ListenerSettings, keys: KeyCase) -> Entry | None:
    if listener.kek is None:
        return None
    return {"algorithm": keys.settings.keys[listener.kek].algorithm, "key": _shown(keys, listener.kek)}


def _shown(keys: KeyCase, name: str) -> str:
    return keys.clear(name).hex().upper()


def _subscriber(person: Customer, pad: PinPad) -> Entry:
    return {
        "number": person.subscriber,
        "name": person.name,
        "activated": person.activated,
        "activation_code": person.activation_code,
        "activation_blocks": {a.number: pad.code_block(person.activation_code) for a in person.accounts},
        "accounts": [{**_account(account), "balance_minor": account.opening_minor} for account in person.accounts],
        "loans": [
            {
                "account": loan.account,
                "bill_id": loan.bill_id,
                "amount_minor": loan.amount_minor,
                "least_minor": loan.least_minor,
            }
            for loan in person.loans
        ],
    }


def _card(card: Card, pad: PinPad) -> Entry:
    return {
        "pan": card.pan,
        "pin": card.pin,
        "expiry": card.expiry,
        "track2": card.track2,
        "accounts": [_account(account) for account in card.accounts],
        "pin_block": pad.pin_block(card.pin, card.pan),
    }


def _account(account: Account) -> Entry:
    return {"number": account.number, "type": account.kind}


def _bills_of(people: Iterable[Customer], population: Population) -> Iterable[Bill]:
    for person in people:
        for biller in BILLERS:
            yield from population.bills_by_number.get((biller, customer_number(biller, person.index)), ())


def _bill(bill: Bill) -> Entry:
    return {
        "biller": bill.biller,
        "customer_number": bill.customer_number,
        "bill_id": bill.bill_id,
        "period": bill.period,
        "due": bill.due,
        "amount_minor": bill.amount_minor,
        "least_minor": bill.least_minor,
        "status": bill.status,
    }


def _with_blocks(case: Mapping[str, Any], at_the_gateway: PinPad, at_the_machine: PinPad) -> Entry:
    """An awkward case with its secrets enciphered too, as they would be sent."""
    entry = dict(case)
    if "pin" in entry:
        entry["pin_block"] = at_the_machine.pin_block(entry["pin"], entry["pan"])
    if "activation_code" in entry:
        entry["activation_block"] = at_the_gateway.code_block(entry["activation_code"])
    return entry
