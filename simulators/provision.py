"""The key files of an installation that is set up to be tried out: a master key, and a key for every name.

Rule: drawn anew each time, readable by their owner alone, and thrown away with the directory that they are in.
"""

from __future__ import annotations

import os
from pathlib import Path

from config.choices import KeyAlgorithm, KeyUse, ModuleKind
from config.settings import KeySettings, Settings
from simulators.lmk import token_under_test_lmk
from switch.security.keys.ceremony import missing_keys
from switch.security.keys.master import SIZE
from switch.security.keys.private_file import write_private
from switch.security.keys.store import StoredKey, encoded
from switch.security.port import KeyToken
from switch.security.soft import SoftModule

MASTER_KEY, KEY_STORE = "master.key", "keys.json"


def provide_keys(settings: Settings, directory: Path) -> dict[str, object]:
    """Write the files there; what must be replaced in the settings so that they are used."""
    master = os.urandom(SIZE)
    files = {"security.master_key": directory / MASTER_KEY, "security.store": directory / KEY_STORE}
    write_private(files["security.master_key"], master.hex().encode() + b"\n")
    soft = SoftModule(master, os.urandom)
    keys = missing_keys(settings.keys, {}, soft)
    if settings.security.module is ModuleKind.PAYSHIELD:
        keys = {name: _into_test_hardware(settings.keys[name], key, soft) for name, key in keys.items()}
    write_private(files["security.store"], encoded(keys))
    return {key: str(path) for key, path in files.items()}


def in_test_hardware(settings: Settings, port: int) -> dict[str, object]:
    """What must be replaced so that keys work in a simulated payShield at this port: its variant LMK holds no AES keys,
    so that each gets the algorithm of its use that it does hold."""
    held = {
        f"keys.{name}.algorithm": (KeyAlgorithm.RETAIL if key.use is KeyUse.MAC else KeyAlgorithm.TDES).value
        for name, key in settings.keys.items()
        if key.use is not KeyUse.STORAGE
    }
    return {"security.module": ModuleKind.PAYSHIELD.value, "hsm.port": port, **held}


def _into_test_hardware(settings: KeySettings, key: StoredKey, soft: SoftModule) -> StoredKey:
    """The storage key works in the switch's own process."""
    if settings.use is KeyUse.STORAGE:
        return key
    clear = soft.clear(KeyToken(settings, key.token, key.kcv)).raw
    return StoredKey(token_under_test_lmk(settings, clear), key.kcv)
