"""The buckets of HdrHistogram, without the cost of the empty ones."""

import json
import random

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram

from benchmarks.load.histogram import Histogram

PERCENTILES = (1, 25, 50, 90, 95, 99, 99.9)


def _values(amount: int = 5000) -> list[int]:
    rng = random.Random("latencies")
    # Hits below a millisecond, misses of some, a few of seconds: two modes and a tail.
    return [int(rng.lognormvariate(rng.choice((6, 6, 9)), 0.6)) + 1 for _ in range(amount)]


def _histogram(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


def test_percentiles_are_those_of_the_values_within_a_percent_and_the_mean_is_exact() -> None:
    values = _values()
    histogram = _histogram(values)

    expected = np.percentile(values, PERCENTILES, method="inverted_cdf")
    assert histogram.percentiles(*PERCENTILES) == pytest.approx(expected.tolist(), rel=0.01)
    assert histogram.mean == pytest.approx(float(np.mean(values)), rel=1e-12)
    assert histogram.count == len(values)


def test_the_buckets_are_those_of_the_library() -> None:
    library = HdrHistogram(1, 60_000_000, 3)
    values = _values()
    for value in values:
        library.record_value(value)

    found = _histogram(values).percentiles(*PERCENTILES)

    # The library returns the upper end of the bucket, this one its middle.
    ends = [library.get_value_at_percentile(one) for one in PERCENTILES]
    assert found == pytest.approx(ends, rel=0.001)


def test_merged_histograms_are_the_one_of_all_values_also_after_a_trip_as_json() -> None:
    values = _values()
    one, other = _histogram(values[:1234]), _histogram(values[1234:])

    one.merge(Histogram.load(json.loads(json.dumps(other.dump()))))

    assert one.percentiles(*PERCENTILES) == _histogram(values).percentiles(*PERCENTILES)
    assert one.mean == _histogram(values).mean


def test_a_percentile_that_was_asked_for_before_follows_what_comes() -> None:
    histogram = _histogram([10])

    assert histogram.percentiles(50) == [10.0]
    histogram.add(20)
    histogram.add(20)
    assert histogram.percentiles(50) == [20.0]
    histogram.merge(_histogram([30] * 9))
    assert histogram.percentiles(50) == [30.0]


def test_nothing_has_a_mean_and_percentiles_of_0() -> None:
    assert (Histogram().mean, Histogram().percentiles(50, 99)) == (0.0, [0.0, 0.0])
