"""The switch by itself is measured with everything on. How fast is for `barada bench`, not for a test."""

import pytest

from simulators.bench.alone import measure
from simulators.bench.requests import Asked


@pytest.mark.parametrize("asked", Asked)
def test_every_transaction_is_approved_and_costs_something(asked: Asked) -> None:
    figures = measure(asked, transactions=200, runs=2)
    assert len(figures) == 2
    assert min(figures) > 0
