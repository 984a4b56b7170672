"""`barada certs`: what it makes the switch can run with, and what it shows is what a certificate says."""

import json
from pathlib import Path

import pytest

from config.settings import demo_path, load
from switch.security.certificates.demo_certificates import paths_in
from tests.unit.commands.conftest import Barada


@pytest.fixture
def demo(tmp_path: Path) -> tuple[str, ...]:
    """The demo's configuration with its certificates in the test's directory."""
    return tuple(f"--set={key}={path}" for key, path in paths_in(load(demo_path()), tmp_path / "tls").items())


def test_everything_is_made_and_told_with_a_loud_word(barada: Barada, demo: tuple[str, ...], tmp_path: Path) -> None:
    result = barada("certs", "demo", *demo)
    assert result.exit_code == 0
    for whose in ("Barada test authority", "switch", "mobile", "core", "university"):
        assert whose in result.stdout
    assert sum(line.rstrip().endswith(" made") for line in result.stdout.splitlines()) == 13
    assert "FOR TEST ONLY" in result.stderr
    assert (tmp_path / "tls" / "switch" / "clients" / "mobile-bcd.key").is_file()
    assert "PRIVATE" not in result.output


def test_a_second_time_nothing_is_made_unless_forced(barada: Barada, demo: tuple[str, ...]) -> None:
    made = [
        [one["made"] for one in json.loads(barada("certs", "demo", *demo, *more, "--json").stdout)["certificates"]]
        for more in ((), (), ("--force",))
    ]
    assert made == [[True] * 13, [False] * 13, [True] * 13]


def test_a_configuration_without_tls_has_nothing_to_make(barada: Barada) -> None:
    result = barada("certs", "demo", "--set=tls=null", *(f"--set={key}=null" for key in plain_keys()))
    assert result.exit_code == 2
    assert "no [tls.NAME], so there is nothing to make" in result.stderr


def plain_keys() -> list[str]:
    demo = load(demo_path())
    peers = [f"peers.{name}.{key}" for name in demo.peers for key in ("tls", "tls_name")]
    return [f"listeners.{name}.tls" for name in demo.listeners] + peers


def test_a_certificate_is_shown_with_for_whom_it_may_speak(
    barada: Barada, demo: tuple[str, ...], tmp_path: Path
) -> None:
    barada("certs", "demo", *demo, "--days", "10")
    directory = tmp_path / "tls" / "switch"
    result = barada("certs", "show", str(directory / "clients" / "atm.pem"))
    assert result.exit_code == 0
    for word in ("CN=atm,O=FOR TEST ONLY", "000124", "ATM*", "sha256/", "Barada test authority"):
        assert word in result.stdout
    [told] = json.loads(barada("certs", "show", str(directory / "peers" / "core.pem"), "--json").stdout)["certificates"]
    assert (told["names"], told["institutions"], told["terminals"]) == (["core"], [], [])
    assert set(told) >= {"subject", "issuer", "begins", "ends", "pin", "is_authority"}


def test_a_pin_that_is_shown_is_one_that_a_configuration_takes(
    barada: Barada, demo: tuple[str, ...], tmp_path: Path
) -> None:
    barada("certs", "demo", *demo)
    file = tmp_path / "tls" / "switch" / "peers" / "core.pem"
    [told] = json.loads(barada("certs", "show", str(file), "--json").stdout)["certificates"]
    assert load(demo_path(), {"peers.core.pins": [told["pin"]]}).peers["core"].pins == (told["pin"],)


def test_a_file_that_holds_none_is_one_line(barada: Barada, tmp_path: Path) -> None:
    file = tmp_path / "x.pem"
    file.write_text("nothing")
    result = barada("certs", "show", str(file))
    assert (result.exit_code, result.stderr) == (1, f"Error: {file}: not a certificate in PEM\n")


def test_what_cannot_be_written_is_one_line(barada: Barada, demo: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "tls").write_text("a file in the way")
    result = barada("certs", "demo", *demo)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
