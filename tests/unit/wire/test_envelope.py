"""The MAC: where it is, what it covers, and who goes without."""

from __future__ import annotations

from hashlib import sha256

import pytest

from switch.wire.codes import ResponseCode
from switch.wire.dialect import BadMessage, dialect_named
from switch.wire.envelope import BadMac, Envelope
from switch.wire.specs import DIALECTS


class HashMac:
    """A MAC for tests: the first eight bytes of a hash under a key."""

    def __init__(self, key: bytes = b"test key") -> None:
        self.key = key

    def compute(self, data: bytes) -> bytes:
        return sha256(self.key + data).digest()[:8]

    def verify(self, data: bytes, mac: bytes) -> bool:
        return self.compute(data) == mac


REQUEST = {"t": "0200", "3": "310000", "7": "1122101530", "11": "000042", "41": "GW000001"}
LONG_REQUEST = {**REQUEST, "102": "10000000000001"}


@pytest.fixture(params=DIALECTS)
def envelope(request: pytest.FixtureRequest) -> Envelope:
    return Envelope(dialect_named(request.param), HashMac())


def bare(envelope: Envelope) -> Envelope:
    return Envelope(envelope.dialect)


def test_what_is_sealed_can_be_opened(envelope: Envelope) -> None:
    message = envelope.open(envelope.seal(LONG_REQUEST))
    assert message.fields.items() >= LONG_REQUEST.items()


def test_the_mac_is_in_64_or_in_128_when_a_field_above_64_is_present(envelope: Envelope) -> None:
    assert "64" in envelope.open(envelope.seal(REQUEST))
    message = envelope.open(envelope.seal(LONG_REQUEST))
    assert "128" in message
    assert "64" not in message


def test_the_mac_covers_the_bytes_as_sent_up_to_itself() -> None:
    envelope = Envelope(dialect_named("iso87-ascii"), HashMac())
    wire = envelope.seal(REQUEST)
    assert wire.startswith(b"02002220000000800001310000")
    assert wire[-16:] == HashMac().compute(wire[:-16]).hex().upper().encode()
    packed = Envelope(dialect_named("iso87-bcd"), HashMac()).seal(REQUEST)
    assert packed[-8:] == HashMac().compute(packed[:-8])


def test_any_changed_byte_is_noticed(envelope: Envelope) -> None:
    wire = envelope.seal(LONG_REQUEST)
    for at in range(len(wire)):
        changed = wire[:at] + bytes((wire[at] ^ 1,)) + wire[at + 1 :]
        with pytest.raises((BadMac, BadMessage)):
            envelope.open(changed)


def test_a_mac_under_another_key_is_refused_and_the_claim_is_kept(envelope: Envelope) -> None:
    with pytest.raises(BadMac) as caught:
        Envelope(envelope.dialect, HashMac(b"another")).open(envelope.seal(REQUEST))
    assert caught.value.message.stan == "000042"
    assert "000042" not in str(caught.value)


def test_a_missing_mac_is_refused(envelope: Envelope) -> None:
    for fields in (REQUEST, LONG_REQUEST):
        with pytest.raises(BadMac):
            envelope.open(bare(envelope).seal(fields))


def test_a_mac_in_64_does_not_cover_what_follows_it(envelope: Envelope) -> None:
    wire = bare(envelope).dialect.encode({**LONG_REQUEST, "64": "0" * 16})
    with pytest.raises(BadMac):
        envelope.open(wire)


def test_lower_case_hex_is_a_mac_too_and_other_letters_are_none() -> None:
    envelope = Envelope(dialect_named("iso87-ascii"), HashMac())
    wire = envelope.seal(REQUEST)
    assert envelope.open(wire[:-16] + wire[-16:].lower()) == envelope.dialect.decode(wire[:-16] + wire[-16:].lower())
    for wrong in (b"x" * 16, b" " * 16, b"0" * 14 + b"  "):
        with pytest.raises(BadMac):
            envelope.open(wire[:-16] + wrong)


def test_network_management_goes_without_unless_the_endpoint_says_so(envelope: Envelope) -> None:
    sign_on = {"t": "0800", "7": "1122101530", "11": "000001", "70": "001"}
    assert "128" not in envelope.open(envelope.seal(sign_on))
    strict = Envelope(envelope.dialect, HashMac(), mac_network=True)
    assert "128" in strict.open(strict.seal(sign_on))
    with pytest.raises(BadMac):
        strict.open(envelope.seal(sign_on))


@pytest.mark.parametrize("code", [ResponseCode.FORMAT_ERROR, ResponseCode.SECURITY])
def test_answers_30_and_63_go_without(envelope: Envelope, code: ResponseCode) -> None:
    for fields in (REQUEST, LONG_REQUEST):
        wire = envelope.seal({**fields, "t": "0210", "39": code})
        assert wire == bare(envelope).seal({**fields, "t": "0210", "39": code})
        assert envelope.open(wire, refusals_without_mac=True).response_code == code
        with pytest.raises(BadMac):
            envelope.open(wire)


def test_no_other_message_passes_without_a_mac(envelope: Envelope) -> None:
    for fields in ({**REQUEST, "t": "0210", "39": "00"}, {**REQUEST, "39": "30"}, REQUEST):
        with pytest.raises(BadMac):
            envelope.open(bare(envelope).dialect.encode(fields), refusals_without_mac=True)


def test_a_refusal_with_a_wrong_mac_is_refused(envelope: Envelope) -> None:
    for mac in ("64", "128"):
        wire = envelope.dialect.encode({**REQUEST, "t": "0210", "39": "30", mac: "0" * 16})
        with pytest.raises(BadMac):
            envelope.open(wire, refusals_without_mac=True)


def test_the_caller_may_seal_without_a_mac(envelope: Envelope) -> None:
    assert envelope.seal(REQUEST, with_mac=False) == bare(envelope).seal(REQUEST)


def test_an_old_mac_among_the_fields_is_replaced(envelope: Envelope) -> None:
    first = envelope.open(envelope.seal(LONG_REQUEST))
    assert envelope.seal(first.fields) == envelope.seal(LONG_REQUEST)
    assert envelope.seal({**REQUEST, "128": "0" * 16}) == envelope.seal(REQUEST)
    assert bare(envelope).seal({**REQUEST, "64": "0" * 16}) == bare(envelope).seal(REQUEST)


def test_the_callers_fields_stay_as_they_are(envelope: Envelope) -> None:
    fields = dict(LONG_REQUEST)
    envelope.seal(fields)
    assert fields == LONG_REQUEST


def test_an_endpoint_without_a_key_opens_everything(envelope: Envelope) -> None:
    assert bare(envelope).open(envelope.seal(REQUEST)).stan == "000042"
