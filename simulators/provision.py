"""The key files of an installation that is set up to be tried out: a master key, and a key for every name.

Rule: drawn anew each time, readable by their owner alone, and thrown away with the directory that they are in.
"""

from __future__ import annotations

import os
from pathlib import Path

from config.settings import Settings
from switch.security.keys.ceremony import missing_keys
from switch.security.keys.master import SIZE
from switch.security.keys.private_file import write_private
from switch.security.keys.store import encoded
from switch.security.soft import SoftModule

MASTER_KEY, KEY_STORE = "master.key", "keys.json"


def provide_keys(settings: Settings, directory: Path) -> dict[str, object]:
    """Write the files there; what must be replaced in the settings so that they are used."""
    master = os.urandom(SIZE)
    files = {"security.master_key": directory / MASTER_KEY, "security.store": directory / KEY_STORE}
    write_private(files["security.master_key"], master.hex().encode() + b"\n")
    write_private(files["security.store"], encoded(missing_keys(settings.keys, {}, SoftModule(master, os.urandom))))
    return {key: str(path) for key, path in files.items()}
