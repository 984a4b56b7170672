"""Where `barada send` connects and how it speaks there: from a listener of a configuration, or from options alone.

Rule: an option that is given wins over the configuration. Key material goes into ciphers and MACs at once; it is in
no value here that could be printed, and never in an error.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from config.choices import KeyUse
from config.errors import did_you_mean, one_of
from config.sections import ListenerSettings, Settings
from config.settings import load
from switch.commands.certified import Certified
from switch.commands.question import Speaker
from switch.commands.ways import CHARSET, DIALECT, LAYOUT, dialect_of, framing_of
from switch.security.certificates.demo_certificates import client_files
from switch.security.crypto.mac import AesCmac, RetailMac
from switch.security.crypto.pin import PinCipher, PinZone
from switch.security.keys.key_policy import KeyAct
from switch.security.keys.master import master_key
from switch.security.keys.private_file import read_private
from switch.security.keys.store import MemoryKeyStore, read_keys
from switch.security.opening import token_in
from switch.security.port import SecurityError
from switch.security.soft import SoftModule
from switch.wire.envelope import Envelope, Mac
from switch.wire.framing import Framing

if TYPE_CHECKING:
    from switch.net.tls import Tls

FRAMING = "length2"
TIMEZONE = "Asia/Damascus"
MERCHANT = "BARADA SEND"

_ANYWHERE: Mapping[str, str] = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - not bound to: what to dial instead


@dataclass(frozen=True, slots=True)
class Keys:
    """The key options as they were typed; `mac` and `pin` name files."""

    mac: str | None = None
    mac_algorithm: str | None = None
    mac_padding: int | None = None
    pin: str | None = None

    def __repr__(self) -> str:
        return "<Keys>"


@dataclass(frozen=True, slots=True)
class Ways:
    """The options that say how to speak, None where they were not given."""

    dialect: str | None = None
    framing: str | None = None
    charset: str | None = None
    original_layout: str | None = None
    mac_network: bool | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A switch's listener, as seen from outside."""

    host: str
    port: int
    envelope: Envelope
    framing: Framing
    pin: PinZone | None
    speaker: Speaker
    zone: ZoneInfo
    tls: Tls | None = None


def endpoint_of(
    to: str | None, path: str | None, name: str | None, ways: Ways, keys: Keys, certified: Certified
) -> Endpoint:
    """Raises click.UsageError, ConfigError."""
    if (path is None) != (name is None):
        raise click.UsageError("--listener and --config go together")
    if path is None or name is None:
        if to is None:
            raise click.UsageError("give --to HOST:PORT, or --config FILE and --listener NAME")
        host, port = _address(to)
        tls = certified.tls(None, host)
        return _spoken(host, port, ways, _mac(keys), _pin(keys), Speaker(), TIMEZONE, tls)
    settings = load(path)
    listener = _listener(settings, name)
    host, port = _address(to) if to is not None else _dialled(listener)
    mac, pin = _mac(keys), _pin(keys)
    if (mac is None and listener.mac is not None) or (pin is None and listener.pin is not None):
        own_mac, own_pin = _own_keys(settings, listener)
        mac, pin = mac or own_mac, pin or own_pin
    tls = certified.tls(client_files(settings, listener), listener.tls or host)
    speaker, zone = _speaker(settings, listener), settings.switch.timezone
    return _spoken(host, port, _ways(listener, ways), mac, pin, speaker, zone, tls)


def _spoken(
    host: str,
    port: int,
    ways: Ways,
    mac: Mac | None,
    pin: PinZone | None,
    speaker: Speaker,
    zone: str,
    tls: Tls | None,
) -> Endpoint:
    dialect = dialect_of(ways.dialect or DIALECT, ways.charset or CHARSET, ways.original_layout or LAYOUT)
    framing = framing_of(ways.framing or FRAMING)
    if framing is None:
        raise click.BadParameter("none: allowed: a framing, for a stream needs one", param_hint="--framing")
    envelope = Envelope(dialect, mac, mac_network=bool(ways.mac_network))
    return Endpoint(host, port, envelope, framing, pin, speaker, ZoneInfo(zone), tls)


def _ways(listener: ListenerSettings, given: Ways) -> Ways:
    return Ways(
        given.dialect or listener.dialect.value,
        given.framing or listener.framing,
        given.charset or listener.charset,
        given.original_layout or listener.original_layout.value,
        listener.mac_network if given.mac_network is None else given.mac_network,
    )


def _listener(settings: Settings, name: str) -> ListenerSettings:
    known = settings.listeners
    if name not in known:
        raise click.BadParameter(
            f"{name!r}: allowed: {one_of(known)}{did_you_mean(name, known)}", param_hint="--listener"
        )
    return known[name]


def _dialled(listener: ListenerSettings) -> tuple[str, int]:
    if not listener.port:
        raise click.UsageError(f"{listener.name} listens on any free port: say which by --to HOST:PORT")
    return _ANYWHERE.get(listener.host, listener.host), listener.port


def _speaker(settings: Settings, listener: ListenerSettings) -> Speaker:
    """The first institution and terminal that the listener takes; a prefix of terminals gets number 1."""
    stem, any_end, _ = listener.terminals[0].partition("*")
    terminal = f"{stem}{1:0{8 - len(stem)}d}" if any_end else f"{stem:<8}"
    return Speaker(listener.acquirers[0], terminal, f"{MERCHANT:<15}", settings.switch.currency)


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise click.BadParameter(f"{text!r}: allowed: HOST:PORT", param_hint="--to")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _own_keys(settings: Settings, listener: ListenerSettings) -> tuple[Mac | None, PinZone | None]:
    """The listener's, out of the store, with the master key. Raises SecurityError."""
    soft = SoftModule(master_key(settings.security.master_key, os.environ), os.urandom)
    store = MemoryKeyStore(read_keys(settings.security.store))
    mac, pin = (settings.keys[name] if name is not None else None for name in (listener.mac, listener.pin))
    return (
        soft.mac(token_in(store, mac)) if mac is not None else None,
        soft.zone(token_in(store, pin), KeyAct.ENCRYPT) if pin is not None and pin.use is KeyUse.PIN else None,
    )


def _mac(keys: Keys) -> Mac | None:
    if keys.mac is None:
        return None
    key = _typed(keys.mac, "--mac-key")
    try:
        return AesCmac(key) if keys.mac_algorithm == "aes-cmac" else RetailMac(key, keys.mac_padding or 1)
    except ValueError:
        allowed = "allowed: a file of 32 hexadecimal digits, for aes-cmac 32, 48 or 64"
        raise click.BadParameter(allowed, param_hint="--mac-key") from None


def _pin(keys: Keys) -> PinZone | None:
    if keys.pin is None:
        return None
    try:
        return PinCipher(_typed(keys.pin, "--pin-key"))
    except ValueError:
        raise click.BadParameter("allowed: a file of 32 or 48 hexadecimal digits", param_hint="--pin-key") from None


def _typed(file: str, option: str) -> bytes:
    """A key's bytes out of its file, never from the command line, where everybody on the machine can read it."""
    try:
        return bytes.fromhex(read_private(file).decode("ascii").strip())
    except SecurityError as error:
        raise click.BadParameter(str(error), param_hint=option) from None
    except ValueError:
        raise click.BadParameter("allowed: a file of hexadecimal digits", param_hint=option) from None
