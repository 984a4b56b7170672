"""Takes down all that is to be searched while a bank runs, and knows all that must not be in it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import trio
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from config.choices import KeyUse
from simulators.demo.installation import barada
from simulators.people.population import Card
from switch.cli import main
from switch.security.crypto.dukpt_tdes import TdesDukpt
from switch.security.crypto.ksn import Ksn
from switch.security.crypto.pin import PinCipher, seal_pin
from switch.security.crypto.pin_block import FILL_SIZE
from tests.e2e.canary import harm
from tests.e2e.canary.bank import ALL, Bank
from tests.e2e.canary.desk import DEVICE, serial_number
from tests.e2e.canary.forms import Secret
from tests.e2e.canary.person import NEXT_PIN, PAN, PIN, WRONG_PIN, card_of, personal, secrets_of
from tests.e2e.canary.search import files_in, found, process, rows_in

BOOKS = ("ledger.db", "core.db", "power.db", "water.db", "telecom.db", "cellular.db", "university.db")


class Canary:
    """What was seen so far, in which the secrets must not be."""

    def __init__(self, running: Bank, given: Path) -> None:
        self.bank = running
        self.given = given
        self.seen: dict[str, bytes] = {}
        self.shown: dict[str, bytes] = {}  # to people
        self.card: Card = card_of(running.settings, running.keys())
        self.secrets: dict[str, Secret] = {secret.name: secret for secret in secrets_of(self.card)}
        self.note_secrets()

    @property
    def options(self) -> list[str]:
        """With which a command works on this bank."""
        replaced = [f"--set={key}={json.dumps(value)}" for key, value in self.bank.overrides.items()]
        return ["--config", str(self.bank.config), *replaced]

    def note_secrets(self, **more: bytes) -> None:
        """The keys that there are now, for they change on the way, and the PIN blocks under them; and more by name."""
        keys = self.bank.keys()
        for name, value in more.items():
            self._note(name, value)
        for name, settings in self.bank.settings.keys.items():
            self._note(f"key {name}", keys.clear(name))
            if settings.use is KeyUse.PIN:
                self._note_blocks(f"under {name}", PinCipher(keys.clear(name)))
        base = TdesDukpt(keys.clear("pos-bdk"))
        self._note("initial key of a terminal", base.initial_key(DEVICE))
        for counter in (1, 2):
            key = base.pin_key(Ksn.parse(serial_number(counter)))
            self._note(f"PIN key {counter} of a terminal", key)
            self._note_blocks(f"under PIN key {counter} of a terminal", PinCipher(key))
        master, *certified = self.bank.key_files
        self._note("the master key", bytes.fromhex(master.read_text()))
        for file in certified:
            self._note(f"{file.name} of TLS", _scalar(file))

    def _note(self, name: str, value: bytes) -> None:
        self.secrets.setdefault(f"{name} {value.hex()}", Secret(name, value))

    def _note_blocks(self, under: str, zone: PinCipher) -> None:
        """Enciphered, they are kept nowhere all the same."""
        for pin in (PIN, NEXT_PIN, WRONG_PIN):
            self._note(f"PIN block {under}", bytes.fromhex(seal_pin(pin, PAN, zone, bytes(FILL_SIZE))))

    def look(self, when: str) -> None:
        """At all files and processes, as they are at this moment."""
        for name, data in files_in(self.bank.var, but=self.bank.key_files).items():
            self.seen[f"{name} {when}"] = data
        for pid in self.bank.pids:
            try:
                self.seen |= {f"{name} {when}": data for name, data in process(pid).items()}
            except (FileNotFoundError, ProcessLookupError):
                assert pid not in self.bank.pids, "a process that runs tells nothing of itself"
        self.shown[f"metrics {when}"] = harm.metrics(self.bank.settings)

    def look_at_the_end(self) -> None:
        """Row by row, when nobody writes any more."""
        for name in BOOKS:
            self.seen |= rows_in(self.bank.var / name)
        for name in ALL:
            self.shown |= {end: (self.bank.var / end).read_bytes() for end in (f"{name}.err", f"{name}.out")}

    async def run(self, *arguments: str, typed: str = "") -> str:
        """A command in a process of its own, what the system tells of that, and what it says."""
        command = [sys.executable, *barada(*arguments)]
        child = _piped(command, self.bank.var)
        self.seen |= {f"{name} of {arguments[0]}": data for name, data in process(child.pid).items()}
        said = await trio.to_thread.run_sync(_heard, child, typed.encode() + b"\n")
        self.shown[f"what {arguments[0]} said"] = said
        return said.decode()

    def said(self, *arguments: str) -> str:
        """A command in this process; it must go well."""
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.output
        self.shown[f"what {arguments[0]} {arguments[1]} said, {len(self.shown)}"] = done.output.encode()
        return done.stdout

    def leaks(self) -> list[str]:
        everything = {**self.seen, **self.shown}
        return found(self.secrets.values(), everything) + found(personal(), self.shown)


def _scalar(file: Path) -> bytes:
    """What is secret of an elliptic curve's private key (SEC 1 §3.2)."""
    key = load_pem_private_key(file.read_bytes(), None)
    assert isinstance(key, EllipticCurvePrivateKey)
    return key.private_numbers().private_value.to_bytes((key.key_size + 7) // 8)


def _piped(command: Sequence[str], directory: Path) -> subprocess.Popen[bytes]:
    """Without a terminal, so that what would be typed is read from its standard input."""
    return subprocess.Popen(
        command,
        cwd=directory,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _heard(child: subprocess.Popen[bytes], typed: bytes) -> bytes:
    said, _ = child.communicate(typed, timeout=30)
    return said
