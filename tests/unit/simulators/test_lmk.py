"""The test LMK: keys under it come back, and only under the same pair, variant and scheme."""

from itertools import product

import pytest

from simulators.lmk import TEST_LMK, VARIANTS, Scheme, from_lmk, under_lmk

KEYS = {scheme: bytes(range(8 * len(scheme.value))) for scheme in Scheme}


def test_the_set_has_its_twenty_pairs_in_order() -> None:
    assert list(TEST_LMK) == [f"{first:02}-{first + 1:02}" for first in range(0, 40, 2)]
    assert {len(pair) for pair in TEST_LMK.values()} == {16}


@pytest.mark.parametrize("scheme", Scheme, ids=lambda scheme: scheme.name)
def test_a_key_comes_back_from_under_its_pair_and_variant(scheme: Scheme) -> None:
    hidden = {
        (pair, variant): under_lmk(pair, variant, scheme, KEYS[scheme])
        for pair, variant in product(("04-05", "06-07", "14-15"), range(len(VARIANTS)))
    }
    assert len(set(hidden.values())) == len(hidden)
    assert {from_lmk(*where, scheme, key) for where, key in hidden.items()} == {KEYS[scheme]}


def test_equal_halves_look_unlike_under_u_and_alike_under_x() -> None:
    key = bytes(range(8)) * 2
    under_u, under_x = under_lmk("06-07", 0, Scheme.U, key), under_lmk("06-07", 0, Scheme.X, key)
    assert under_u[:8] != under_u[8:]
    assert under_x[:8] == under_x[8:]


@pytest.mark.parametrize("scheme", Scheme, ids=lambda scheme: scheme.name)
def test_a_key_of_another_length_is_refused(scheme: Scheme) -> None:
    for size in (0, 7, len(KEYS[scheme]) + 8):
        with pytest.raises(ValueError, match="length"):
            under_lmk("06-07", 0, scheme, bytes(size))
