"""The configuration file: what is read, and that each mistake is one line with its place and what is allowed."""

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from config.settings import (
    Channel,
    ConfigError,
    Dialect,
    LedgerMode,
    ListenerSettings,
    PeerSettings,
    Settings,
    demo_path,
    load,
)
from switch.services.table import BY_NAME
from switch.terms import limits_of
from switch.wire.dialect import dialect_named
from switch.wire.framing import framing_named
from switch.wire.original import LAYOUTS
from switch.wire.specs import DIALECTS

SMALLEST = """
[switch]
bank_prefixes = ["100"]
[ledger]
database = "books/ledger.db"
socket = "ledger.sock"
[keys.storage]
use = "storage"
algorithm = "aes"
"""
SECRET = "0123456789ABCDEFFEDCBA9876543210"  # a published test key


def written(directory: Path, text: str) -> Path:
    path = directory / "switch.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path | str, overrides: Mapping[str, object] | None = None, **more: list[str]) -> str:
    """The one line that the configuration is refused with, without the file's name."""
    with pytest.raises(ConfigError) as caught:
        load(path, overrides, **more)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(f"{path}: ")
    return line.removeprefix(f"{path}: ")


def demo() -> Settings:
    return load(demo_path(), services=BY_NAME)


def test_the_demo_has_a_listener_per_channel_and_every_dialect() -> None:
    settings = demo()
    assert {listener.channel for listener in settings.listeners.values()} == set(Channel)
    assert {listener.dialect for listener in settings.listeners.values()} == set(Dialect)
    assert {"ELEC", "WATER", "TEL", "MOBILE1", "MOBILE2", "UNI-DAM"} <= set(settings.billers)
    assert settings.listeners["mobile"].name == "mobile"
    assert settings.peers["core"].name == "core"
    assert settings.billers["ELEC"].name == "ELEC"


def test_every_dialect_framing_and_layout_that_is_taken_is_known_on_the_wire() -> None:
    settings = demo()
    endpoints: list[ListenerSettings | PeerSettings] = [*settings.listeners.values(), *settings.peers.values()]
    assert endpoints
    for endpoint in endpoints:
        framing_named(endpoint.framing, endpoint.frame_size_max)
        dialect_named(endpoint.dialect, endpoint.charset, endpoint.original_layout)
    assert set(Dialect) == set(DIALECTS)
    for layout in LAYOUTS:
        assert load(demo_path(), {"peers.core.original_layout": layout}).peers["core"].original_layout == layout


@pytest.mark.parametrize(
    "framing", ["length2", "length2-inclusive", "ascii4", "bcd2", "bcd2-tpdu", "ascii4-inclusive-header:ISO026000070"]
)
def test_a_framing_that_is_taken_is_known_on_the_wire(framing: str) -> None:
    settings = load(demo_path(), {"peers.core.framing": framing})
    assert framing_named(settings.peers["core"].framing).name == framing


def test_paths_start_at_the_files_directory(tmp_path: Path) -> None:
    ledger = load(written(tmp_path, SMALLEST)).ledger
    assert ledger.database == str(tmp_path / "books" / "ledger.db")
    assert ledger.socket == str(tmp_path / "ledger.sock")
    assert ledger.mode is LedgerMode.PROCESS
    elsewhere = load(written(tmp_path, SMALLEST), {"ledger.database": "/srv/books.db"}).ledger
    assert elsewhere.database == "/srv/books.db"


def test_an_override_replaces_a_value_and_may_add_a_table() -> None:
    settings = load(demo_path(), {"listeners.mobile.port": 0, "billers.NEW.peer": "power"} | new_biller("NEW"))
    assert settings.listeners["mobile"].port == 0
    assert settings.listeners["atm"].port != 0
    assert settings.billers["NEW"].open


def new_biller(code: str) -> dict[str, object]:
    return {f"billers.{code}.name_ar": "مفوتر", f"billers.{code}.name_en": "A biller"}


# Each mistake: the key, the wrong value, and what the line must say after the key.
MISTAKES: list[tuple[str, object, str]] = [
    ("listeners.mobile.port", 99999, "99999: allowed: a whole number from 0 to 65535"),
    ("listeners.mobile.port", "8583", "'8583': allowed: a whole number from 0 to 65535"),
    ("listeners.mobile.port", True, "True: allowed: a whole number from 0 to 65535"),
    ("listeners.mobile.port", 8584, "8584: allowed: a port that mobile"),
    ("listeners.mobile.prot", 8583, "unknown: allowed: channel, host, port"),
    ("listeners.mobile.name", "x", "unknown: allowed: channel"),
    ("listeners.mobile.mac_network", "yes", "'yes': allowed: true or false"),
    ("listeners.mobile.idle_s", 0, "0: allowed: a number above 0"),
    ("listeners.mobile.idle_s", float("nan"), "nan: allowed: a number above 0"),
    ("listeners.mobile.idle_s", float("inf"), "inf: allowed: a number above 0"),
    ("listeners.mobile.dialect", "iso87-asci", "'iso87-asci': allowed: iso87-ascii, iso87-binary"),
    ("listeners.mobile.framing", "length3", "'length3': allowed: length2, ascii4, bcd2; then"),
    ("listeners.mobile.framing", "length2\n", "'length2\\n': allowed: length2"),
    ("listeners.mobile.charset", "utf-99", "'utf-99': allowed: a character set that Python knows"),
    ("listeners.mobile.charset", "utf-16", "'utf-16': allowed: a character set that Python knows"),
    ("listeners.mobile.charset", "hex", "'hex': allowed: a character set that Python knows"),
    ("listeners.mobile.mac", "mobile-mca", "'mobile-mca': allowed: a key with use = \"mac\": mobile-mac, atm-mac"),
    ("listeners.mobile.mac", "mobile-pin", "'mobile-pin': allowed: a key with use = \"mac\": mobile-mac"),
    ("listeners.mobile.pin", "atm-mac", '\'atm-mac\': allowed: a key with use = "pin" or "dukpt": mobile-pin'),
    ("listeners.mobile.acquirers", [], "[]: allowed: at least one institution"),
    ("listeners.mobile.acquirers", "000123", "'000123': allowed: a list, each 1 to 11 digits"),
    ("listeners.mobile.terminals", [], "[]: allowed: at least one terminal"),
    ("peers.core.kind", "bank", "'bank': allowed: core, biller"),
    ("peers.core.port", 0, "0: allowed: a whole number from 1 to 65535"),
    ("peers.core.timeout_s", 25, "25: allowed: less than switch.answer_within_s, 25"),
    ("peers.power.timeout_s", 12, "12: allowed: less than the core's timeout_s, 12"),
    ("peers.core.echo_after_s", 180, "180: allowed: less than idle_s, 180"),
    ("peers.core.refusals", ["51", "91"], "'91': allowed: any but 00, 09, 68, 91, 96"),
    ("peers.core.offers", ["status-query"], "status-query: allowed for a core: says-unknown"),
    ("peers.power.offers", ["undo-remembered", "undo-forgotten"], "undo-remembered, undo-forgotten: allowed: one of"),
    ("peers.power.mac", "", "'': allowed: up to 25 letters, digits"),
    ("billers.ELEC.peer", "powr", "'powr': allowed: a peer with kind = \"biller\": power, water"),
    ("billers.ELEC.peer", "core", "'core': allowed: a peer with kind = \"biller\": power, water"),
    ("switch.timezone", "Asia/Damascu", "'Asia/Damascu': allowed: an IANA zone such as Asia/Damascus"),
    ("switch.timezone", "Asia", "'Asia': allowed: an IANA zone"),
    ("switch.timezone", "../zone", "'../zone': allowed: an IANA zone"),
    ("switch.timezone", "", "'': allowed: an IANA zone"),
    ("switch.language", "fr", "'fr': allowed: ar, en"),
    ("switch.bank_prefixes", [], "[]: allowed: at least one prefix"),
    ("switch.currency", "SYP", "'SYP': allowed: 3 digits"),
    ("switch", 5, "5: allowed: a table"),
    ("switch.currency.code", 5, "'760': allowed: a table"),
    ("peers", [], "[]: allowed: a table"),
    ("peers.core", "core", "'core': allowed: a table"),
    ("routes", {}, "{}: allowed: tables in a list, [[routes]]"),
    ("observe.log_level", "INFO", "'INFO': allowed: debug, info, warning, error"),
    ("ledger.socket", "/" + "s" * 110, "111 bytes as an absolute path: allowed: up to 103"),
    ("ledger.mode", "thread", "'thread': allowed: process, inline"),
]


@pytest.mark.parametrize(("key", "value", "said"), MISTAKES, ids=[f"{key}={value!r:.20}" for key, value, _ in MISTAKES])
def test_a_mistake_is_one_line_with_its_key_and_what_is_allowed(key: str, value: object, said: str) -> None:
    line = refusal(demo_path(), {key: value})
    assert said in line
    assert line.partition(": ")[0] in (key, "listeners.atm.port")


def test_a_mistake_in_a_list_names_its_place() -> None:
    assert refusal(demo_path(), {"peers.power.offers": ["repeats", "x"]}).startswith("peers.power.offers[1]: 'x': ")
    assert refusal(demo_path(), {"routes": [{"peer": "core"}, {"peer": "cor"}]}).startswith("routes[0]: matches every")
    assert refusal(demo_path(), {"routes": [{"peer": "cor"}]}).startswith("routes[0].peer: 'cor': allowed: core, power")
    assert refusal(demo_path(), {"routes": [{"peer": "core", "biller": "GAZ"}]}).startswith("routes[0].biller: 'GAZ'")
    assert refusal(demo_path(), {"limits": [{"service": "pay-bill"}]}).startswith("limits[0]: no ceiling: allowed: ")
    assert refusal(demo_path(), {"limits": [5]}).startswith("limits[0]: 5: allowed: a table")


@pytest.mark.parametrize(
    ("key", "value", "meant"),
    [
        ("listeners.mobile.prot", 1, "port"),
        ("listners", {}, "listeners"),
        ("peers.power.offers", ["status-qeury"], "status-query"),
        ("listeners.mobile.mac", "mobile-mca", "mobile-mac"),
        ("billers.ELEC.peer", "powr", "power"),
        ("switch.answer_within", 25, "answer_within_s"),
    ],
)
def test_a_misspelt_word_gets_the_one_that_was_meant(key: str, value: object, meant: str) -> None:
    assert refusal(demo_path(), {key: value}).endswith(f"; did you mean {meant!r}?")


def test_a_service_that_nobody_runs_is_refused_in_limits_and_routes() -> None:
    limit = {"service": "pay-bil", "amount_max": 1}
    assert load(demo_path(), {"limits": [limit]}).limits[0].service == "pay-bil", "without the table it can't be known"
    line = refusal(demo_path(), {"limits": [limit]}, services=["pay-bill", "balance"])
    assert line == "limits[0].service: 'pay-bil': allowed: pay-bill, balance; did you mean 'pay-bill'?"
    line = refusal(demo_path(), {"routes": [{"service": "blance", "peer": "core"}], "limits": []}, services=["balance"])
    assert line.startswith("routes[0].service: 'blance': allowed: balance")


def test_a_missing_key_is_named_with_what_is_allowed(tmp_path: Path) -> None:
    without = SMALLEST.replace('socket = "ledger.sock"\n', "")
    assert refusal(written(tmp_path, without)) == "ledger.socket: missing: allowed: a text"


def test_an_atm_listener_and_a_core_need_a_pin_key(tmp_path: Path) -> None:
    text = demo_path().read_text(encoding="utf-8")
    without = text.replace('pin = "atm-pin"\n', "")
    assert refusal(written(tmp_path, without)).startswith("listeners.atm.pin: missing: allowed: a key with use = ")
    without = text.replace('pin = "core-pin"\n', "")
    assert refusal(written(tmp_path, without)).startswith("peers.core.pin: missing: allowed: a key with use = ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[switch]\ncurrency =\n", "line 2, column 11: not TOML: Invalid value"),
        ("[switch\n", "line 1, column 8: not TOML: "),
        ('a = "', "end of document: not TOML: "),
        ("a = 1\na = 2\n", "line 2, column 6: not TOML: Cannot overwrite a value"),
    ],
)
def test_a_file_that_is_not_toml_is_refused_with_line_and_column(tmp_path: Path, text: str, said: str) -> None:
    assert refusal(written(tmp_path, text)).startswith(said)


def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    assert os.strerror(errno.ENOENT) in refusal(tmp_path / "nothing.toml")
    assert os.strerror(errno.EISDIR) in refusal(tmp_path)
    assert os.strerror(errno.ENOTDIR) in refusal(written(tmp_path, SMALLEST) / "deeper.toml")
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9\n")
    assert refusal(tmp_path / "latin.toml") == "byte 5 is not UTF-8: allowed: a TOML file in UTF-8"
    with pytest.raises(ConfigError, match="not a path"):
        load("a\0b")


def test_a_file_without_keys_for_storage_is_refused(tmp_path: Path) -> None:
    without = SMALLEST[: SMALLEST.index("[keys.storage]")]
    said = 'keys: 0 keys with use = "storage": allowed: exactly one'
    assert refusal(written(tmp_path, without)) == said


@pytest.mark.parametrize("name", ["a b", "a.b", "", "x" * 26, "مفتاح", "a\nb"])
def test_a_table_has_a_plain_name(name: str, tmp_path: Path) -> None:
    text = SMALLEST + f'[billers."{name.encode("unicode_escape").decode()}"]\n' if name.isascii() else SMALLEST
    text += "" if name.isascii() else f'[billers."{name}"]\n'
    assert refusal(written(tmp_path, text)).startswith("the name of a table in billers: ")


@pytest.mark.parametrize(
    "overrides",
    [
        {"listeners.mobile.mac": SECRET},
        {"listeners.mobile.mac": " ".join(SECRET[i : i + 4] for i in range(0, 32, 4))},
        {"keys": SECRET},
        {"keys.new": SECRET},
        {"keys": [SECRET]},
        {f"keys.new.{SECRET}": "hex"},
        {SECRET: "hex"},
        {f"keys.{SECRET}.use": "nothing"},
        {"switch.language": SECRET},
        {"switch.bank_prefixes": [{"hex": SECRET}]},
        {"ledger.mode": {"hex": SECRET}},
        {"security.master_key": SECRET * 2},
    ],
)
def test_a_key_typed_in_the_wrong_place_is_not_shown(overrides: dict[str, object]) -> None:
    line = refusal(demo_path(), overrides)
    assert SECRET not in line
    assert SECRET[:8] not in line.replace(" ", "")


@pytest.mark.parametrize(
    ("given", "found"),
    [(None, "ledger-admin.sock"), ("orders.sock", "orders.sock"), ("", None)],
    ids=["absent", "given", "empty"],
)
def test_the_operators_socket_lies_beside_the_ledgers_unless_the_file_says_otherwise(
    tmp_path: Path, given: str | None, found: str | None
) -> None:
    settings = load(written(tmp_path, SMALLEST), {"switch.admin_socket": given} if given is not None else None)
    assert settings.switch.admin_socket == (str(tmp_path / found) if found is not None else "")


def test_the_operators_socket_is_not_the_ledgers(tmp_path: Path) -> None:
    line = refusal(written(tmp_path, SMALLEST), {"switch.admin_socket": "ledger.sock"})
    assert line == "switch.admin_socket: the same as ledger.socket: allowed: a path of its own"


def of_web(**more: object) -> dict[str, object]:
    return {"service": "pay-bill", "channel": "web", "amount_max": 1, **more}


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ([of_web(from_day="1 May")], "limits[0].from_day: '1 May': allowed: a day as YYYYMMDD"),
        ([of_web(from_day="20260229")], "limits[0].from_day: '20260229': allowed: a day of the calendar as YYYYMMDD"),
        (
            [of_web(from_day="20261202", until_day="20261201")],
            "limits[0].until_day: '20261201': allowed: 20261202, its from_day, or a later day",
        ),
        ([of_web(), of_web()], "limits[1]: limits[0] comes first on days of it: allowed: days that it does not have"),
        ([of_web(channel=None), of_web()], "limits[1]: limits[0] comes first"),
        ([of_web(until_day="20261201"), of_web(from_day="20261201")], "limits[1]: limits[0] comes first"),
        ([of_web(from_day="20261201"), of_web(from_day="20261101")], "limits[1]: limits[0] comes first"),
        ([of_web(per="machine")], "limits[0].per: 'machine': allowed: customer, terminal"),
    ],
)
def test_limits_that_contradict_themselves_or_each_other_are_named(limits: list[dict[str, object]], said: str) -> None:
    given = [{key: value for key, value in limit.items() if value is not None} for limit in limits]
    assert refusal(demo_path(), {"limits": given}).startswith(said)


@pytest.mark.parametrize(
    "limits",
    [
        [of_web(until_day="20261130"), of_web(from_day="20261201")],
        [of_web(from_day="20261201"), of_web(until_day="20261130")],
        [of_web(), of_web(channel="mobile")],
        [of_web(), of_web(per="terminal")],
        [of_web(), of_web(service="pay-loan")],
        [of_web(), {"service": "pay-bill", "amount_max": 1}],
    ],
)
def test_limits_that_follow_each_other_or_are_for_others_stand_together(limits: list[dict[str, object]]) -> None:
    assert len(load(demo_path(), {"limits": limits}).limits) == 2


CHANGED = {"currency.new_from": "20260101", "limits": []}


def test_a_change_of_the_currency_is_taken_as_written() -> None:
    currency = load(demo_path(), CHANGED | {"currency.both_until": "20260630"}).currency
    assert (currency.new_from, currency.old_per_new, currency.both_until) == ("20260101", 100, "20260630")
    assert load(demo_path()).currency.new_from == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"currency.new_from": "20260230"},
            "currency.new_from: '20260230': allowed: a day of the calendar as YYYYMMDD",
        ),
        ({"currency.new_from": "2026-01-01"}, "currency.new_from: '2026-01-01': allowed: a day as YYYYMMDD, or empty"),
        ({"currency.old_per_new": 50}, "currency.old_per_new: 50: allowed: 10, 100, 1000"),
        ({"currency.old_per_new": 5000}, "currency.old_per_new: 5000: allowed: 10, 100 or 1000"),
        ({"currency.both_until": "20251231"}, "currency.both_until: '20251231': allowed: a day not before currency."),
        (
            {"limits": [{"service": "pay-bill", "amount_max": 1}]},
            "limits[0].from_day: missing: allowed: the first business day on which it stands, which says in whose unit",
        ),
    ],
)
def test_a_change_of_the_currency_that_cannot_be_is_refused(change: dict[str, Any], said: str) -> None:
    assert refusal(demo_path(), CHANGED | change).startswith(said)


def test_without_a_change_nothing_is_shown_in_both_and_a_limit_needs_no_day() -> None:
    assert refusal(demo_path(), {"currency.both_until": "20261231"}).startswith("currency.both_until: ")
    assert load(demo_path(), {"limits": [{"service": "pay-bill", "amount_max": 1}]}).limits[0].from_day == ""


def test_a_limit_of_numbers_alone_needs_no_day_at_a_change() -> None:
    load(demo_path(), CHANGED | {"limits": [{"service": "pay-bill", "per_day_count_max": 1}]})


def test_a_limit_is_counted_in_the_unit_of_its_first_day() -> None:
    days = [{"from_day": "20250101", "until_day": "20251231"}, {"from_day": "20260101"}]
    limits = [{"service": "pay-bill", "amount_max": 500, **day} for day in days]
    settings = load(demo_path(), CHANGED | {"limits": limits})
    assert [limit.amount_max for limit in limits_of(settings)] == [500, 50_000]
