import json
import os
import socket
from pathlib import Path

import pytest

from config.settings import demo_path, load
from switch.security.crypto.clear_key import ClearKey
from switch.security.keys.ceremony import stored
from switch.security.keys.private_file import write_private
from switch.security.keys.store import encoded
from switch.security.soft import SoftModule
from tests.unit.commands import answerer as switch
from tests.unit.commands.conftest import Barada

Keys = tuple[str, ...]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """The answerer's keys, in files of their owner's."""
    place = tmp_path_factory.mktemp("keys")
    return "--mac-key", key_file(place / "mac", switch.MAC_KEY), "--pin-key", key_file(place / "pin", switch.PIN_KEY)


def key_file(path: Path, key: bytes) -> str:
    path.write_text(f"{key.hex()}\n")
    path.chmod(0o600)
    return str(path)


def fields(code: str, **more: str) -> str:
    return json.dumps({"t": "0200", "3": code, "41": "GW000001"} | {de[2:]: value for de, value in more.items()})


def objects(text: str) -> list[dict[str, dict[str, str]]]:
    """Each message of a --json answer: its fields' lines by number."""
    return [{line["field"]: line for line in json.loads(row)["fields"]} for row in text.splitlines()]


def test_an_approved_message_exits_0_and_shows_both_messages(barada: Barada, keys: Keys, answerer: str) -> None:
    result = barada("send", "--to", answerer, *keys, "--fields", fields(switch.APPROVES))
    assert result.exit_code == 0
    assert "request: " in result.stdout
    assert "answer after " in result.stdout
    assert "financial answer" in result.stdout
    assert result.stdout.splitlines()[-1] == "00 Your transaction was completed"
    assert result.stderr == ""


def test_a_declined_message_exits_1(barada: Barada, keys: Keys, answerer: str) -> None:
    result = barada("send", "--to", answerer, *keys, "--fields", fields(switch.DECLINES))
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "51 There is not enough money in your account"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (switch.IS_SILENT, "no answer in time: the outcome is not known"),
        (switch.CLOSES, "the connection was closed without an answer"),
        (switch.FORGES, "the MAC of what came is wrong or missing"),
        (switch.GARBLES, "what came cannot be read: field p cannot be read"),
    ],
)
def test_no_answer_that_can_be_believed_exits_1_and_says_why(
    barada: Barada, keys: Keys, answerer: str, code: str, why: str
) -> None:
    result = barada("send", "--to", answerer, *keys, "--timeout", "0.05", "--fields", fields(code))
    assert result.exit_code == 1
    assert f"request: {why}" in result.stderr


def test_the_other_sides_echo_is_answered_while_waiting(barada: Barada, keys: Keys, answerer: str) -> None:
    result = barada("send", "--to", answerer, *keys, "--fields", fields(switch.ECHOES_FIRST))
    assert result.exit_code == 0
    assert "answered the other side's 0800" in result.stderr


def test_an_answer_to_another_question_is_passed_over(barada: Barada, keys: Keys, answerer: str) -> None:
    result = barada("send", "--to", answerer, *keys, "--fields", fields(switch.WRONG_FIRST))
    assert result.exit_code == 0
    assert "passed over: 0210, field 11 999999" in result.stderr


def test_a_wrong_key_is_answered_63(barada: Barada, answerer: str, tmp_path: Path) -> None:
    wrong = key_file(tmp_path / "wrong", bytes(range(1, 17)))
    result = barada("send", "--to", answerer, "--mac-key", wrong, "--fields", fields(switch.APPROVES))
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1].startswith("63 ")


def test_a_refused_sign_on_sends_nothing_else(barada: Barada, answerer: str, tmp_path: Path) -> None:
    port = int(answerer.rpartition(":")[2])
    path = configured(tmp_path, port, terminal=switch.REFUSES_SIGN_ON.strip())
    result = barada("send", "--config", str(path), "--listener", "mobile", "--service", "balance", "--plain")
    assert result.exit_code == 1
    assert "answer to the sign-on" in result.stdout
    assert "financial" not in result.stdout


def test_a_pin_goes_into_its_block_and_nowhere_else(barada: Barada, keys: Keys, answerer: str) -> None:
    options = ("--to", answerer, *keys, "--fields", fields(switch.READS_PIN), "--pan", switch.PAN)
    result = barada("send", *options, "--pin", stdin=f"{switch.PIN}\n")
    assert result.exit_code == 0
    assert switch.PIN not in result.output
    assert switch.PAN not in result.output
    assert barada("send", *options, "--pin", stdin="4712\n").exit_code == 1


@pytest.mark.parametrize("pin", ["12", "12345678901234", "abcd", "٤٧١١"])
def test_a_pin_that_is_none_is_not_repeated(barada: Barada, keys: Keys, pin: str) -> None:
    result = barada(
        "send",
        "--to",
        "localhost:1",
        *keys,
        "--fields",
        fields("310000"),
        "--pan",
        switch.PAN,
        "--pin",
        stdin=f"{pin}\n",
    )
    assert result.exit_code == 2
    assert pin not in result.output
    assert "four to twelve digits" in result.stderr


def test_a_repeat_is_the_same_message_again(barada: Barada, keys: Keys, answerer: str) -> None:
    given = fields(switch.ANSWERS_REPEATS)
    result = barada("send", "--to", answerer, *keys, "--fields", given, "--repeat", "--timeout", "0.05", "--json")
    assert result.exit_code == 0
    first, second, answer = objects(result.stdout)
    assert [message["t"]["value"] for message in (first, second, answer)] == ["0200", "0201", "0210"]
    assert [first[de]["value"] for de in ("7", "11", "37")] == [second[de]["value"] for de in ("7", "11", "37")]


def test_network_management_needs_no_sign_on(barada: Barada, answerer: str) -> None:
    result = barada("send", "--to", answerer, "--service", "echo", "--json")
    assert result.exit_code == 0
    assert [message["t"]["value"] for message in objects(result.stdout)] == ["0800", "0810"]


@pytest.mark.parametrize("way", ["-", "@"])
def test_fields_can_be_read_from_elsewhere(barada: Barada, keys: Keys, answerer: str, tmp_path: Path, way: str) -> None:
    file = tmp_path / "fields.json"
    file.write_text(fields(switch.APPROVES))
    given = "-" if way == "-" else f"@{file}"
    result = barada("send", "--to", answerer, *keys, "--fields", given, stdin=file.read_text())
    assert result.exit_code == 0


def configured(directory: Path, port: int, terminal: str = "GW*") -> Path:
    """The demo's configuration with the answerer in the place of its mobile listener, and its keys in the store."""
    text = demo_path().read_text(encoding="utf-8")
    store_keys(directory)
    for old, new in (
        ("../var/keys.json", str(directory / "keys.json")),
        ("../var/master.key", str(directory / "master.key")),
        ("port = 8583", f"port = {port}"),
        ('terminals = ["GW*"]', f'terminals = ["{terminal}"]'),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = directory / "switch.toml"
    path.write_text(text, encoding="utf-8")
    return path


def store_keys(directory: Path) -> None:
    master = bytes(range(32))
    key_file(directory / "master.key", master)
    soft, settings = SoftModule(master, os.urandom), load(demo_path()).keys
    tokens = {
        "mobile-mac": soft.taken(settings["mobile-mac"], ClearKey(switch.MAC_KEY)),
        "mobile-pin": soft.taken(settings["mobile-pin"], ClearKey(switch.PIN_KEY)),
    }
    write_private(directory / "keys.json", encoded({name: stored(token) for name, token in tokens.items()}))


def test_a_listener_of_a_configuration_says_all_that_is_needed(barada: Barada, answerer: str, tmp_path: Path) -> None:
    path = configured(tmp_path, int(answerer.rpartition(":")[2]))
    listener = ("--config", str(path), "--listener", "mobile", "--plain")
    more = ("--pan", switch.PAN, "--pin", "--fields", json.dumps({"3": switch.READS_PIN}))
    result = barada("send", *listener, "--service", "balance", *more, "--json", stdin=f"{switch.PIN}\n")
    assert result.exit_code == 0
    request, answer = objects(result.stdout)
    assert [request[de]["value"] for de in ("32", "41", "42")] == ["000123", "GW000001", "BARADA SEND    "]
    assert answer["39"]["value"] == "00"


def test_options_win_over_the_configuration(barada: Barada, keys: Keys, answerer: str) -> None:
    listener = ("--config", str(demo_path()), "--listener", "mobile-bcd")
    ways = ("--to", answerer, *keys, "--dialect", "iso87-ascii", "--framing", "length2", "--plain")
    assert barada("send", *listener, *ways, "--service", "balance").exit_code == 0


def test_nobody_there_is_one_line(barada: Barada) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = barada("send", "--to", f"127.0.0.1:{port}", "--service", "echo")
    assert result.exit_code == 1
    assert result.stderr == f"Error: 127.0.0.1:{port}: Connection refused\n"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "give --to HOST:PORT, or --config FILE and --listener NAME"),
        (("--to", "nowhere"), "allowed: HOST:PORT"),
        (("--to", "h:99999"), "allowed: HOST:PORT"),
        (("--listener", "mobile"), "--listener and --config go together"),
        (("--config", str(demo_path()), "--listener", "mobil"), "did you mean 'mobile'?"),
        (("--config", "gone.toml", "--listener", "mobile"), "gone.toml: No such file"),
        (("--to", "h:1", "--fields", "{"), "allowed: JSON"),
        (("--to", "h:1", "--fields", "[1]"), "allowed: JSON"),
        (("--to", "h:1", "--fields", "@gone.json"), "gone.json"),
        (("--to", "h:1"), "name a --service"),
        (("--to", "h:1", "--service", "balanse"), "balance"),
        (("--to", "h:1", "--service", "balance", "--framing", "none"), "a stream needs one"),
        (("--to", "h:1", "--service", "balance", "--fields", '{"3": "31"}'), "field 3: allowed: exactly 6 bytes"),
        (("--to", "h:1", "--service", "balance", "--pin"), "--pin needs a PIN key"),
        (("--to", "h:1", "--service", "balance", "--timeout", "0"), "--timeout"),
    ],
)
def test_what_was_not_understood_exits_2(barada: Barada, arguments: tuple[str, ...], why: str) -> None:
    result = barada("send", *arguments)
    assert result.exit_code == 2
    assert why in result.stderr


def test_a_pin_needs_a_card_number(barada: Barada, keys: Keys) -> None:
    result = barada("send", "--to", "h:1", "--service", "balance", *keys, "--pin")
    assert result.exit_code == 2
    assert "--pin needs a card number" in result.stderr


@pytest.mark.parametrize("option", ["--mac-key", "--pin-key"])
@pytest.mark.parametrize("key", ["0123456789abcdef", "not hex at all, but secret"])
def test_a_key_that_is_none_is_not_repeated(barada: Barada, tmp_path: Path, option: str, key: str) -> None:
    file = tmp_path / "key"
    file.write_text(key)
    file.chmod(0o600)
    result = barada("send", "--to", "h:1", "--service", "balance", option, str(file))
    assert result.exit_code == 2
    assert key not in result.output


def test_a_key_file_that_others_may_read_is_refused(barada: Barada, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(switch.MAC_KEY.hex())
    file.chmod(0o644)
    result = barada("send", "--to", "h:1", "--service", "balance", "--mac-key", str(file))
    assert result.exit_code == 2
    assert "its owner alone" in result.stderr
