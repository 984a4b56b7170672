"""A stripe is the card's own as its issuer wrote it, or it is refused."""

from __future__ import annotations

import pytest

from simulators.issuer.stripe import Stripe
from simulators.people.population import populate
from tests.unit.simulators.asking import STRIPE

PAN = "4000001234567899"
TRACK = STRIPE.track2(PAN, "2911", "00000")


def test_every_card_has_the_stripe_of_its_issuer() -> None:
    cards = populate(7, STRIPE).cards.values()
    assert all(STRIPE.is_genuine(card.track2, card.pan) for card in cards)


def test_both_separators_are_read_and_what_follows_the_value_is_not_judged() -> None:
    assert STRIPE.is_genuine(TRACK.replace("=", "D"), PAN)
    assert STRIPE.is_genuine(TRACK[:-5] + "98765", PAN)
    assert STRIPE.is_genuine(TRACK[:-5], PAN)


@pytest.mark.parametrize(
    "track2",
    [
        pytest.param(TRACK.replace("=2911", "=3011"), id="another expiry"),
        pytest.param(TRACK.replace("=2911101", "=2911201"), id="another service code"),
        pytest.param(TRACK[:-8] + f"{(int(TRACK[-8:-5]) + 1) % 1000:03d}" + TRACK[-5:], id="another value"),
        pytest.param(TRACK[:-6], id="a value cut short"),
        pytest.param(f"{PAN}=2911101", id="no value"),
        pytest.param(PAN, id="nothing but a card number"),
        pytest.param("", id="nothing"),
        pytest.param(TRACK.replace("=", ""), id="no separator"),
        pytest.param(TRACK[:-8] + "²³¹" + TRACK[-5:], id="no digits"),
        pytest.param(STRIPE.track2("4000001234567881", "2911", ""), id="another card's"),
        pytest.param(Stripe(b"another bank").track2(PAN, "2911", ""), id="another bank's"),
    ],
)
def test_a_stripe_that_the_issuer_did_not_write_is_not_genuine(track2: str) -> None:
    assert not STRIPE.is_genuine(track2, PAN)
