import pytest

from benchmarks.load.page.annotations import Annotations, Flip

Sight = tuple[float | None, bool]
FLIP = Flip(12.5, False, 12.5)


@pytest.mark.parametrize(
    ("sights", "flips"),
    [
        ([(0.0, True), (12.5, False), (13.5, False)], [FLIP]),
        ([(0.0, True), (None, False), (3.0, False)], []),
    ],
    ids=["whoever made it", "nothing between two runs"],
)
def test_a_change_of_the_flag_is_a_flip(sights: list[Sight], flips: list[Flip]) -> None:
    clock = [sight[0] for sight in sights]
    annotations = Annotations(lambda: clock[0])
    for clock[0], enabled in sights:
        annotations.see(enabled=enabled)

    assert annotations.flips == flips


def test_a_flip_is_marked_where_it_was_asked_for_and_compared_after_it_was_done() -> None:
    annotations = Annotations(lambda: 21.2)
    annotations.see(enabled=True)
    every_second = annotations.pairs_from
    annotations.see(enabled=False, asked=19.9)

    assert annotations.flips == [Flip(19.9, False, 21.2)]
    assert (every_second, annotations.pairs_from) == (0, 22)


def test_a_new_run_or_a_reset_forgets_the_flips_and_is_told() -> None:
    annotations = Annotations(lambda: 0.0)
    annotations.see(enabled=True)
    annotations.see(enabled=False)

    annotations.begin()

    assert (annotations.flips, annotations.pairs_from, annotations.generation) == ([], 0, 1)


def test_the_flips_that_are_kept_are_the_last_ones() -> None:
    clock = [0.0]
    annotations = Annotations(lambda: clock[0])
    for number in range(500):
        clock[0] = float(number)
        annotations.see(enabled=number % 2 == 0)

    assert len(annotations.flips) == 200
    assert annotations.flips[-1].second == 499
