import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from switch.wire.specs import DIALECTS
from tests.unit.commands.conftest import Barada
from tests.unit.commands.messages import ECHO, SECRETS, WITHDRAWAL, encoded, framed

WHOLE = encoded(WITHDRAWAL)


def rows(text: str) -> dict[str, str]:
    """The lines of a plain answer by their field."""
    return {line.split()[0]: line for line in text.splitlines() if line.startswith("  ")}


def test_every_field_has_a_line_with_its_name_and_place(barada: Barada) -> None:
    result = barada("decode", WHOLE.hex())
    shown = rows(result.stdout)
    assert result.exit_code == 0
    assert set(WITHDRAWAL) <= set(shown)
    assert shown["t"].split("  ")[-1] == "financial request"
    assert "withdrawal, from current" in shown["3"]
    assert "9,876.50 SYP" in shown["4"]
    assert "22 Nov 10:15:30 UTC" in shown["7"]
    assert "400000••••••7899" in shown["2"]
    assert "subscriber's mobile number" in shown["48.01"]
    assert "unknown" in shown["48.88"]
    assert "current account, available balance, SYP" in shown["54.2"]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_no_secret_is_ever_shown(barada: Barada, dialect: str, options: tuple[str, ...]) -> None:
    result = barada("decode", encoded(WITHDRAWAL, dialect).hex(), "--dialect", dialect, *options)
    assert result.exit_code == 0
    assert not [secret for secret in SECRETS if secret in result.output]


def test_no_secret_is_shown_wherever_a_message_breaks_off(barada: Barada) -> None:
    for end in range(1, len(WHOLE)):
        result = barada("decode", WHOLE[:end].hex())
        assert result.exit_code == 1
        assert not [secret for secret in SECRETS if secret in result.output]


def test_a_card_number_that_spills_into_its_neighbours_is_not_shown_there(barada: Barada) -> None:
    shortened = WHOLE.replace(b"164000001234567899", b"044000001234567899")
    result = barada("decode", shortened.hex())
    assert result.exit_code == 1
    assert "cannot be read from byte" in result.stdout
    assert not [part for part in ("123456", "567899", "001234") if part in result.stdout]


def test_there_is_no_option_to_show_secrets(barada: Barada) -> None:
    assert barada("decode", "--show-secrets", WHOLE.hex()).exit_code == 2


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.hex(" "),
        WHOLE.hex(":").upper(),
        WHOLE.hex("-", 4),
        "0x" + WHOLE.hex(),
        " ".join(f"0x{byte:02x}," for byte in WHOLE),
        "".join(f"\\x{byte:02x}" for byte in WHOLE),
        "\n".join(WHOLE.hex()[at : at + 32] for at in range(0, 2 * len(WHOLE), 32)) + "\r\n",
        WHOLE.decode("ascii"),
    ],
    ids=["spaces", "colons", "dashes", "0x", "C array", "escapes", "lines", "the message itself"],
)
def test_hex_is_understood_in_all_its_usual_forms(barada: Barada, text: str) -> None:
    expected = barada("decode", WHOLE.hex()).stdout
    assert barada("decode", "--", text).stdout == expected
    assert barada("decode", "-", stdin=text).stdout == expected
    assert barada("decode", stdin=text).stdout == expected


@pytest.mark.parametrize("content", [WHOLE, WHOLE.hex().encode()], ids=["bytes", "hex"])
def test_a_file_holds_bytes_or_hex(barada: Barada, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "message"
    file.write_bytes(content)
    assert barada("decode", "--file", str(file)).stdout == barada("decode", WHOLE.hex()).stdout


def test_digits_that_are_a_message_are_not_taken_for_hex(barada: Barada) -> None:
    digits = encoded(ECHO).decode("ascii")
    assert "network management request" in barada("decode", digits).stdout
    assert "echo" in barada("decode", digits.encode().hex()).stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("02 0z",), "not hexadecimal after 3 digits"),
        (("020",), "3 hexadecimal digits: a byte has two"),
        ((), "nothing to decode"),
        (("--charset", "klingon", "00"), "allowed: utf-8"),
        (("--framing", "length3", "00"), "length2 | ascii4 | bcd2"),
        (("--dialect", "iso93", "00"), "iso87-ascii"),
        (("--file", "no-such-file"), "no-such-file"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(barada: Barada, arguments: tuple[str, ...], why: str) -> None:
    result = barada("decode", *arguments, stdin="")
    assert result.exit_code == 2
    assert why in result.stderr


def test_an_error_repeats_nothing_of_what_was_given(barada: Barada) -> None:
    result = barada("decode", "4000001234567899zz")
    assert result.exit_code == 2
    assert "400000" not in result.output


def test_many_frames_are_shown_one_after_the_other(barada: Barada) -> None:
    stream = framed(WHOLE, framing="length2-tpdu") + b"\x00\x00" + framed(encoded(ECHO), framing="length2-tpdu")
    result = barada("decode", stream.hex(), "--framing", "length2-tpdu")
    titles = [line for line in result.stdout.splitlines() if line.startswith("message")]
    assert titles == [
        f"message 1: {len(WHOLE)} bytes at byte 0, after 60 00 00 00 00, iso87-ascii",
        f"message 2: nothing but its frame at byte {len(WHOLE) + 7} (a keep-alive)",
        f"message 3: 55 bytes at byte {len(WHOLE) + 9}, after 60 00 00 00 00, iso87-ascii",
    ]
    assert result.exit_code == 0


def test_a_stream_that_ends_in_a_frame_says_where(barada: Barada) -> None:
    stream = framed(WHOLE, WHOLE)[:-10]
    result = barada("decode", stream.hex(), "--framing", "length2")
    assert result.exit_code == 1
    assert "message 1" in result.stdout
    assert f"from byte {len(WHOLE) + 2}: not a whole frame" in result.stdout


def test_a_message_that_breaks_off_says_where_and_why_and_what_is_missing(barada: Barada) -> None:
    result = barada("decode", WHOLE[:90].hex())
    assert result.exit_code == 1
    assert "withdrawal" in result.stdout
    assert "cannot be read from byte 82 of 90, field 11: field data is" not in result.stdout
    assert "cannot be read from byte 88 of 90, field 12: field data is 2 bytes, expecting 6" in result.stdout
    assert "promised by the bitmap but not read: 12 13 14 22 25 32 35 37 41 42 48 49 52 54 102 128" in result.stdout


def test_bytes_after_the_last_field_are_told_and_all_fields_shown(barada: Barada) -> None:
    result = barada("decode", encoded(ECHO).hex() + "3131")
    assert result.exit_code == 1
    assert "echo" in result.stdout
    assert "cannot be read from byte 55 of 57, field 70: extra data after last field" in result.stdout


@pytest.mark.parametrize("framing", ["none", "length2", "ascii4", "bcd2", "length2-tpdu", "length2-inclusive"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_bytes_read_the_wrong_way_name_the_right_one_and_show_nothing(
    barada: Barada, dialect: str, framing: str
) -> None:
    body = encoded(WITHDRAWAL, dialect)
    given = body if framing == "none" else framed(body, body, framing=framing)
    wrong = "iso87-ascii" if dialect == "iso87-ebcdic" else "iso87-ebcdic"
    result = barada("decode", given.hex(), "--dialect", wrong)
    assert result.exit_code == 1
    assert f"--dialect {dialect} --framing {framing}" in result.stdout
    assert len(result.stdout.splitlines()) == 1


def test_json_is_one_object_per_message(barada: Barada) -> None:
    result = barada("decode", framed(WHOLE, encoded(ECHO)).hex(), "--framing", "length2", "--json")
    first, second = map(json.loads, result.stdout.splitlines())
    fields = {line["field"]: line for line in first["fields"]}
    assert first["fault"] is None
    assert fields["2"] == {
        "field": "2",
        "name": "card number",
        "at": 36,
        "length": 16,
        "value": "400000••••••7899",
    }
    assert fields["48.02"]["value"] == "en"
    assert (second["message"], second["at"], second["size"]) == (2, len(WHOLE) + 2, 55)


def test_json_tells_the_fault(barada: Barada) -> None:
    result = barada("decode", WHOLE[:90].hex(), "--json")
    told = json.loads(result.stdout)
    assert told["fault"] == {"field": "12", "at": 88, "why": "field data is 2 bytes, expecting 6"}
    assert told["unread"][0] == "12"
    assert result.exit_code == 1


def test_a_terminals_control_characters_are_not_obeyed(barada: Barada) -> None:
    hostile = encoded({**WITHDRAWAL, "41": "\x1b[2J\x07\r\n "})
    result = barada("decode", hostile.hex())
    assert "\x1b" not in result.stdout
    assert "\\x1b[2J\\x07" in result.stdout


def test_a_terminal_gets_a_table() -> None:
    ours, its = os.openpty()
    command = [sys.executable, "-m", "switch.cli", "decode", WHOLE.hex()]
    environment = {**os.environ, "COLUMNS": "150", "TERM": "xterm"}
    with os.fdopen(ours, "rb", buffering=0), subprocess.Popen(command, stdout=its, env=environment) as process:
        os.close(its)
        shown = everything(ours).decode()
    assert process.returncode == 0
    assert "─" in shown
    assert "400000••••••7899" in shown
    assert not [secret for secret in SECRETS if secret in shown]


def everything(fd: int) -> bytes:
    """What a terminal was told; Linux ends it with EIO once the other side is closed."""
    heard = b""
    try:
        while data := os.read(fd, 65_536):
            heard += data
    except OSError:
        pass
    return heard
