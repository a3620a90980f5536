"""The buckets of HdrHistogram, without the cost of the empty ones."""

import json
import random

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram

from benchmarks.load.histogram import Histogram

PERCENTILES = (1, 25, 50, 90, 95, 99, 99.9)
_RNG = random.Random("latencies")
# Hits below a millisecond, misses of some, a few of seconds: two modes and a tail.
VALUES = [int(_RNG.lognormvariate(_RNG.choice((6, 6, 9)), 0.6)) + 1 for _ in range(2000)]


def histogram_of(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


def test_percentiles_are_those_of_the_values_within_the_buckets_of_the_library() -> None:
    histogram, library = histogram_of(VALUES), HdrHistogram(1, 60_000_000, 3)
    for value in VALUES:
        library.record_value(value)
    found = histogram.percentiles(*PERCENTILES)

    expected = np.percentile(VALUES, PERCENTILES, method="inverted_cdf")
    assert found == pytest.approx(expected.tolist(), rel=0.01)
    # The library returns the upper end of the bucket, this one its middle.
    ends = [library.get_value_at_percentile(one) for one in PERCENTILES]
    assert found == pytest.approx(ends, rel=0.001)
    assert histogram.mean == pytest.approx(float(np.mean(VALUES)), rel=1e-12)
    assert histogram.count == len(VALUES)


def test_merged_histograms_are_the_one_of_all_values_also_after_a_trip_as_json() -> None:
    one, other, whole = (histogram_of(part) for part in (VALUES[:1234], VALUES[1234:], VALUES))

    one.merge(Histogram.load(json.loads(json.dumps(other.dump()))))

    assert one.percentiles(*PERCENTILES) == whole.percentiles(*PERCENTILES)
    assert one.mean == whole.mean


def test_a_percentile_that_was_asked_for_before_follows_what_comes() -> None:
    histogram = histogram_of([10])

    assert histogram.percentiles(50) == [10.0]
    histogram.add(20)
    histogram.add(20)
    assert histogram.percentiles(50) == [20.0]
    histogram.merge(histogram_of([30] * 9))
    assert histogram.percentiles(50) == [30.0]


def test_nothing_has_a_mean_and_percentiles_of_0() -> None:
    assert (Histogram().mean, Histogram().percentiles(50, 99)) == (0.0, [0.0, 0.0])
