import random

import numpy as np
import pytest

from benchmarks.analysis.model.mixture import Empirical, Lognormal, Mixture, quantile_ms

HITS, MISSES = Lognormal(1.0, 0.3), Lognormal(50.0, 0.3)


def ratio(mixture: Mixture, share: float) -> float:
    """Return off / on of the starting document, whose reads all take exactly 50 ms."""
    return 50 / quantile_ms(mixture, share)


def test_the_starting_document_s_session_is_50_times_faster_at_the_median_and_not_at_the_end() -> (
    None
):
    session = Mixture(Empirical([1.0]), Empirical([50.0]), 0.8)

    assert 50 / session.mean_ms == pytest.approx(4.63, abs=0.005)
    assert ratio(session, 0.5) == pytest.approx(50)
    assert ratio(session, 0.81) == pytest.approx(1)
    assert ratio(session, 0.99) == pytest.approx(1)


def test_a_quantile_up_to_the_hit_ratio_is_a_hit_and_one_above_a_miss() -> None:
    mixture = Mixture(Empirical([1.0, 2.0]), Empirical([50.0, 60.0]), 0.8)

    assert quantile_ms(mixture, 0.4) == pytest.approx(1)
    assert quantile_ms(mixture, 0.8) == pytest.approx(2)
    assert quantile_ms(mixture, 0.81) == pytest.approx(50)
    assert quantile_ms(mixture, 0.95) == pytest.approx(60)


@pytest.mark.parametrize("share", [0.85, 0.9, 0.99])
def test_above_the_hit_ratio_it_is_the_misses_own_quantile(share: float) -> None:
    mixture = Mixture(HITS, MISSES, 0.8)

    assert quantile_ms(mixture, share) == pytest.approx(
        quantile_ms(MISSES, (share - 0.8) / 0.2), rel=1e-3
    )


@pytest.mark.parametrize("share", [0.1, 0.5, 0.79, 0.81, 0.95, 0.99])
def test_quantiles_are_those_of_drawn_times(share: float) -> None:
    rng = random.Random(3)
    drawn = [
        rng.lognormvariate(HITS._mu, HITS._sigma)
        if rng.random() < 0.8
        else rng.lognormvariate(MISSES._mu, MISSES._sigma)
        for _ in range(200_000)
    ]

    predicted = quantile_ms(Mixture(HITS, MISSES, 0.8), share)

    assert predicted == pytest.approx(np.quantile(drawn, share), rel=0.03)


def test_measured_modes_give_the_quantiles_of_all_their_times() -> None:
    hits, misses = [float(n) for n in range(1, 81)], [float(n) for n in range(101, 121)]

    mixture = Mixture(Empirical(hits), Empirical(misses), 0.8)

    assert quantile_ms(mixture, 0.25) == pytest.approx(25)
    assert quantile_ms(mixture, 0.95) == pytest.approx(115)
    assert mixture.mean_ms == pytest.approx(sum(hits + misses) / 100)


@pytest.mark.parametrize(("hit_ratio", "same_as"), [(0.0, MISSES), (1.0, HITS)])
def test_one_mode_alone_is_that_mode(hit_ratio: float, same_as: Lognormal) -> None:
    assert quantile_ms(Mixture(HITS, MISSES, hit_ratio), 0.99) == pytest.approx(
        quantile_ms(same_as, 0.99)
    )


def test_a_lognormal_has_the_mean_and_spread_it_was_given() -> None:
    rng = random.Random(4)
    drawn = [rng.lognormvariate(MISSES._mu, MISSES._sigma) for _ in range(200_000)]

    assert np.mean(drawn) == pytest.approx(50, rel=0.01)
    assert np.std(drawn) / np.mean(drawn) == pytest.approx(0.3, rel=0.02)


def test_a_distribution_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Empirical([])
    with pytest.raises(ValueError, match="positive"):
        Lognormal(0, 0.3)
