"""What a configuration says about keys is opened whole, or one line says what is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config.choices import ModuleKind
from config.sections import LedgerSettings, Settings, SwitchSettings
from config.security_sections import SecuritySettings
from switch.security.keys.ceremony import missing_keys
from switch.security.keys.private_file import write_private
from switch.security.keys.store import FileKeyStore, encoded, read_keys
from switch.security.opening import Security, open_security, sealing
from switch.security.port import KeyRefusedError, SecurityError
from switch.wire.dialect import dialect_named
from switch.wire.remote_envelope import RemoteEnvelope
from tests.unit.security import keys
from tests.unit.security.keys import BDK, CMAC, KEK, MASTER, PIN, STORAGE, SlowModule

DIALECT = dialect_named("iso87-ascii")


def settings_in(directory: Path, *, dukpt: bool = False, **security: object) -> Settings:
    """Of an installation with its files."""
    used = {one.name: one for one in (CMAC, PIN, KEK, STORAGE, *((BDK,) if dukpt else ()))}
    write_private(directory / "master.key", MASTER.hex().encode())
    store = directory / "keys.json"
    write_private(store, encoded(missing_keys(used, {}, keys.module())))
    files = {"store": str(store), "master_key": str(directory / "master.key"), **security}
    return Settings(
        switch=SwitchSettings(bank_prefixes=("100",)),
        ledger=LedgerSettings(database="", socket=""),
        security=SecuritySettings(**files),  # type: ignore[arg-type]
        keys=used,
    )


def opened(settings: Settings) -> Security:
    return open_security(settings, lambda: 0.0, {})


def test_the_ring_the_vault_and_the_warning_are_there(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    security = opened(settings)
    assert security.ring.kcv("cmac") == read_keys(settings.security.store)["cmac"].kcv
    assert security.vault.reveal(security.vault.conceal("text")) == "text"
    assert security.warning is not None
    assert "TEST" in security.warning
    assert not os.path.exists(f"{settings.security.store}.ksn")


def test_terminals_serial_numbers_are_kept_beside_the_store(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, dukpt=True)
    opened(settings)
    assert os.path.exists(f"{settings.security.store}.ksn")


def test_who_is_refused_the_store_leaves_the_serial_numbers_to_who_has_it(tmp_path: Path) -> None:
    """A file that was put in its place would take what the first one goes on to write with it."""
    settings = settings_in(tmp_path, dukpt=True)
    first = opened(settings)
    before = os.stat(f"{settings.security.store}.ksn").st_ino
    with pytest.raises(SecurityError, match="in use"):
        opened(settings)
    assert os.stat(f"{settings.security.store}.ksn").st_ino == before
    assert first.ring.kcv("cmac")


def test_where_software_is_forbidden_nothing_is_opened(tmp_path: Path) -> None:
    with pytest.raises(SecurityError, match=r"security\.forbid_software: keys in software are forbidden: allowed: "):
        opened(settings_in(tmp_path, forbid_software=True))


def test_where_hardware_is_asked_for_software_does_not_stand_in(tmp_path: Path) -> None:
    with pytest.raises(SecurityError, match=r'security\.module = "payshield": keys in software do not stand in for it'):
        opened(settings_in(tmp_path, module=ModuleKind.PAYSHIELD))


def test_hardware_is_not_forbidden_and_gets_the_keys_but_for_the_storage_key(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, forbid_software=True, module=ModuleKind.PAYSHIELD)
    module = SlowModule(keys.module())
    security = open_security(settings, lambda: 0.0, {}, hardware=lambda _: module)
    assert security.warning is None
    assert security.vault.fingerprint(b"a")
    envelope = sealing(DIALECT, security.ring, "cmac", mac_network=False)
    assert isinstance(envelope, RemoteEnvelope)


@pytest.mark.parametrize("gone", ["cmac", "storage"])
def test_a_key_that_is_not_in_the_store_is_named(tmp_path: Path, gone: str) -> None:
    settings = settings_in(tmp_path)
    store = FileKeyStore(settings.security.store)
    left = {name: key for name, key in store.all().items() if name != gone}
    store.close()
    write_private(settings.security.store, encoded(left))
    with pytest.raises(SecurityError, match=rf"keys\.{gone}: not in the key store"):
        opened(settings)


def test_another_master_key_opens_nothing_and_names_the_first_key(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    write_private(tmp_path / "master.key", bytes(32).hex().encode())
    with pytest.raises(KeyRefusedError, match=r"keys\.cmac: not a key block under this protection key"):
        opened(settings)


def test_no_other_key_does_the_storage_keys_work(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    store = FileKeyStore(settings.security.store)
    store.put("storage", store.all()["kek"])
    store.close()
    with pytest.raises(KeyRefusedError, match=r"keys\.storage: its key block is for another use"):
        opened(settings)


def test_an_endpoint_without_a_mac_key_seals_nothing(tmp_path: Path) -> None:
    ring = opened(settings_in(tmp_path)).ring
    assert not sealing(DIALECT, ring, None, mac_network=True).seals
    envelope = sealing(DIALECT, ring, "cmac", mac_network=True)
    assert envelope.seals
    assert envelope.mac_network
