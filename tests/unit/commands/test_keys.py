"""`barada keys`: what an officer and the custodians do, and that no key is seen while they do it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from config.settings import demo_path, load
from switch.security.crypto.clear_key import ClearKey
from switch.security.crypto.kcv import aes_kcv, tdes_kcv
from switch.security.keys.keyblock import KeyHeader, unwrap, wrap
from switch.security.keys.master import ENVIRONMENT, master_key
from switch.security.keys.store import FileKeyStore, MemoryKeyStore, StagedKey, read_keys
from switch.security.opening import open_security, token_in
from switch.security.soft import SoftModule
from tests.unit.commands.conftest import Barada

ONE, OTHER = bytes(range(32)), bytes(range(100, 132))
TOGETHER = bytes(a ^ b for a, b in zip(ONE, OTHER, strict=True))
TDES_ONE, TDES_OTHER = bytes(range(1, 17)), bytes(range(51, 67))
TDES_TOGETHER = bytes(a ^ b for a, b in zip(TDES_ONE, TDES_OTHER, strict=True))


class Office:
    """An installation in a directory of its own, a copy of the demo's configuration."""

    def __init__(self, directory: Path, barada: Barada) -> None:
        self.config = directory / "config" / "switch.toml"
        self.config.parent.mkdir()
        shutil.copy(demo_path(), self.config)
        self.master, self.store = directory / "var" / "master.key", directory / "var" / "keys.json"
        self._barada = barada

    def say(self, *arguments: str, stdin: str | None = None) -> Result:
        return self._barada("keys", *arguments, "--config", str(self.config), stdin=stdin)

    def must(self, *arguments: str, stdin: str | None = None) -> Result:
        result = self.say(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result

    def ready(self) -> Office:
        self.must("master", "new")
        self.must("generate", "--missing")
        return self

    @property
    def soft(self) -> SoftModule:
        return SoftModule(master_key(str(self.master), {}), os.urandom)

    def clear(self, name: str) -> bytes:
        settings = load(self.config)
        store = MemoryKeyStore(read_keys(str(self.store)))
        return self.soft.clear(token_in(store, settings.keys[name])).raw

    def kcv(self, name: str) -> str:
        return read_keys(str(self.store))[name].kcv


@pytest.fixture
def office(tmp_path: Path, barada: Barada, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    return Office(tmp_path, barada)


def typed(*parts: bytes, kcv: Callable[[bytes], str] = aes_kcv, last: str | None = None) -> str:
    """What custodians type: each component, and that its check value is right; then the other side's check value."""
    return "".join(f"{part.hex()}\ny\n" for part in parts) + (f"{last}\n" if last is not None else "")


def is_unseen(result: Result, *secrets: bytes) -> bool:
    return not any(secret.hex()[:12] in result.output.lower() for secret in secrets)


class TestMaster:
    def test_a_new_one_is_its_owners_file_and_is_told_by_its_check_value(self, office: Office) -> None:
        result = office.must("master", "new")
        key = master_key(str(office.master), {})
        assert result.stdout == f"{office.master}: check value {aes_kcv(key)}\n"
        assert office.master.stat().st_mode & 0o777 == 0o600
        assert is_unseen(result, key)
        assert office.must("master", "check").stdout == f"master key: check value {aes_kcv(key)}\n"

    @pytest.mark.parametrize("how", ["new", "combine"])
    def test_an_existing_one_stays(self, office: Office, how: str) -> None:
        office.must("master", "new")
        before = office.master.read_bytes()
        result = office.say("master", how, stdin=typed(ONE, OTHER))
        assert result.exit_code == 1
        assert result.stderr.endswith(f"Error: {office.master}: exists already: allowed: another name\n")
        assert office.master.read_bytes() == before

    def test_custodians_combine_it_and_see_nothing_but_check_values(self, office: Office) -> None:
        result = office.must("master", "combine", stdin=typed(ONE, OTHER))
        assert master_key(str(office.master), {}) == TOGETHER
        assert result.stdout == f"{office.master}: check value {aes_kcv(TOGETHER)}\n"
        assert f"Its check value is {aes_kcv(ONE)}" in result.stderr
        assert f"Its check value is {aes_kcv(OTHER)}" in result.stderr
        assert is_unseen(result, ONE, OTHER, TOGETHER)

    def test_three_custodians_may_have_one_each(self, office: Office) -> None:
        third = bytes(reversed(ONE))
        office.must("master", "combine", "--components", "3", stdin=typed(ONE, OTHER, third))
        together = bytes(a ^ b for a, b in zip(TOGETHER, third, strict=True))
        assert master_key(str(office.master), {}) == together

    def test_a_component_that_was_mistyped_is_typed_again(self, office: Office) -> None:
        stdin = f"not hex\n{ONE.hex()[:-2]}\n{OTHER.hex()}\nn\n" + typed(ONE, OTHER)
        result = office.must("master", "combine", stdin=stdin)
        assert master_key(str(office.master), {}) == TOGETHER
        assert result.stderr.count("Error: allowed: 64 hexadecimal digits") == 2
        assert is_unseen(result, ONE, OTHER)

    def test_a_component_that_is_typed_twice_makes_no_key(self, office: Office) -> None:
        result = office.say("master", "combine", stdin=typed(ONE, ONE))
        assert result.exit_code == 1
        assert "the components cancel each other out" in result.stderr
        assert not office.master.exists()

    def test_who_breaks_off_leaves_nothing(self, office: Office) -> None:
        assert office.say("master", "combine", stdin=f"{ONE.hex()}\ny\n").exit_code == 1
        assert not office.master.exists()

    def test_a_configuration_that_names_no_file_says_so(self, office: Office) -> None:
        text = office.config.read_text(encoding="utf-8")
        office.config.write_text(text.replace("master_key =", "# master_key ="), encoding="utf-8")
        result = office.say("master", "combine")
        assert result.exit_code == 1
        assert "security.master_key names no file: allowed: " in result.stderr


class TestGenerate:
    def test_a_fresh_configuration_gets_every_key_and_can_be_opened(self, office: Office) -> None:
        office.must("master", "new")
        result = office.must("generate", "--missing")
        settings = load(office.config)
        assert set(read_keys(str(office.store))) == set(settings.keys)
        assert [line.partition(":")[0] for line in result.stdout.splitlines()] == list(settings.keys)
        assert office.store.stat().st_mode & 0o777 == 0o600
        assert open_security(settings, lambda: 0.0, {}).ring.kcv("core-mac") == office.kcv("core-mac")

    def test_what_is_there_stays_and_only_what_is_missing_is_made(self, office: Office) -> None:
        office.must("master", "new")
        office.must("generate", "core-mac", "storage")
        before = read_keys(str(office.store))
        office.must("generate", "--missing")
        after = read_keys(str(office.store))
        assert before.items() <= after.items()
        assert office.must("generate", "--missing").stdout == ""

    def test_a_key_is_replaced_only_when_that_is_said_and_the_old_one_never_comes_back(self, office: Office) -> None:
        office.ready()
        before = office.kcv("core-mac")
        refused = office.say("generate", "power-mac", "core-mac")
        assert refused.exit_code == 1
        assert "keys.power-mac: in the store already: allowed: --replace" in refused.stderr
        assert office.kcv("core-mac") == before
        office.must("generate", "core-mac", "--replace")
        assert office.kcv("core-mac") != before
        assert before in read_keys(str(office.store))["core-mac"].retired

    def test_the_storage_key_is_never_replaced(self, office: Office) -> None:
        office.ready()
        result = office.say("generate", "storage", "--replace")
        assert result.exit_code == 1
        assert "it must stay: the ledger hangs on it" in result.stderr

    def test_no_new_storage_key_is_made_for_a_ledger_whose_own_was_lost(self, office: Office) -> None:
        office.ready()
        office.store.unlink()
        (office.store.parent / "ledger.db").touch()
        result = office.say("generate", "--missing")
        assert result.exit_code == 1
        assert "keys.storage: a new one can't read what the ledger has" in result.stderr
        assert not office.store.exists()

    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            ((), "name the keys, or give --missing"),
            (("core-mac", "--missing"), "name the keys, or give --missing"),
            (("core-mca",), "core-mca: allowed: mobile-mac"),
            (("core-mca",), "did you mean 'core-mac'?"),
        ],
    )
    def test_what_was_not_understood_exits_2(self, office: Office, arguments: tuple[str, ...], why: str) -> None:
        office.must("master", "new")
        result = office.say("generate", *arguments)
        assert result.exit_code == 2
        assert why in result.stderr

    def test_without_a_master_key_it_is_one_line(self, office: Office) -> None:
        result = office.say("generate", "--missing")
        assert result.exit_code == 1
        assert result.stderr.startswith(f"Error: {office.master}: No such file")
        assert not office.store.exists()

    def test_a_store_that_another_process_has_is_left_alone(self, office: Office) -> None:
        office.ready()
        store = FileKeyStore(str(office.store))
        result = office.say("generate", "core-mac", "--replace")
        store.close()
        assert result.exit_code == 1
        assert result.stderr == f"Error: {office.store}: in use by another process\n"

    def test_a_hardware_modules_keys_are_not_made_here(self, office: Office) -> None:
        text = office.config.read_text(encoding="utf-8").replace('module = "soft"', 'module = "payshield"')
        office.config.write_text(text, encoding="utf-8")
        office.must("master", "new")
        office.must("generate", "storage")
        result = office.say("generate", "core-mac")
        assert result.exit_code == 1
        assert "allowed: make it there, then `barada keys import core-mac --token`" in result.stderr
        under_lmk = "U" + "0123456789ABCDEF" * 2
        office.must("import", "core-mac", "--token", stdin=f"{under_lmk}\nA1B2C3\nA1B2C3\n")
        assert read_keys(str(office.store))["core-mac"].token == under_lmk
        assert office.say("import", "core-pin", "--token", stdin="no key\nA1B2C3\nA1B2C3\n").exit_code == 1


class TestList:
    def test_each_key_is_listed_with_its_check_value_and_what_follows_it(self, office: Office) -> None:
        office.ready()
        store = FileKeyStore(str(office.store))
        found = store.all()["core-mac"]
        store.put("core-mac", type(found)(found.token, found.kcv, next=StagedKey(found.token, "ABCDEF", "a block")))
        store.put("gone-mac", found)
        store.close()
        listed = json.loads(office.must("list", "--json").stdout)["keys"]
        by_name = {one["name"]: one for one in listed}
        assert by_name["core-mac"] == {
            "name": "core-mac",
            "use": "mac",
            "algorithm": "retail",
            "check_value": found.kcv,
            "next": "ABCDEF",
            "note": None,
        }
        assert by_name["gone-mac"]["note"] == "not in the configuration"
        table = office.must("list").stdout
        assert all(word in table for word in ("core-mac", "retail", found.kcv, "ABCDEF"))

    def test_it_works_without_a_master_key_or_a_store(self, office: Office) -> None:
        listed = json.loads(office.must("list", "--json").stdout)["keys"]
        assert {one["note"] for one in listed} == {"not in the store"}
        assert not office.store.exists()


class TestImport:
    def test_custodians_bring_a_key_encryption_key_in(self, office: Office) -> None:
        office.must("master", "new")
        kcv = aes_kcv(TOGETHER)
        result = office.must("import", "core-kek", stdin=typed(ONE, OTHER, last=kcv.lower()))
        assert office.clear("core-kek") == TOGETHER
        assert result.stdout == f"core-kek: check value {kcv}\n"
        assert is_unseen(result, ONE, OTHER, TOGETHER)

    def test_a_tdes_keys_components_have_its_size_and_check_value(self, office: Office) -> None:
        office.must("master", "new")
        stdin = typed(TDES_ONE, TDES_OTHER, last=tdes_kcv(TDES_TOGETHER))
        result = office.must("import", "atm-kek", stdin=stdin)
        assert office.clear("atm-kek") == TDES_TOGETHER
        assert f"Its check value is {tdes_kcv(TDES_ONE)}" in result.stderr
        assert "32 hexadecimal digits" in result.stderr

    def test_another_check_value_changes_nothing(self, office: Office) -> None:
        office.must("master", "new")
        result = office.say("import", "core-kek", stdin=typed(ONE, OTHER, last="000000"))
        assert result.exit_code == 1
        assert "nothing was changed" in result.stderr
        assert read_keys(str(office.store)) == {}

    def test_a_block_comes_in_under_a_key_encryption_key(self, office: Office) -> None:
        office.ready()
        kek = ClearKey(office.clear("core-kek"))
        block = wrap(kek, KeyHeader("D", "M3", "T", "C", "E"), ClearKey(TDES_TOGETHER), bytes(32))
        kcv = tdes_kcv(TDES_TOGETHER)
        common = ("import", "core-mac", "--kek", "core-kek", "--replace")
        assert office.say(*common, "--block", block, "--check-value", "000000").exit_code == 1
        assert office.say(*common, "--block", block[:-1] + "?", "--check-value", kcv).exit_code == 1
        assert office.clear("core-mac") != TDES_TOGETHER
        office.must(*common, "--block", block, "--check-value", kcv)
        assert office.clear("core-mac") == TDES_TOGETHER
        office.must("import", "power-mac", "--kek", "core-kek", "--replace", stdin=f"{block}\n{kcv}\n")
        assert office.clear("power-mac") == TDES_TOGETHER

    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            (("core-mac", "--block", "D0"), "--block goes with --kek"),
            (("core-mac", "--kek", "core-pin"), "core-pin: allowed: mobile-kek"),
            (("core-mac", "--token"), '--token: allowed with security.module = "payshield"'),
            (("nobody",), "nobody: allowed: "),
            (("core-mac", "--components", "1"), "--components"),
        ],
    )
    def test_what_was_not_understood_exits_2(self, office: Office, arguments: tuple[str, ...], why: str) -> None:
        office.must("master", "new")
        office.must("generate", "core-kek")
        result = office.say("import", *arguments)
        assert result.exit_code == 2
        assert why in result.stderr


class TestExport:
    @pytest.mark.parametrize(("name", "kek", "version"), [("core-mac", "core-kek", "D"), ("atm-pin", "atm-kek", "B")])
    def test_a_key_goes_out_as_a_block_that_the_other_side_can_open(
        self, office: Office, name: str, kek: str, version: str
    ) -> None:
        office.ready()
        result = office.must("export", name, "--kek", kek)
        header, key = unwrap(ClearKey(office.clear(kek)), result.stdout.strip())
        assert (header.version, key.raw) == (version, office.clear(name))
        assert result.stderr == f"{name}: check value {office.kcv(name)}\n"

    @pytest.mark.parametrize("name", ["storage", "core-kek"])
    def test_a_key_that_must_stay_does_not_go_out(self, office: Office, name: str) -> None:
        office.ready()
        result = office.say("export", name, "--kek", "core-kek")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "not to be given to others" in result.stderr

    def test_a_key_under_a_weaker_one_does_not_go_out(self, office: Office) -> None:
        office.ready()
        assert office.say("export", "web-mac", "--kek", "atm-kek").exit_code == 1

    def test_it_works_beside_a_running_switch(self, office: Office) -> None:
        office.ready()
        store = FileKeyStore(str(office.store))
        office.must("export", "core-mac", "--kek", "core-kek")
        store.close()


def test_a_staged_key_is_forgotten_when_that_is_meant(office: Office) -> None:
    office.ready()
    store = FileKeyStore(str(office.store))
    found = store.all()["core-mac"]
    store.put("core-mac", type(found)(found.token, found.kcv, next=StagedKey(found.token, "ABCDEF", "a block")))
    store.close()
    assert office.say("remove-staged", "core-mac", stdin="n\n").exit_code == 1
    assert read_keys(str(office.store))["core-mac"].next is not None
    office.must("remove-staged", "core-mac", "--yes")
    assert read_keys(str(office.store))["core-mac"] == found
    result = office.say("remove-staged", "core-mac", "--yes")
    assert (result.exit_code, result.stderr) == (1, "Error: keys.core-mac: nothing is staged\n")


class TestChange:
    @pytest.mark.parametrize(
        ("endpoint", "why"),
        [
            ("mobil", "mobil: allowed: mobile, atm, web"),
            ("mobil", "did you mean 'mobile'?"),
            ("peers.mobile", "allowed: "),
        ],
    )
    def test_an_endpoint_that_is_none_exits_2(self, office: Office, endpoint: str, why: str) -> None:
        result = office.say("change", endpoint, "--why", "as planned", "--yes")
        assert result.exit_code == 2
        assert why in result.stderr

    def test_a_reason_that_holds_a_secret_is_not_sent_or_shown(self, office: Office) -> None:
        result = office.say("change", "core", "--why", "00112233445566778899", "--yes")
        assert result.exit_code == 2
        assert "leave it out" in result.stderr
        assert "0011223344" not in result.output

    def test_a_switch_that_does_not_run_is_one_line(self, office: Office) -> None:
        result = office.say("change", "listeners.mobile", "--why", "as planned", "--yes")
        assert result.exit_code == 1
        assert "the switch is not running" in result.stderr
