import pytest

from benchmarks.storage.usage import UsageError
from notebooks.lib.pays import in_words


def test_own_numbers_become_the_factor_and_the_verdict() -> None:
    text = in_words(db_ms=49, app_ms=1, hit_ms=0.5, miss_ms=0, hit_ratio=0.8, writes=0.3)

    # A read takes 50 ms without, and 1 + 0.8 x 0.5 + 0.2 x 49 = 11.2 ms with a cache.
    assert text.startswith("**4.46x** for the mean read. Yes, a cache pays here")


def test_a_cache_that_loses_is_said_to() -> None:
    assert "No, a cache does not pay here" in in_words(db_ms=1, hit_ms=2, hit_ratio=0.9)


def test_a_number_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="--hit-ratio"):
        in_words(hit_ratio=1.5)
