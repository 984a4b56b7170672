"""A configuration that is written out again, with what was replaced in it, says the same as before."""

from pathlib import Path

import pytest

from config.settings import demo_path, load, without_tls
from config.writing import written

OVERRIDES: tuple[dict[str, object], ...] = (
    {},
    {"listeners.mobile.port": 0, "ledger.database": "/srv/books/ledger.db", "switch.workers": 1},
    {**without_tls(load(demo_path()))},
)


@pytest.mark.parametrize("overrides", OVERRIDES, ids=("as it is", "replaced", "without TLS"))
def test_what_was_written_elsewhere_loads_as_the_same_settings(tmp_path: Path, overrides: dict[str, object]) -> None:
    file = tmp_path / "switch.toml"
    file.write_text(written(demo_path(), overrides), encoding="utf-8")
    assert load(file) == load(demo_path(), overrides)
