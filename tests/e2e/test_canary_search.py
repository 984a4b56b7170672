"""The search of the canary test finds what it must: each secret, in each form, wherever it was planted."""

from __future__ import annotations

import random
import sqlite3
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.canary.forms import FORM_MIN, Secret, forms_of
from tests.e2e.canary.search import files_in, found, process, rows_in

DIGITS, STRIPE, RAW = "4000007382916450", "4000007382916450=29121019988776655", random.Random(7).randbytes(16)
PAN, TRACK, KEY = Secret("PAN", DIGITS), Secret("track", STRIPE), Secret("key", RAW)
NOISE = random.Random(11)

# Written by hand, beside the forms: what a careless program could do with a card number or a key.
WRITTEN: dict[str, Callable[[], bytes]] = {
    "clear": lambda: DIGITS.encode(),
    "json": lambda: f'{{"pan": "{DIGITS}"}}'.encode(),
    "json number": lambda: f'{{"pan": {DIGITS}}}'.encode(),
    "groups": lambda: b"4000 0073 8291 6450",
    "thousands": lambda: b"4,000,007,382,916,450",
    "utf-16": lambda: DIGITS.encode("utf-16-le"),
    "ebcdic": lambda: DIGITS.encode("cp500"),
    "hex of letters": lambda: DIGITS.encode().hex().upper().encode(),
    "hex of a frame": lambda: b"0200" + b"\x16".hex().encode() + DIGITS.encode().hex().encode(),
    "packed": lambda: bytes.fromhex(DIGITS),
    "packed, odd": lambda: bytes.fromhex("9" + DIGITS + "0"),
    "packed track": lambda: bytes.fromhex(f"1{STRIPE}f".replace("=", "d")),
    "base64": lambda: b64encode(DIGITS.encode()),
    "base64 of a frame": lambda: b64encode(b"\x02\x00" + DIGITS.encode() + b"\xff"),
    "base64 of another": lambda: b64encode(b"\x02" + DIGITS.encode() + b"\xff\xfe"),
    "base64 of packed": lambda: b64encode(b"\x02" + bytes.fromhex(DIGITS) + b"\xff\xfe"),
    "big-endian": lambda: int(DIGITS).to_bytes(8, "big"),
    "little-endian": lambda: int(DIGITS).to_bytes(8, "little"),
    "key": lambda: RAW,
    "key in hex": lambda: RAW.hex().encode(),
    "key in Hex": lambda: RAW.hex().upper().encode(),
    "key in mixed case": lambda: RAW.hex().encode().title(),
    "key in base64": lambda: b64encode(b"\x00\x01" + RAW + b"\x00"),
    "key in base64url": lambda: urlsafe_b64encode(b"\x00" + RAW + b"\x00"),
    "key's hex in utf-16": lambda: RAW.hex().upper().encode("utf-16-be"),
    "key's hex in base64": lambda: b64encode(b" " + RAW.hex().encode()),
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN.keys())
def test_what_a_careless_program_could_write_is_found(written: Callable[[], bytes], tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(NOISE.randbytes(5_000))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(NOISE.randbytes(777) + written() + NOISE.randbytes(777))
    told = found([PAN, TRACK, KEY], files_in(tmp_path))
    assert told
    assert all(" in deep/file (" in one for one in told)


@pytest.mark.parametrize("secret", [PAN, TRACK, KEY], ids=["PAN", "track", "key"])
def test_each_form_is_found_by_itself(secret: Secret) -> None:
    for form in forms_of(secret):
        data = form.data.swapcase() if form.folded else form.data
        assert len(form.data) >= FORM_MIN
        assert len(found([secret], {"a file": b"\xaa" + data + b"\xbb", "another": b"nothing"})) == 1, form.name


def test_where_nothing_is_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "masked").write_bytes("400000••••••6450, 29121010000000000000".encode() + NOISE.randbytes(100_000))
    assert found([PAN, TRACK, KEY], files_in(tmp_path)) == []


def test_a_value_that_spills_over_the_pages_of_a_database_is_found(tmp_path: Path) -> None:
    database = tmp_path / "books.db"
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE t (a BLOB, b TEXT)")
    for pad in range(400, 500):  # some of them lie across the edge of what stays on the first page
        connection.execute("INSERT INTO t VALUES (?, ?)", (bytes(pad) + bytes.fromhex(DIGITS) + bytes(4_000), "x"))
    connection.commit()
    connection.close()
    assert database.read_bytes().count(bytes.fromhex(DIGITS)) < 100
    (name,) = rows_in(database)
    assert rows_in(database)[name].count(bytes.fromhex(DIGITS)) == 100
    assert found([PAN], rows_in(database)) == ["PAN in rows of books.db, t (packed)"]


def test_a_process_that_is_not_there_is_no_clean_one() -> None:
    with pytest.raises(OSError, match="No such file"):
        process(2**22 + 1)
