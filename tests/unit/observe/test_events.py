"""The log: allowed fields only, whatever a caller hands over; exceptions without their text."""

import io
import json
from typing import Any

import pytest

from switch.observe.events import Log, open_log
from switch.observe.fields import ALLOWED, WITHHELD, allowed

PAN = "4000001234562007"
TRACK = f"{PAN}=29121010000000000000"
BLOCK = "3C0CA40863092C3A"
KEY = "0123456789ABCDEFFEDCBA9876543210"
ACCOUNT = "10000000000001"
SUBSCRIBER = "963900000001"
CODE = "123456"
SECRETS = [PAN, TRACK, BLOCK, KEY, ACCOUNT, SUBSCRIBER, BLOCK.lower(), f"{PAN[:4]} {PAN[4:8]} {PAN[8:12]} {PAN[12:]}"]


class Tape:
    """A log kept in memory."""

    def __init__(self, level: str = "info") -> None:
        self.file = io.StringIO()
        self.log: Log = open_log(level, self.file, lambda: 1_795_343_940.25)

    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.file.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_its_time_level_and_fields() -> None:
    tape = Tape()
    tape.log.info("link ready", peer="core", connection=1, elapsed_ms=12.5, reason="الاتصال جاهز")
    assert tape.file.getvalue() == (
        '{"time": "2026-11-22T10:39:00.250+00:00", "level": "info", "event": "link ready", "peer": "core", '
        '"connection": 1, "elapsed_ms": 12.5, "reason": "الاتصال جاهز"}\n'
    )


def test_events_below_the_level_are_not_logged() -> None:
    tape = Tape("warning")
    tape.log.debug("a")
    tape.log.info("b")
    tape.log.warning("c")
    tape.log.error("d")
    assert [line["event"] for line in tape.lines()] == ["c", "d"]


def test_a_field_that_is_not_listed_is_withheld() -> None:
    tape = Tape()
    tape.log.info("request", pan=PAN, pin="1234", message={"2": PAN}, code="00")
    (line,) = tape.lines()
    assert {name: line[name] for name in ("pan", "pin", "message", "code")} == {
        "pan": WITHHELD,
        "pin": WITHHELD,
        "message": WITHHELD,
        "code": "00",
    }


@pytest.mark.parametrize("secret", SECRETS)
def test_no_listed_field_lets_a_card_a_block_a_track_a_key_or_an_account_through(secret: str) -> None:
    for name in ALLOWED:
        for text in (secret, f"refused: {secret}.", secret.encode(), [secret], {secret: secret}):
            if (name, text) != ("reference", SUBSCRIBER):  # field 37 may be twelve digits: no form tells them apart
                assert allowed(name, text) == WITHHELD, name
        if secret.isdigit():
            assert name == "amount_minor" or allowed(name, int(secret)) == WITHHELD
    assert allowed("amount_minor", int(PAN)) == allowed("amount_minor", int(ACCOUNT)) == WITHHELD


def test_a_secret_in_the_events_own_text_is_withheld() -> None:
    tape = Tape()
    tape.log.info(f"card {PAN} refused")
    tape.log.info("two\nlines")
    assert [line["event"] for line in tape.lines()] == [WITHHELD, WITHHELD]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("payment", "0123456789abcdef0123456789abcdef"),
        ("reference", "632510000123"),
        ("acquirer", "00000000123"),
        ("terminal", "GW000001"),
        ("place", "(48.03)"),
        ("mti", "0200"),
        ("address", "192.168.100.100:40001"),
        ("address", "2001:db8::1"),
        ("amount_minor", 12_345_678_901),
        ("count", 0),
        ("reason", None),
        ("place", "transport.py:233"),
        ("at", "link.py:120 run < app.py:30 main"),
    ],
)
def test_what_an_operator_needs_is_let_through(name: str, value: object) -> None:
    assert allowed(name, value) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**9, -(10**9), "5"])
def test_a_number_that_is_none_or_could_name_somebody_is_withheld(value: object) -> None:
    assert allowed("count", value) == WITHHELD


def boom(text: str) -> None:
    raise ValueError(text)


def test_an_exception_is_its_class_and_place_without_its_text() -> None:
    tape = Tape()
    try:
        boom(f"bad block {BLOCK} of {PAN}, code {CODE}")
    except ValueError as error:
        tape.log.exception("malfunction", service="withdrawal")
        kept = error
    tape.log.error("later", exc_info=kept)
    for line in tape.lines():
        assert line["error"] == "ValueError"
        assert line["at"].startswith("test_events.py:")
        assert " boom < test_events.py:" in line["at"]
        assert set(line) <= {"time", "level", "event", "error", "at", "service"}
    assert not any(secret in tape.file.getvalue() for secret in (*SECRETS, CODE, "bad block"))


def test_a_group_of_exceptions_names_what_is_in_it() -> None:
    tape = Tape()
    tape.log.error("nursery", exc_info=ExceptionGroup(PAN, [ValueError(PAN), KeyError(PAN)]))
    assert tape.lines()[0]["error"] == "ExceptionGroup(ValueError, KeyError)"
    assert PAN not in tape.file.getvalue()


def test_exception_without_one_is_a_plain_error() -> None:
    tape = Tape()
    tape.log.exception("nothing is being handled")
    assert "error" not in tape.lines()[0]


class Full(io.StringIO):
    """A file on a full disk."""

    def write(self, _: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    closed = io.StringIO()
    closed.close()
    for file in (Full(), closed):
        open_log("info", file, lambda: 0.0).info("payment", code="00")
