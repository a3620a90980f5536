"""Durations as a user has them."""

import pytest

from benchmarks.analysis.quantities.response import responses
from tests.unit.benchmarks.simulate import sample


def test_a_request_of_a_load_takes_from_when_it_was_due() -> None:
    late = sample(regime="load", intended_start_s=1.0, start_s=1.3, duration_s=0.2)

    assert responses([late])[0].duration_s == pytest.approx(0.5)


def test_a_block_on_one_connection_is_left_as_it_is() -> None:
    late = sample(regime="native", intended_start_s=1.0, start_s=1.3, duration_s=0.2)

    assert responses([late]) == [late]
