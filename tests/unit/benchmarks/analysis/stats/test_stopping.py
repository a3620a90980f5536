import pytest

from benchmarks.analysis.stats.stopping import StoppingRule

RULE = StoppingRule()


@pytest.mark.parametrize(
    ("variants", "enough"),
    [
        ([[2.0] * 10, [2.0] * 10], True),
        ([[2.0] * 10, [1.0, 1.5] * 5], False),  # all of them have to be known
        ([[2.0] * 8 + [1.0, 4.0]], True),  # the further observations do not decide
        ([], False),
    ],
)
def test_it_is_enough_once_every_ratio_is_known(
    variants: list[list[float]],
    enough: bool,  # noqa: FBT001
) -> None:
    assert RULE.enough([[8.0] * 10, *variants]) is enough


@pytest.mark.parametrize("count", [0, 2, 8, 9, 11])
def test_it_is_looked_at_from_the_least_on_and_after_every_second_observation(count: int) -> None:
    assert not RULE.enough([[8.0] * count, [2.0] * count])


def test_variants_need_as_many_observations() -> None:
    with pytest.raises(ValueError, match="as many"):
        RULE.enough([[8.0] * 10, [2.0] * 9])
