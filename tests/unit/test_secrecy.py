"""No value shows a secret that it holds, and no error takes along another one, whose text may be anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TypeGuard

import pytest

from config.settings import demo_path, load
from simulators.build import stripe_of
from simulators.channels.atm import CardRequest
from simulators.channels.errands import Activate, ChangePin, Withdraw
from simulators.channels.terminal import Stamp, Terminal
from simulators.hosts.terms import Terms
from simulators.keys import invented_keys
from simulators.people.population import populate
from switch.commands.bytes_in import Cut, Piece, cut
from switch.commands.reading import Reading, read
from switch.commands.talk import Asked
from switch.flow.keys import identify
from switch.flow.reply import Answered
from switch.security.crypto.clear_key import ClearKey
from switch.security.port import PinRequest
from switch.security.vault import Vault
from switch.wire.dialect import BadMessage, UnencodableMessage, dialect_named
from switch.wire.envelope import BadMac
from switch.wire.framing import framing_named
from switch.wire.message import Message, Unproven
from tests.unit.commands.messages import NEW_PIN_BLOCK, PAN, PIN_BLOCK, SECRETS, WITHDRAWAL, encoded, framed

ROOT = Path(__file__).parents[2]
DIALECT = dialect_named("iso87-ascii")
MESSAGE = Message(WITHDRAWAL)
SETTINGS = load(demo_path())
PEOPLE = populate(7, stripe_of(SETTINGS, invented_keys(SETTINGS)), 3, date(2026, 11, 22))
PERSON, CARD = PEOPLE.ordinary[0], PEOPLE.ordinary[0].cards[0]
KEY = bytes(range(1, 33))
THEIRS = (*SECRETS, CARD.pan, CARD.track2, PERSON.activation_code, KEY.hex(), repr(KEY)[2:-1])


def bad_message() -> BadMessage:
    with pytest.raises(BadMessage) as caught:
        DIALECT.decode(encoded(WITHDRAWAL)[:-60])
    return caught.value


VALUES: tuple[object, ...] = (
    MESSAGE,
    Unproven(WITHDRAWAL),
    Answered(MESSAGE),
    bad_message(),
    BadMac(MESSAGE),
    UnencodableMessage("2"),
    Asked(WITHDRAWAL, encoded(WITHDRAWAL)),
    identify(MESSAGE, date(2026, 11, 22)),
    PinRequest(PIN_BLOCK, PAN),
    read(encoded(WITHDRAWAL), DIALECT),
    cut(framed(encoded(WITHDRAWAL)), framing_named("length2")),
    ClearKey(KEY),
    Vault(KEY),
    Terms(secret=KEY),
    PERSON,
    CARD,
    PEOPLE,
    Activate(PERSON.accounts[0], PERSON.activation_code),
    ChangePin(CARD, NEW_PIN_BLOCK),
    Withdraw(CARD, "20", 100, 100),
    CardRequest(Terminal("1", "2", "3"), Stamp("1", "2", "3", "4", "5"), CARD, PIN_BLOCK),
    *PEOPLE.special.values(),
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_no_value_shows_a_secret_that_it_holds(value: object) -> None:
    for shown in (repr(value), str(value), f"{[value]}"):
        assert [secret for secret in THEIRS if secret in shown] == []


def test_a_message_that_is_taken_apart_holds_what_it_does_not_show() -> None:
    reading, pieces = read(encoded(WITHDRAWAL), DIALECT), cut(framed(encoded(WITHDRAWAL)), framing_named("length2"))
    assert isinstance(reading, Reading)
    assert isinstance(pieces, Cut)
    assert reading.values["2"] == PAN
    assert isinstance(pieces.pieces[0], Piece)
    assert PAN.encode() in pieces.pieces[0].body


def test_an_error_that_is_raised_for_another_one_leaves_that_behind() -> None:
    """`from None`, or raised where nothing is being handled; but for the ledger's, which come from disk and system."""
    found = [where for package in ("switch", "config", "simulators") for where in taking_along(package)]
    assert found == []


def taking_along(package: str) -> Iterator[str]:
    for path in sorted((ROOT / package).rglob("*.py")):
        for handler in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(handler, ast.ExceptHandler):
                yield from (f"{path.name}:{node.lineno}" for node in filter(_takes_along, ast.walk(handler)))


def _takes_along(node: ast.AST) -> TypeGuard[ast.Raise]:
    """A new error, with the one that is being handled as its cause or its context."""
    if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
        return False
    return not (isinstance(node.cause, ast.Constant) and node.cause.value is None)
