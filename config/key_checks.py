"""What must hold of the cryptographic keys that a configuration names: each fits its use, and whoever names it.

Rule: as in `checks`. Here is only what a key is for; whether the one in the store is so is asked when it is opened.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from config.choices import KeyAlgorithm, KeyUse, ModuleKind
from config.errors import HIDDEN, did_you_mean, one_of, shown
from config.sections import ListenerSettings, PeerSettings, Settings
from config.security_sections import KeySettings

Fault = tuple[str, str]

ALGORITHMS = {
    KeyUse.MAC: (KeyAlgorithm.RETAIL, KeyAlgorithm.AES_CMAC),
    KeyUse.PIN: (KeyAlgorithm.TDES, KeyAlgorithm.AES),
    KeyUse.DUKPT: (KeyAlgorithm.TDES, KeyAlgorithm.AES),
    KeyUse.KEK: (KeyAlgorithm.TDES, KeyAlgorithm.AES),
    KeyUse.STORAGE: (KeyAlgorithm.AES,),
}
KEY_BITS = {
    KeyAlgorithm.RETAIL: (128,),
    KeyAlgorithm.TDES: (128, 192),
    KeyAlgorithm.AES_CMAC: (128, 192, 256),
    KeyAlgorithm.AES: (128, 192, 256),
}
# ISO 9564-1: format 4 is made for a block of 16 bytes, the others for one of 8. Format 1 is for activation codes, which
# have no card number; what has one is bound to it.
PIN_FORMATS = {
    (KeyUse.PIN, KeyAlgorithm.TDES): (0, 3),
    (KeyUse.PIN, KeyAlgorithm.AES): (4,),
    (KeyUse.DUKPT, KeyAlgorithm.TDES): (0, 3),
    (KeyUse.DUKPT, KeyAlgorithm.AES): (0, 3, 4),  # X9.24-3 derives TDES keys too, for the older formats
}
FORMATS_OF_52 = (0, 3)  # of eight bytes, as the field is
DES = (KeyAlgorithm.RETAIL, KeyAlgorithm.TDES)
COULD_BE_MASTER = re.compile(r"[0-9A-Fa-f]{32,}")
CHANGING = (KeyUse.MAC, KeyUse.PIN)  # on the wire, where an endpoint has a kek


def keys_are_sound(settings: Settings) -> Iterator[Fault]:
    for name, key in settings.keys.items():
        yield from key_is_sound(f"keys.{name}", key)
    storage = [name for name, key in settings.keys.items() if key.use is KeyUse.STORAGE]
    if len(storage) != 1:
        yield "keys", f'{len(storage)} keys with use = "storage": allowed: exactly one'


def software_is_not_forbidden(settings: Settings) -> Iterator[Fault]:
    security = settings.security
    if security.forbid_software and security.module is ModuleKind.SOFT:
        yield "security.forbid_software", 'true beside module = "soft": allowed: module = "payshield", or false'


def master_key_is_a_file(settings: Settings) -> Iterator[Fault]:
    """The key itself, written where its file is meant, would be read aloud by every error about that file."""
    if COULD_BE_MASTER.fullmatch(Path(settings.security.master_key or "").name):
        yield "security.master_key", f"{HIDDEN}: allowed: the name of a file that holds the key; no key stands here"


def key_is_sound(place: str, key: KeySettings) -> Iterator[Fault]:
    fit, bits = ALGORITHMS[key.use], KEY_BITS[key.algorithm]
    if key.algorithm not in fit:
        yield f"{place}.algorithm", f"{shown(key.algorithm.value)}: allowed for {key.use}: {one_of(fit)}"
    elif key.bits and key.bits not in bits:
        yield f"{place}.bits", f"{key.bits}: allowed for {key.algorithm}: {' or '.join(map(str, bits))}"
    elif key.use in (KeyUse.PIN, KeyUse.DUKPT) and key.block_format not in PIN_FORMATS[key.use, key.algorithm]:
        formats = " or ".join(map(str, PIN_FORMATS[key.use, key.algorithm]))
        yield f"{place}.pin_format", f"{key.pin_format}: allowed for {key.algorithm}: {formats}"


def endpoints(settings: Settings) -> Iterator[tuple[str, ListenerSettings | PeerSettings]]:
    """Every listener and peer, with its place in the file."""
    for name, listener in settings.listeners.items():
        yield f"listeners.{name}", listener
    for name, peer in settings.peers.items():
        yield f"peers.{name}", peer


def key_names_are_known(settings: Settings) -> Iterator[Fault]:
    for place, endpoint in endpoints(settings):
        pins = (KeyUse.PIN, KeyUse.DUKPT) if isinstance(endpoint, ListenerSettings) else (KeyUse.PIN,)
        yield from key_is_known(settings, f"{place}.mac", endpoint.mac, KeyUse.MAC)
        yield from key_is_known(settings, f"{place}.pin", endpoint.pin, *pins)
        yield from key_is_known(settings, f"{place}.kek", endpoint.kek, KeyUse.KEK)


def key_is_known(settings: Settings, place: str, name: str | None, *uses: KeyUse) -> Iterator[Fault]:
    fit = [known for known, key in settings.keys.items() if key.use in uses]
    if name is not None and name not in fit:
        wanted = " or ".join(f'"{use}"' for use in uses)
        yield place, f"{shown(name)}: allowed: a key with use = {wanted}: {one_of(fit)}{did_you_mean(name, fit)}"


def changing_keys_are_nobody_elses(settings: Settings) -> Iterator[Fault]:
    """A key that one endpoint changes would lock every other endpoint out that uses it too."""
    users = Counter(key for _, endpoint in endpoints(settings) for key in (endpoint.mac, endpoint.pin) if key)
    for place, endpoint in endpoints(settings):
        for word, key in (("mac", endpoint.mac), ("pin", endpoint.pin)):
            if endpoint.kek is not None and key is not None and users[key] > 1:
                yield f"{place}.{word}", f"{shown(key)}: allowed beside a kek: a key that no other endpoint uses"


def pin_blocks_fit_the_field(settings: Settings) -> Iterator[Fault]:
    """A block of format 4 has sixteen bytes: the module translates it, but field 52 can't carry it."""
    for place, endpoint in endpoints(settings):
        key = settings.keys.get(endpoint.pin or "")
        if key is not None and key.block_format not in FORMATS_OF_52:
            wanted = " or ".join(map(str, FORMATS_OF_52))
            yield (
                f"{place}.pin",
                f"{shown(endpoint.pin)}: allowed: one with pin_format {wanted}: field 52 has 8 bytes",
            )


def keks_are_strong_enough(settings: Settings) -> Iterator[Fault]:
    """A key under a weaker one (ISO 11568) would be refused each time it is to change."""
    for place, endpoint in endpoints(settings):
        kek = settings.keys.get(endpoint.kek or "")
        for name in (endpoint.mac, endpoint.pin):
            key = settings.keys.get(name or "")
            if kek is not None and key is not None and key.use in CHANGING and is_weaker(kek, key):
                yield f"{place}.kek", f"{shown(endpoint.kek)}: allowed: one that is as strong as {name}"


def is_weaker(kek: KeySettings, key: KeySettings) -> bool:
    if (kek.algorithm in DES) == (key.algorithm in DES):
        return kek.size < key.size
    return kek.algorithm in DES


KEY_CHECKS: tuple[Callable[[Settings], Iterator[Fault]], ...] = (
    keys_are_sound,
    master_key_is_a_file,
    software_is_not_forbidden,
    key_names_are_known,
    changing_keys_are_nobody_elses,
    keks_are_strong_enough,
    pin_blocks_fit_the_field,
)
