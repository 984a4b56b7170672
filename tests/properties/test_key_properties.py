"""Keys over generated input: key blocks, serial numbers that grow, and keys that are kept half-way."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from switch.security.crypto.clear_key import ClearKey
from switch.security.crypto.dukpt_aes import AesDukpt
from switch.security.crypto.dukpt_tdes import TdesDukpt
from switch.security.crypto.ksn import Ksn, KsnMarks
from switch.security.keys.keyblock import FILL_SIZE, KeyHeader, unwrap, wrap
from switch.security.port import SecurityError

BDK = bytes(range(16))
KBPK, FILL = ClearKey(bytes(range(32))), bytes(FILL_SIZE)
BLOCK = wrap(KBPK, KeyHeader("D", "P0", "A", "B"), ClearKey(bytes(16)), FILL)

devices = st.sampled_from(["1234567890123456", "6543210987654321", "FFFF9876543210E00000"])
ksns = st.builds(Ksn, devices, st.integers(0, 40))
headers = st.builds(
    KeyHeader,
    st.sampled_from("BD"),
    st.sampled_from(["P0", "M3", "M6", "K0", "B0"]),
    st.sampled_from("TA"),
    st.sampled_from("BCDEGVX"),
    st.sampled_from("ENS"),
    st.sampled_from(["00", "12", "c1"]),
)
key_bytes = st.sampled_from([16, 24]).flatmap(lambda size: st.binary(min_size=size, max_size=size))


@settings(max_examples=50)
@given(key_bytes, headers, key_bytes, st.binary(min_size=FILL_SIZE, max_size=FILL_SIZE))
def test_a_wrapped_key_comes_back_with_its_header(kbpk: bytes, header: KeyHeader, key: bytes, fill: bytes) -> None:
    assert unwrap(ClearKey(kbpk), wrap(ClearKey(kbpk), header, ClearKey(key), fill)) == (header, ClearKey(key))


@settings(max_examples=50)
@given(st.integers(0, len(BLOCK) - 1), st.characters())
def test_any_other_character_in_a_key_block_is_refused(at: int, character: str) -> None:
    changed = BLOCK[:at] + character + BLOCK[at + 1 :]
    with contextlib.suppress(SecurityError):
        unwrap(KBPK, changed)
        assert changed.upper() == BLOCK, "the case of a hexadecimal letter is all that may differ"


@settings(max_examples=50)
@given(st.one_of(st.text(max_size=130), st.from_regex(r"[ABCD][0-9]{4}[0-9A-Z]{7,120}", fullmatch=True)))
def test_whatever_is_sent_as_a_key_block_is_refused_with_a_security_error(block: str) -> None:
    with contextlib.suppress(SecurityError):
        unwrap(KBPK, block)
        raise AssertionError("taken for a key block")


@given(st.lists(ksns, max_size=60), st.integers(0, 60))
def test_what_is_taken_from_a_device_only_grows_and_a_restart_changes_nothing(sent: list[Ksn], restart_at: int) -> None:
    marks, taken = KsnMarks(device_max=3), list[Ksn]()
    for number, ksn in enumerate(sent):
        if number == restart_at:
            marks = KsnMarks(3, list(marks))
        before = [other.counter for other in taken if other.device == ksn.device]
        accepted = marks.accept(ksn)
        assert accepted == (ksn.counter > max(before, default=0))
        taken += [ksn] * accepted


@given(st.text("0123456789ABCDEF", min_size=16, max_size=16), st.integers(0, 2**32 - 1))
def test_a_serial_number_is_read_as_it_was_written_or_has_too_many_ones(device: str, counter: int) -> None:
    if counter.bit_count() <= 16:
        assert Ksn.parse(f"{device}{counter:08X}") == Ksn(device, counter)
    else:
        with contextlib.suppress(SecurityError):
            Ksn.parse(f"{device}{counter:08X}")
            raise AssertionError("taken with too many ones")


@given(st.text(max_size=25))
def test_whatever_is_sent_as_a_serial_number_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(SecurityError):
        Ksn.parse(text)


TDES, AES = TdesDukpt(BDK), AesDukpt(BDK)


@settings(max_examples=50)
@given(st.integers(1, 0x1FF800).filter(lambda counter: counter.bit_count() <= 10))
def test_a_transactions_key_is_the_same_from_what_is_kept_as_from_the_beginning(counter: int) -> None:
    tdes, aes = Ksn("FFFF9876543210E00000", counter), Ksn("1234567890123456", counter)
    assert TDES.transaction_key(tdes) == TdesDukpt(BDK).transaction_key(tdes)
    assert AES.transaction_key(aes) == AesDukpt(BDK).transaction_key(aes)
