from datetime import date

from config.settings import demo_path, load
from simulators.channels.traffic import customers_for, reserved
from simulators.demo.card import card_of
from simulators.people.population import populate
from switch.security.pin import parse_format_0, parse_format_1
from switch.security.soft import SoftSecurity

SETTINGS = load(demo_path())
PEOPLE = populate(7, customers_for(20), date(2026, 11, 22))
CARD = card_of(SETTINGS, PEOPLE, "20261122")
SECURITY = SoftSecurity(SETTINGS.keys)


def test_every_listener_is_there_with_its_keys_and_terminals_of_its_own() -> None:
    assert [listener["name"] for listener in CARD["listeners"]] == list(SETTINGS.listeners)
    atm = next(listener for listener in CARD["listeners"] if listener["channel"] == "atm")
    assert atm["mac"] == {"algorithm": "retail", "padding": 1, "key": SETTINGS.keys["atm-mac"].hex}
    assert atm["pin_key"] == SETTINGS.keys["atm-pin"].hex
    assert all(name.startswith("ATM") and len(name) == 8 for name in atm["terminals"])
    assert len(atm["merchant"]) == 15


def test_blocks_are_ready_to_send() -> None:
    plastic, person = CARD["cards"][0], CARD["subscribers"][0]
    clear = SECURITY.pin_cipher("atm-pin").decipher(plastic["pin_block"])
    assert parse_format_0(clear, plastic["pan"]) == plastic["pin"]
    for block in person["activation_blocks"].values():
        clear = SECURITY.pin_cipher("mobile-pin").decipher(block)
        assert parse_format_1(clear) == person["activation_code"]


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
    clear = SECURITY.pin_cipher("atm-pin").decipher(wrong["pin_block"])
    assert parse_format_0(clear, wrong["pan"]) == wrong["pin"]
    assert "activation_block" in cases["wrong_activation_code"]
