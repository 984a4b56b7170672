"""Any bytes on a line are a message or a bad message, never anything else; nothing secret is in its words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from switch.wire.dialect import BadMessage, Dialect, dialect_named
from switch.wire.envelope import BadMac, Envelope
from switch.wire.message import Message
from switch.wire.mti import is_mti
from switch.wire.specs import DIALECTS

PAN = "4000001234567899"
FIELDS = {"t": "0200", "2": PAN, "3": "011020", "35": f"{PAN}D29121010000", "48": "0700698765402002ar", "63": "ar"}

dialects = st.sampled_from([dialect_named(name) for name in DIALECTS])


class NoMac:
    """Finds every MAC wrong."""

    def compute(self, data: bytes) -> bytes:
        return bytes(8)

    def verify(self, data: bytes, mac: bytes) -> bool:
        return False


def opened(dialect: Dialect, frame: bytes) -> Message | BadMessage | BadMac:
    try:
        return Envelope(dialect, NoMac(), mac_network=True).open(frame)
    except (BadMessage, BadMac) as bad:
        return bad


@given(dialects, st.binary(max_size=150))
def test_any_bytes_are_a_bad_message_or_have_a_bad_mac(dialect: Dialect, junk: bytes) -> None:
    for frame in (junk, b"0200" + junk, b"\xf0\xf2\xf0\xf0" + junk, b"\x02\x00" + junk):
        bad = opened(dialect, frame)
        assert isinstance(bad, BadMessage | BadMac)
        if isinstance(bad, BadMessage) and bad.mti is not None:
            assert is_mti(bad.mti)
            assert bad.message.mti == bad.mti
            assert bad.field not in bad.fields


@given(dialects, st.integers(0, 400), st.integers(0, 255))
def test_a_garbled_message_shows_nothing_of_a_card(dialect: Dialect, at: int, byte: int) -> None:
    wire = bytearray(Envelope(dialect, NoMac()).seal(FIELDS))
    wire[at % len(wire)] = byte
    bad = opened(dialect, bytes(wire))
    assert isinstance(bad, BadMessage | BadMac)
    shown = f"{bad} {bad!r} {bad.message!r}"
    assert not any(PAN[cut : cut + 6] in shown for cut in range(11))
    assert "987654" not in shown
