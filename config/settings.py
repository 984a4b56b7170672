"""Loads the configuration: `load(path)` gives checked `Settings`, or raises `ConfigError` with one line.

Rule: this is the one way in. A `Settings` that came out of `load` needs no second look anywhere else.
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from config.checks import CHECKS, services_are_known
from config.choices import (
    Channel,
    Dialect,
    KeyAlgorithm,
    KeyUse,
    Language,
    LedgerMode,
    LogLevel,
    Offer,
    OriginalLayout,
    PeerKind,
    Weekday,
)
from config.errors import ConfigError
from config.key_checks import endpoints
from config.read import Fault, read_table, read_value, table_of, tables_of, unknown_key
from config.sections import (
    BillerSettings,
    CurrencySettings,
    DaysSettings,
    FleetSettings,
    LedgerSettings,
    LimitSettings,
    ListenerSettings,
    ObserveSettings,
    PeerSettings,
    RouteSettings,
    Settings,
    SwitchSettings,
)
from config.security_sections import HsmSettings, KeySettings, SecuritySettings, TlsSettings
from config.values import Name

__all__ = [
    "BillerSettings",
    "Channel",
    "ConfigError",
    "CurrencySettings",
    "DaysSettings",
    "Dialect",
    "FleetSettings",
    "HsmSettings",
    "KeyAlgorithm",
    "KeySettings",
    "KeyUse",
    "Language",
    "LedgerMode",
    "LedgerSettings",
    "LimitSettings",
    "ListenerSettings",
    "LogLevel",
    "ObserveSettings",
    "Offer",
    "OriginalLayout",
    "PeerKind",
    "PeerSettings",
    "RouteSettings",
    "SecuritySettings",
    "Settings",
    "SwitchSettings",
    "TlsSettings",
    "Weekday",
    "demo_path",
    "load",
    "without_key_changes",
    "without_tls",
]

SINGLE: dict[str, type[msgspec.Struct]] = {
    "switch": SwitchSettings,
    "ledger": LedgerSettings,
    "security": SecuritySettings,
    "hsm": HsmSettings,
    "currency": CurrencySettings,
    "days": DaysSettings,
    "observe": ObserveSettings,
    "fleet": FleetSettings,
}
NAMED: dict[str, type[msgspec.Struct]] = {
    "keys": KeySettings,
    "tls": TlsSettings,
    "listeners": ListenerSettings,
    "peers": PeerSettings,
    "billers": BillerSettings,
}
LISTED: dict[str, type[msgspec.Struct]] = {"routes": RouteSettings, "limits": LimitSettings}


def load(
    path: str | Path, overrides: Mapping[str, object] | None = None, services: Collection[str] | None = None
) -> Settings:
    """The settings of a file. `overrides` replaces single values ({"listeners.mobile.port": 0}), checked alike; None
    takes one away. With `services`, the names of the service table, routes and limits may name none but these."""
    path = Path(path)
    raw = read_toml(path)

    def fault(key: str, wrong: str) -> ConfigError:
        return ConfigError(f"{path}: {key}: {wrong}")

    replace(raw, overrides or {}, fault)
    settings = with_paths_from(path.parent, settings_from(raw, fault))
    for check in CHECKS:
        for key, wrong in check(settings):
            raise fault(key, wrong)
    for key, wrong in services_are_known(settings, services) if services is not None else ():
        raise fault(key, wrong)
    return settings


def demo_path() -> Path:
    """Where the configuration of the demo lies."""
    return Path(__file__).with_name("demo.toml")


def without_tls(settings: Settings) -> dict[str, None]:
    """The overrides that take TLS away from every endpoint: for loopback and for networks in memory."""
    return {f"{place}.{key}": None for place, _ in endpoints(settings) for key in ("tls", "tls_name", "pins")}


def without_key_changes(settings: Settings) -> dict[str, None]:
    """The overrides that have every key stay as it is: what several workers need."""
    return {f"{place}.kek": None for place, _ in endpoints(settings)}


def read_toml(path: Path) -> dict[str, Any]:
    """The file's tables, or one line about why it can't be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {where_and_why(str(error))}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: byte {error.start} is not UTF-8: allowed: a TOML file in UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}: allowed: a TOML file that can be read") from None
    except ValueError:
        raise ConfigError(f"{str(path)!r}: not a path: allowed: a TOML file that can be read") from None


def where_and_why(text: str) -> str:
    """tomllib's "Expected '=' (at line 3, column 5)" with the place first."""
    found = re.fullmatch(r"(.*) \(at (line \d+, column \d+|end of document)\)", text, re.DOTALL)
    return f"{found[2]}: not TOML: {found[1]}" if found else f"not TOML: {text}"


def replace(raw: dict[str, Any], overrides: Mapping[str, object], fault: Fault) -> None:
    """Puts each override at its place, making tables that are not there yet; None takes away what is there."""
    for key, value in overrides.items():
        *tables, last = key.split(".")
        table = raw
        for name in tables:
            table = table_of(key, table.setdefault(name, {}), fault)
        if value is None:
            table.pop(last, None)
        else:
            table[last] = value


def settings_from(raw: dict[str, Any], fault: Fault) -> Settings:
    """The tables as settings, each value checked by itself."""
    for key in raw:
        if key not in Settings.__struct_fields__:
            raise unknown_key("", key, Settings.__struct_fields__, fault)
    values: dict[str, Any] = {}
    for place, kind in SINGLE.items():
        values[place] = read_table(place, raw.get(place, {}), kind, fault)
    for place, kind in NAMED.items():
        tables = table_of(place, raw.get(place, {}), fault)
        values[place] = {
            read_value(f"the name of a table in {place}", name, Name, fault): read_table(
                f"{place}.{name}", table, kind, fault, name
            )
            for name, table in tables.items()
        }
    for place, kind in LISTED.items():
        listed = tables_of(place, raw.get(place, []), fault)
        values[place] = tuple(read_table(f"{place}[{i}]", one, kind, fault) for i, one in enumerate(listed))
    return Settings(**values)


def with_paths_from(directory: Path, settings: Settings) -> Settings:
    """Relative paths start at the file's directory, not at wherever the switch was started."""
    socket = (directory / settings.ledger.socket).resolve()
    database = str((directory / settings.ledger.database).resolve())
    return msgspec.structs.replace(
        settings,
        switch=msgspec.structs.replace(
            settings.switch, admin_socket=admin_socket(directory, socket, settings.switch.admin_socket)
        ),
        ledger=msgspec.structs.replace(settings.ledger, database=database, socket=str(socket)),
        security=with_key_paths(directory, settings.security),
        tls={name: with_tls_paths(directory, tls) for name, tls in settings.tls.items()},
        fleet=with_register_path(directory, settings.fleet),
    )


def with_register_path(directory: Path, fleet: FleetSettings) -> FleetSettings:
    """The register of the ATMs, likewise."""
    if fleet.register is None:
        return fleet
    return msgspec.structs.replace(fleet, register=str((directory / fleet.register).resolve()))


def with_key_paths(directory: Path, security: SecuritySettings) -> SecuritySettings:
    """The files of the keys, likewise."""
    master = security.master_key
    return msgspec.structs.replace(
        security,
        store=str((directory / security.store).resolve()),
        master_key=None if master is None else str((directory / master).resolve()),
    )


def with_tls_paths(directory: Path, tls: TlsSettings) -> TlsSettings:
    """The files of certificates, likewise."""
    files = {key: str((directory / getattr(tls, key)).resolve()) for key in ("certificate", "key", "authorities")}
    return msgspec.structs.replace(tls, **files)


def admin_socket(directory: Path, ledger_socket: Path, given: str | None) -> str:
    """Beside the ledger's unless the file says otherwise; empty: none."""
    if given is None:
        return str(ledger_socket.with_name(f"{ledger_socket.stem}-admin{ledger_socket.suffix}"))
    return str((directory / given).resolve()) if given else ""
