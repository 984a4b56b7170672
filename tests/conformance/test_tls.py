"""TLS at the door: who comes without it, or with another's certificate, is not spoken with, or refused."""

import dataclasses
import ssl
from collections.abc import Callable, Iterator

import pytest

from tests.conformance import law
from tests.conformance.card import Listener
from tests.conformance.client import Client, ClosedError, connected
from tests.conformance.desk import Gateway, signed_on
from tests.conformance.pools import Card

Call = Callable[[Listener], Client]


@pytest.fixture
def call() -> Iterator[Call]:
    """Opens a connection to a listener, and closes it when the test is over."""
    clients: list[Client] = []

    def open_one(listener: Listener) -> Client:
        clients.append(Client(listener))
        return clients[-1]

    yield open_one
    for client in clients:
        client.close()


def test_who_speaks_in_clear_hears_nothing_and_is_closed(card: Card, call: Call) -> None:
    stranger = Gateway(call(dataclasses.replace(card.listener("mobile"), tls=None)), card.bank["timezone"])
    stranger.client.send(stranger.network("001"))
    with pytest.raises(ClosedError):
        stranger.client.receive()


def test_who_shows_no_certificate_is_closed(card: Card) -> None:
    listener = card.listener("mobile")
    assert listener.tls is not None, "every line of the demo is under TLS"
    context = ssl.create_default_context(cafile=listener.tls.authorities)
    with connected(dataclasses.replace(listener, tls=None)) as plain:
        secure = context.wrap_socket(plain, server_hostname=listener.tls.server_name)
        with secure, pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
            secure.recv(1)


def test_another_channels_certificate_gets_58(card: Card, call: Call) -> None:
    """The website's, at the mobile gateway's door: the line is up, but speaks for no institution there."""
    other = dataclasses.replace(card.listener("mobile"), tls=card.listener("web").tls)
    impostor = signed_on(Gateway(call(other), card.bank["timezone"]))
    who, account = card.take_account()
    law.told(impostor, impostor.balance(who, account), "58")
