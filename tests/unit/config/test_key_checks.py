"""What a configuration may say of keys, and that each mistake is one line with its place and what is allowed."""

from pathlib import Path

import pytest

from config.choices import ModuleKind
from config.settings import demo_path, load
from tests.unit.config.test_settings import SECRET, SMALLEST, refusal, written


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ({"use": "mac", "algorithm": "tdes"}, "algorithm: 'tdes': allowed for mac: retail, aes-cmac"),
        ({"use": "pin", "algorithm": "retail"}, "algorithm: 'retail': allowed for pin: tdes, aes"),
        ({"use": "dukpt", "algorithm": "aes-cmac"}, "algorithm: 'aes-cmac': allowed for dukpt: tdes, aes"),
        ({"use": "kek", "algorithm": "retail"}, "algorithm: 'retail': allowed for kek: tdes, aes"),
        ({"use": "storage", "algorithm": "tdes"}, "algorithm: 'tdes': allowed for storage: aes"),
        ({"use": "mac", "algorithm": "retail", "bits": 192}, "bits: 192: allowed for retail: 128"),
        ({"use": "pin", "algorithm": "tdes", "bits": 256}, "bits: 256: allowed for tdes: 128 or 192"),
        ({"use": "kek", "algorithm": "aes", "bits": 160}, "bits: 160: allowed for aes: 128 or 192 or 256"),
        ({"use": "kek", "algorithm": "aes", "bits": 64}, "bits: 64: allowed: a whole number from 128 to 256"),
        ({"use": "pin", "algorithm": "tdes", "pin_format": 4}, "pin_format: 4: allowed for tdes: 0 or 3"),
        ({"use": "pin", "algorithm": "tdes", "pin_format": 1}, "pin_format: 1: allowed for tdes: 0 or 3"),
        ({"use": "pin", "algorithm": "aes", "pin_format": 0}, "pin_format: 0: allowed for aes: 4"),
        ({"use": "dukpt", "algorithm": "tdes", "pin_format": 2}, "pin_format: 2: allowed for tdes: 0 or 3"),
        ({"use": "pin", "algorithm": "tdes", "pin_format": 5}, "pin_format: 5: allowed: a whole number from 0 to 4"),
        ({"use": "mac", "algorithm": "retail", "padding": 3}, "padding: 3: allowed: a whole number from 1 to 2"),
        (
            {"use": "pni", "algorithm": "tdes"},
            "use: 'pni': allowed: mac, pin, dukpt, kek, storage; did you mean 'pin'?",
        ),
        ({"algorithm": "tdes"}, "use: missing: allowed: mac, pin, dukpt, kek, storage"),
        ({"use": "pin"}, "algorithm: missing: allowed: retail, aes-cmac, tdes, aes"),
        ({"use": "pin", "algorithm": "tdes", "hex": SECRET}, "hex: unknown: allowed: use, algorithm, padding"),
    ],
)
def test_an_unfit_key_is_refused_with_what_its_use_allows(key: dict[str, object], said: str) -> None:
    line = refusal(demo_path(), {"keys.new": key})
    assert line.startswith(f"keys.new.{said}")
    assert SECRET[:5] not in line


def test_a_second_storage_key_is_refused() -> None:
    line = refusal(demo_path(), {"keys.new": {"use": "storage", "algorithm": "aes"}})
    assert line == 'keys: 2 keys with use = "storage": allowed: exactly one'


def test_a_key_that_one_endpoint_changes_is_no_other_endpoints() -> None:
    assert load(demo_path(), {"listeners.mobile-bcd.mac": "ebcdic-mac"}), "keys that stay may be shared"
    line = refusal(demo_path(), {"listeners.mobile-bcd.mac": "mobile-mac"})
    assert line == "listeners.mobile.mac: 'mobile-mac': allowed beside a kek: a key that no other endpoint uses"
    line = refusal(demo_path(), {"peers.core.pin": "atm-pin"})
    assert line.startswith("listeners.atm.pin: 'atm-pin': allowed beside a kek: ")


def test_terminals_keys_are_derived_at_a_listener_and_never_at_a_peer() -> None:
    base = {"keys.bdk": {"use": "dukpt", "algorithm": "tdes"}}
    assert load(demo_path(), base | {"listeners.atm.pin": "bdk"}).listeners["atm"].pin == "bdk"
    line = refusal(demo_path(), base | {"peers.core.pin": "bdk"})
    assert line.startswith("peers.core.pin: 'bdk': allowed: a key with use = \"pin\": mobile-pin")


@pytest.mark.parametrize(
    ("keys", "weaker"),
    [
        ({"keys.atm-pin.algorithm": "aes"}, True),
        ({"keys.atm-mac.algorithm": "aes-cmac"}, True),
        ({"keys.atm-pin.bits": 192}, True),
        ({"keys.atm-pin.bits": 192, "keys.atm-kek.bits": 192}, False),
        ({"keys.atm-kek.algorithm": "aes", "keys.atm-kek.bits": 128, "keys.atm-pin.algorithm": "aes"}, True),
        ({"keys.atm-kek.algorithm": "aes", "keys.atm-mac.algorithm": "aes-cmac"}, False),
        ({"keys.atm-kek.algorithm": "aes", "keys.atm-kek.bits": 128, "keys.atm-pin.bits": 192}, False),
        ({"keys.atm-pin.use": "dukpt", "keys.atm-pin.algorithm": "aes"}, False),
    ],
)
def test_no_key_travels_under_a_weaker_one(keys: dict[str, object], weaker: bool) -> None:
    if weaker:
        assert refusal(demo_path(), keys).startswith("listeners.atm.kek: 'atm-kek': allowed: one that is as strong as ")
    else:
        load(demo_path(), keys)


def test_software_that_is_forbidden_is_a_fault_of_the_file() -> None:
    line = refusal(demo_path(), {"security.forbid_software": True})
    assert line == 'security.forbid_software: true beside module = "soft": allowed: module = "payshield", or false'
    load(demo_path(), {"security.forbid_software": True, "security.module": "payshield"})


def test_a_block_of_sixteen_bytes_does_not_fit_the_field() -> None:
    line = refusal(demo_path(), {"keys.atm-pin.algorithm": "aes", "keys.atm-kek.algorithm": "aes"})
    assert line.startswith("listeners.atm.pin: 'atm-pin': allowed: one with pin_format 0 or 3")


def test_what_is_not_said_of_a_key_has_a_default(tmp_path: Path) -> None:
    three = {"use": "pin", "algorithm": "tdes", "bits": 192}
    keys = load(demo_path(), {"keys.bdk": {"use": "dukpt", "algorithm": "aes"}, "keys.three": three}).keys
    sizes = {"mobile-mac": 16, "mobile-pin": 16, "mobile-kek": 32, "web-mac": 16, "storage": 32, "three": 24, "bdk": 32}
    assert {name: keys[name].size for name in sizes} == sizes
    assert [keys[name].block_format for name in ("mobile-pin", "bdk")] == [0, 0]
    security = load(written(tmp_path, SMALLEST)).security
    assert (security.module, security.forbid_software, security.master_key) == (ModuleKind.SOFT, False, None)
    assert security.store == str(tmp_path / "keys.json")


def test_key_files_lie_where_the_file_says(tmp_path: Path) -> None:
    given = {"security.store": "secret/store.json", "security.master_key": "/run/keys/master"}
    security = load(written(tmp_path, SMALLEST), given).security
    assert security.store == str(tmp_path / "secret" / "store.json")
    assert security.master_key == "/run/keys/master"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("security.module", "hsm", "'hsm': allowed: soft, payshield"),
        ("security.forbid_software", 1, "1: allowed: true or false"),
        ("security.overlap_s", 0, "0: allowed: a number above 0 and up"),
        ("security.mac_failures_max", 0, "0: allowed: a whole number from 1"),
        ("security.key", SECRET, "unknown: allowed: module, forbid_software, store"),
        ("hsm.port", 0, "0: allowed: a whole number from 1 to 65535"),
        ("hsm.header_length", 3, "3: allowed: a whole number from 4 to 32"),
        ("listeners.atm.kek", "atm-mac", "'atm-mac': allowed: a key with use = \"kek\": mobile-kek, atm-kek"),
        ("listeners.atm.signs_on_within_s", 0, "0: allowed: a number above 0"),
        ("peers.core.kek", "core-kec", "'core-kec': allowed: a key with use = \"kek\": mobile-kek"),
    ],
)
def test_a_mistake_about_security_is_one_line_too(key: str, value: object, said: str) -> None:
    line = refusal(demo_path(), {key: value})
    assert line.startswith(f"{key}: {said}")
