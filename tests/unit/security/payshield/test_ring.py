"""A key ring over a payShield: keys change on the wire with a side whose keys are in software."""

import random

from config.choices import KeyUse
from config.security_sections import KeySettings
from simulators.lmk import token_under_test_lmk
from switch.security.crypto.clear_key import ClearKey
from switch.security.crypto.kcv import tdes_kcv
from switch.security.crypto.mac import RetailMac
from switch.security.keys.ring import KeyRing
from switch.security.keys.rolling import RollingMac
from switch.security.keys.store import MemoryKeyStore, StoredKey
from switch.security.payshield.module import PayShieldModule
from switch.security.port import FreshKey, KeyToken, SecurityError
from switch.security.soft import SoftModule
from switch.wire.remote_envelope import RemoteMac
from tests.unit.security.payshield.kit import KEK_KEY, ONE_KEY, RETAIL, AtOnce, Heard, settings

KEYS: dict[str, tuple[KeySettings, bytes]] = {
    key.name: (key, clear) for key, clear in ((settings(KeyUse.MAC, RETAIL), ONE_KEY), (settings(KeyUse.KEK), KEK_KEY))
}
MAC, KEK = KEYS


def now() -> float:
    return 0.0


def never(error: SecurityError) -> None:
    raise error


def in_hardware() -> KeyRing:
    stored = {name: StoredKey(token_under_test_lmk(key, clear), tdes_kcv(clear)) for name, (key, clear) in KEYS.items()}
    module = PayShieldModule(AtOnce(random.Random(7).randbytes))
    return KeyRing({name: key for name, (key, _) in KEYS.items()}, module, MemoryKeyStore(stored), now)


def in_software() -> KeyRing:
    soft = SoftModule(bytes(range(32)), random.Random(8).randbytes)
    tokens = {name: soft.taken(key, ClearKey(clear)) for name, (key, clear) in KEYS.items()}
    stored = {name: StoredKey(token.text, token.kcv) for name, token in tokens.items()}
    return KeyRing({name: key for name, (key, _) in KEYS.items()}, soft, MemoryKeyStore(stored), now)


def computed(ring: KeyRing, data: bytes) -> bytes | None:
    mac = ring.mac(MAC)
    heard = Heard[bytes | None]()
    if isinstance(mac, RemoteMac):
        mac.compute(data, heard)
    else:
        heard.append(mac.compute(data))
    (value,) = heard
    return value


def change(offering: KeyRing, accepting: KeyRing) -> FreshKey:
    """A key from one side to the other, until both use it."""
    offered, accepted = Heard[FreshKey](), Heard[KeyToken]()
    offering.offer(MAC, KEK, offered, never)
    (fresh,) = offered
    accepting.accept([MAC], KEK, fresh.block, fresh.token.kcv, accepted, never)
    (token,) = accepted
    offering.confirm(fresh.token)
    accepting.confirm(token)
    return fresh


def test_both_sides_begin_with_the_same_mac() -> None:
    hardware, software = in_hardware(), in_software()
    assert isinstance(hardware.mac(MAC), RemoteMac)
    assert isinstance(software.mac(MAC), RollingMac)
    assert computed(hardware, b"data") == computed(software, b"data") == RetailMac(ONE_KEY).compute(b"data")


def test_a_key_that_the_hardware_made_is_taken_in_by_software() -> None:
    hardware, software = in_hardware(), in_software()
    fresh = change(hardware, software)
    assert hardware.kcv(MAC) == software.kcv(MAC) == fresh.token.kcv != tdes_kcv(ONE_KEY)
    assert computed(hardware, b"data") == computed(software, b"data") != RetailMac(ONE_KEY).compute(b"data")


def test_a_key_that_software_made_is_taken_in_by_the_hardware() -> None:
    hardware, software = in_hardware(), in_software()
    fresh = change(software, hardware)
    assert hardware.kcv(MAC) == software.kcv(MAC) == fresh.token.kcv
    assert computed(hardware, b"data") == computed(software, b"data") != RetailMac(ONE_KEY).compute(b"data")


def test_a_message_under_the_key_before_is_still_taken() -> None:
    hardware = in_hardware()
    change(in_software(), hardware)
    mac, heard = hardware.mac(MAC), Heard[bool | None]()
    assert isinstance(mac, RemoteMac)
    mac.verify(b"data", RetailMac(ONE_KEY).compute(b"data"), heard)
    assert heard == [True]
