from datetime import date

from config.settings import demo_path, load, without_tls
from simulators.build import stripe_of
from simulators.channels.traffic import customers_for, reserved
from simulators.demo.card import card_of
from simulators.keys import invented_keys
from simulators.people.population import populate

SETTINGS = load(demo_path())
KEYS = invented_keys(SETTINGS)
PEOPLE = populate(7, stripe_of(SETTINGS, KEYS), customers_for(20), date(2026, 11, 22))
CARD = card_of(SETTINGS, PEOPLE, "20261122", KEYS)


def test_every_listener_is_there_with_its_keys_and_terminals_of_its_own() -> None:
    assert [listener["name"] for listener in CARD["listeners"]] == list(SETTINGS.listeners)
    atm = next(listener for listener in CARD["listeners"] if listener["channel"] == "atm")
    assert atm["mac"] == {"algorithm": "retail", "padding": 1, "key": KEYS.clear("atm-mac").hex().upper()}
    assert atm["pin_key"] == KEYS.clear("atm-pin").hex().upper()
    assert all(name.startswith("ATM") and len(name) == 8 for name in atm["terminals"])
    assert len(atm["merchant"]) == 15


def test_every_listener_says_how_it_is_spoken_to_under_tls() -> None:
    switch, atm = SETTINGS.tls["switch"], next(one for one in CARD["listeners"] if one["name"] == "atm")
    assert atm["tls"]["authorities"] == switch.authorities
    assert atm["tls"]["certificate"] == switch.certificate.replace("switch.pem", "clients/atm.pem")
    assert atm["tls"]["key"] == switch.key.replace("switch.key", "clients/atm.key")
    assert atm["tls"]["server_name"] == "switch"
    plain = load(demo_path(), without_tls(SETTINGS))
    assert [one["tls"] for one in card_of(plain, PEOPLE, "20261122", KEYS)["listeners"]] == [None] * 5


def test_blocks_are_ready_to_send() -> None:
    plastic, person = CARD["cards"][0], CARD["subscribers"][0]
    assert KEYS.pins("atm-pin").open(plastic["pin_block"], plastic["pan"]) == plastic["pin"]
    for block in person["activation_blocks"].values():
        assert KEYS.pins("mobile-pin").open(block, None) == person["activation_code"]


def test_only_people_and_bills_that_traffic_leaves_alone_are_named() -> None:
    kept = {person.subscriber for person in reserved(PEOPLE)}
    assert {person["number"] for person in CARD["subscribers"]} == kept
    assert any(not person["activated"] for person in CARD["subscribers"])
    assert any(person["loans"] for person in CARD["subscribers"])
    assert {bill["biller"] for bill in CARD["bills"]} == {"ELEC", "WATER", "TEL", "MOBILE1", "MOBILE2", "UNI-DAM"}
    assert all(bill["status"] in "UT" for bill in CARD["bills"])


def test_awkward_cases_say_what_they_provoke_and_how() -> None:
    cases = CARD["special"]
    assert {"51", "54", "55", "57", "62", "76", "80", "81", "83", "84"} <= {one["provokes"] for one in cases.values()}
    wrong = cases["wrong_pin"]
    assert KEYS.pins("atm-pin").open(wrong["pin_block"], wrong["pan"]) == wrong["pin"]
    assert "activation_block" in cases["wrong_activation_code"]
