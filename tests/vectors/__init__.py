"""Published known answers, read as data: `vectors("cmac_aes")`."""

import json
from pathlib import Path
from typing import Any


def vectors(algorithm: str) -> list[Any]:
    """All vectors of one family; there must be some, so that a test can't pass over nothing."""
    every = json.loads(Path(__file__).with_name("crypto.json").read_text(encoding="utf-8"))
    found = [vector for vector in every if vector["algorithm"] == algorithm]
    assert found, f"no vectors of {algorithm}"
    return found
