"""Published known answers: what another bank's machine computes, ours computes too, and refuses what it refuses."""

from collections.abc import Callable

import pytest

from switch.security.port import SecurityError
from tests.vectors import Vector, vectors
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
