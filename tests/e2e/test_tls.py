"""TLS as an operator meets it: certificates made, a switch started with them, and a message sent by hand."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.settings import demo_path, load
from simulators.provision import provide_keys

BARADA = Path(sys.executable).with_name("barada")
WITHIN_S = 30.0
BALANCE = ("--service", "balance", "--fields", '{"102": "10012345678901", "48": {"01": "963900000001"}}')


def barada(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([BARADA, *arguments], capture_output=True, text=True, timeout=WITHIN_S, check=False)


@dataclass(frozen=True)
class Installed:
    """A switch that runs by a configuration of its own, peers away."""

    config: Path
    ports: dict[str, int]

    @property
    def tls(self) -> Path:
        return self.config.parent.parent / "var" / "tls"

    def send(self, listener: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        to = f"127.0.0.1:{self.ports[listener]}"
        return barada("send", "--config", str(self.config), "--listener", listener, "--to", to, *arguments)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's file in a directory of its own: its paths are relative."""
    directory = tmp_path_factory.mktemp("i") / "config"
    directory.mkdir()
    shutil.copy(demo_path(), directory / "switch.toml")
    return directory / "switch.toml"


@pytest.fixture(scope="module")
def installed(config: Path) -> Iterator[Installed]:
    provide_keys(load(config), config.parent.parent / "var")  # where the file says that they are
    assert barada("certs", "demo", "--config", str(config)).returncode == 0
    ports = [f"--set=listeners.{name}.port=0" for name in load(config).listeners]
    command = [str(BARADA), "run", "--json", "--config", str(config), "--set=ledger.mode=inline", *ports]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Installed(config, json.loads(process.stdout.readline())["serving"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(WITHIN_S) == 0
    finally:
        process.kill()
        process.communicate()


def test_without_certificates_a_switch_says_in_one_line_what_is_missing(config: Path, tmp_path: Path) -> None:
    other = tmp_path / "config" / "switch.toml"
    other.parent.mkdir()
    shutil.copy(config, other)
    done = barada("run", "--config", str(other))
    missing = tmp_path / "var" / "tls" / "switch.pem"
    lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert (done.returncode, len(lines)) == (2, 1)
    assert lines[0].startswith(f"Error: {missing}: No such file or directory: allowed: a certificate in PEM; `barada ")


def test_a_channel_speaks_with_the_certificate_that_was_made_for_it(installed: Installed) -> None:
    for listener in installed.ports:
        done = installed.send(listener, "--service", "echo")
        assert done.returncode == 0, done.stderr


def test_another_channels_certificate_does_not_speak_for_this_one(installed: Installed) -> None:
    web = str(installed.tls / "clients" / "web")
    done = installed.send("mobile", *BALANCE, "--tls-certificate", f"{web}.pem", "--tls-key", f"{web}.key")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("58 ")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--plain",), "the connection "),
        (("--tls-name", "bank.example"), "certificate names another"),
    ],
)
def test_who_speaks_otherwise_gets_no_answer(installed: Installed, options: tuple[str, ...], said: str) -> None:
    done = installed.send("mobile", "--service", "echo", *options)
    assert done.returncode == 1
    assert said in done.stderr


def test_a_peers_certificate_is_none_to_connect_with(installed: Installed) -> None:
    core = str(installed.tls / "peers" / "core")
    done = installed.send("mobile", "--service", "echo", "--tls-certificate", f"{core}.pem", "--tls-key", f"{core}.key")
    assert done.returncode == 1
    assert "request: the connection" in done.stderr


def test_half_of_the_options_is_no_tls(installed: Installed) -> None:
    done = barada("send", "--to", "127.0.0.1:1", "--service", "echo", "--tls-certificate", "x.pem")
    assert done.returncode == 2
    assert "--tls-certificate, --tls-key and --tls-authorities go together" in done.stderr
