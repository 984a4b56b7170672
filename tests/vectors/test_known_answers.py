"""Published known answers: what another bank's machine computes, ours computes too, and refuses what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from switch.security.crypto.pin import PinCipher, open_pin
from switch.security.port import SecurityError
from tests.vectors import OTHERS, Vector, vectors
from tests.vectors.families import FAMILIES, answer

ALL = vectors()


@pytest.mark.parametrize("vector", [pytest.param(one, id=f"{one.algorithm}-{one.name}") for one in ALL])
def test_a_known_answer_is_ours(vector: Vector, record_property: Callable[[str, object], None]) -> None:
    record_property("vector", (vector.algorithm, vector.negative))
    assert vector.algorithm in FAMILIES, f"nothing of ours gives {vector.algorithm}"
    if vector.negative:
        with pytest.raises(SecurityError):
            answer(vector.algorithm, vector.inputs)
    else:
        assert answer(vector.algorithm, vector.inputs) == vector.output.upper()


def test_every_family_has_a_known_answer() -> None:
    assert set(FAMILIES) == {vector.algorithm for vector in ALL}


def test_a_further_file_of_vectors_is_run_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = {"name": "more", "algorithm": "cvv", "inputs": {}, "output": "", "source": "", "negative": True}
    (tmp_path / "more.json").write_text(json.dumps([more]), encoding="utf-8")
    monkeypatch.setenv(OTHERS, str(tmp_path / "more.json"))
    assert vectors()[-1] == Vector("more", "cvv", {}, "", negative=True)


def test_an_algorithm_that_nothing_of_ours_gives_is_an_error() -> None:
    with pytest.raises(KeyError):
        answer("rot13", {})


def test_a_terminals_block_under_its_transactions_key_is_translated_like_a_zones() -> None:
    inputs = next(dict(vector.inputs) for vector in ALL if vector.algorithm == "dukpt_tdes_pin_encrypt_iso0")
    inputs |= {"block": answer("dukpt_tdes_pin_encrypt_iso0", inputs), "src": "dukpt_tdes", "src_format": 0}
    inputs |= {"dst_format": 0, "dst_key": "12345678123456781234567812345678"}
    there = answer("pin_translate", inputs)
    assert open_pin(there, inputs["pan"], PinCipher(bytes.fromhex(inputs["dst_key"]))) == inputs["pin"]
