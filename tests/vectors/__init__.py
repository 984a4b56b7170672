"""Published known answers, read as data."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Inputs = Mapping[str, Any]

OURS = Path(__file__).with_name("crypto.json")
# A further file of the same families, for whoever holds more of them.
OTHERS = "BARADA_VECTORS"


@dataclass(frozen=True)
class Vector:
    """What goes in, and what must come out: nothing but a refusal where it is negative."""

    name: str
    algorithm: str
    inputs: Inputs
    output: str
    negative: bool


def vectors() -> list[Vector]:
    """All of our file, then all of the other one, if there is one."""
    other = os.environ.get(OTHERS)
    return [vector for path in (OURS, *([Path(other)] if other else [])) for vector in read(path)]


def read(path: Path) -> list[Vector]:
    """A file's vectors; there must be some, so that no test passes over nothing."""
    found = [
        Vector(entry["name"], entry["algorithm"], entry["inputs"], entry["output"], entry.get("negative", False))
        for entry in json.loads(path.read_text(encoding="utf-8"))
    ]
    assert found, f"no vectors in {path.name}"
    return found
