"""A sealed message that was changed on the way, in every dialect and under every MAC: it is never believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.security.crypto.mac import AesCmac, RetailMac
from switch.wire.dialect import BadMessage, dialect_named
from switch.wire.envelope import BadMac, Envelope, Mac
from switch.wire.specs import DIALECTS

DIGITS = st.text("0123456789", min_size=1, max_size=20)
MESSAGES = st.builds(
    lambda mti, stan, account, text: {"t": mti, "3": "400000", "11": f"{stan:06d}", "102": account, "48": text},
    st.sampled_from(["0200", "0201", "0210", "0420", "0600"]),
    st.integers(1, 999_999),
    DIGITS,
    st.text("ABC 012|", min_size=1, max_size=60),
)
MACS = {"retail": RetailMac(bytes(range(16))), "retail 2": RetailMac(bytes(range(16)), 2), "cmac": AesCmac(b"K" * 16)}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("mac", MACS.values(), ids=list(MACS))
@given(data=st.data())
def test_a_message_with_any_byte_changed_is_refused(dialect: str, mac: Mac, data: st.DataObject) -> None:
    envelope = Envelope(dialect_named(dialect), mac)
    body = envelope.seal(data.draw(MESSAGES))
    assert envelope.open(body)
    at = data.draw(st.integers(0, len(body) - 1))
    changed = body[:at] + bytes([body[at] ^ data.draw(st.integers(1, 255))]) + body[at + 1 :]
    if same_mac(envelope, body, changed, at):
        return
    with pytest.raises((BadMac, BadMessage)):
        envelope.open(changed)


def same_mac(envelope: Envelope, body: bytes, changed: bytes, at: int) -> bool:
    """Whether only a hexadecimal letter of the MAC itself became small or large: the MAC is still that one."""
    width = envelope.dialect.mac_width
    return width > 8 and at >= len(body) - width and body.lower() == changed.lower()


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("mac", MACS.values(), ids=list(MACS))
def test_every_single_byte_of_one_message_is_covered(dialect: str, mac: Mac) -> None:
    """At every place: what a random draw would meet only by chance, such as an MTI that needs no MAC."""
    envelope = Envelope(dialect_named(dialect), mac)
    body = envelope.seal({"t": "0200", "3": "310000", "7": "1122101530", "11": "000042", "102": "10000000000001"})
    believed = []
    for at in range(len(body)):
        for value in {*b"0123456789ABCDEF", *(body[at] ^ 1 << bit for bit in range(8))}:
            changed = body[:at] + bytes([value]) + body[at + 1 :]
            if changed != body and not same_mac(envelope, body, changed, at):
                try:
                    believed.append(envelope.open(changed))
                except (BadMac, BadMessage):
                    continue
    assert believed == []
