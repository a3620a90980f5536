import numpy as np
import pytest

from benchmarks.analysis.model.mixture import Empirical, Lognormal, Mixture, quantile_ms

HITS, MISSES = Lognormal(1.0, 0.3), Lognormal(50.0, 0.3)


def test_quantiles_mean_and_spread_are_those_of_drawn_times() -> None:
    rng, count = np.random.default_rng(3), 200_000
    hits, misses = (rng.lognormal(each._mu, each._sigma, count) for each in (HITS, MISSES))
    drawn = np.where(rng.random(count) < 0.8, hits, misses)

    shares = [0.1, 0.5, 0.79, 0.81, 0.95, 0.99]
    predicted = [quantile_ms(Mixture(HITS, MISSES, 0.8), share) for share in shares]

    assert predicted == pytest.approx(np.quantile(drawn, shares), rel=0.03)
    assert misses.mean() == pytest.approx(50, rel=0.01)
    assert misses.std() / misses.mean() == pytest.approx(0.3, rel=0.02)


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


def test_a_distribution_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Empirical([])
    with pytest.raises(ValueError, match="positive"):
        Lognormal(0, 0.3)
