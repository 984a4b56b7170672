"""New keys on the line: 161 brings one, 162 asks for one."""

import os
from dataclasses import replace

import pytest

from tests.conformance import law, secure, tlv
from tests.conformance.client import Fields
from tests.conformance.desk import Connect, Gateway, signed_on
from tests.conformance.pools import Card

MAC_KEY = {"retail": ("M3TC", 16, False), "aes-cmac": ("M6AC", 16, True)}


def new_key(desk: Gateway, key: bytes | None = None) -> tuple[Fields, bytes]:
    """A 161 with a MAC key of the listener's algorithm."""
    listener = desk.listener
    assert listener.kek is not None, f"the card gives no key-encryption key for {listener.name}"
    header, size, aes = MAC_KEY[listener.mac_algorithm]
    drawn = key or os.urandom(size)
    tag = tlv.build(("30", secure.check_value(drawn, aes=aes)))
    return desk.network("161", {"48": tag, "120": secure.key_block(listener.kek, header, drawn)}), drawn


def pays(card: Card, desk: Gateway) -> None:
    """A request under the key that holds, and its answer under the same."""
    who, account = card.take_account()
    law.told(desk, desk.balance(who, account))


def test_161_brings_a_key_that_holds_from_the_next_message_on_and_the_old_one_a_while_more(
    card: Card, web: Gateway, connect: Connect
) -> None:
    pays(card, web)
    other = signed_on(Gateway(connect("web"), card.bank["timezone"]))
    request, key = new_key(web)
    law.told(web, request)
    changed = replace(web.listener, mac_key=key)
    card.rekey(changed)
    web.client.rekey(changed)
    pays(card, web)
    who, account = card.take_account()
    late = other.balance(who, account)
    body = other.client.wire.seal(late)
    other.client.rekey(changed)
    law.check(late, other.client.ask_body(late, body), changed)
    again = {**request, "11": web.network("161")["11"]}
    law.told(web, again)
    pays(card, web)


def test_162_is_answered_and_then_a_key_of_each_use_comes(card: Card, web: Gateway) -> None:
    law.told(web, web.network("162"))
    web.client.listen()
    kek = web.listener.kek
    assert kek is not None
    found = {}
    for received in web.client.brought:
        fields = received.fields
        header, key = secure.opened_block(kek, fields["120"])
        (told,) = tlv.every(tlv.parse(fields["48"]), "30")
        assert told == secure.check_value(key, aes=header[2] == "A")
        found[header[:2]] = key
        web.client.answer_network(fields)
    assert set(found) == {"M6", "P0"}
    changed = replace(web.listener, mac_key=found["M6"], pin_key=found["P0"])
    card.rekey(changed)
    web.client.rekey(changed)
    pays(card, web)


def test_161_that_lacks_a_field_is_30_with_its_place(mobile: Gateway) -> None:
    request, _ = new_key(mobile)
    for gone, place in (("120", "120"), ("48", "48.30")):
        received = law.told(mobile, {de: value for de, value in request.items() if de != gone}, "30")
        assert law.place(received, mobile.listener) == place


@pytest.mark.parametrize("fault", ["block", "check value"])
def test_161_with_a_wrong_block_or_check_value_is_63_and_the_old_key_stays(
    card: Card, mobile: Gateway, fault: str
) -> None:
    request, _ = new_key(mobile)
    block, tag = request["120"], tlv.build(("30", "000000"))
    spoilt = block[:-1] + ("0" if block[-1] != "0" else "1")
    law.told(mobile, {**request, **({"120": spoilt} if fault == "block" else {"48": tag})}, "63")
    pays(card, mobile)


def test_161_and_162_before_sign_on_are_91(stranger: Gateway) -> None:
    request, _ = new_key(stranger)
    law.told(stranger, request, "91")
    law.told(stranger, stranger.network("162"), "91")


@pytest.mark.parametrize("code", ["161", "162"])
def test_where_keys_do_not_change_it_is_12(card: Card, connect: Connect, mobile: Gateway, code: str) -> None:
    other = signed_on(Gateway(connect("mobile-bcd"), card.bank["timezone"]))
    assert other.listener.kek is None
    request, _ = new_key(mobile)
    law.told(other, other.network(code, {de: request[de] for de in ("48", "120")}), "12")
