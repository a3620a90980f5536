from benchmarks.load.page.annotations import Annotations, Flip


class Watch:
    """A clock that is set by hand; None is a run that does not run."""

    def __init__(self) -> None:
        self.seconds: float | None = 0.0

    def __call__(self) -> float | None:
        return self.seconds


def test_a_change_of_the_flag_is_a_flip_whoever_made_it() -> None:
    watch = Watch()
    moments = Annotations(watch)
    moments.see(enabled=True)
    watch.seconds = 12.5
    moments.see(enabled=False)
    watch.seconds = 13.5
    moments.see(enabled=False)

    assert moments.flips == [Flip(12.5, False, 12.5)]


def test_a_flip_is_marked_where_it_was_asked_for_and_compared_after_it_was_done() -> None:
    watch = Watch()
    moments = Annotations(watch)
    moments.see(enabled=True)
    watch.seconds = 21.2
    moments.see(enabled=False, asked=19.9)

    assert moments.flips == [Flip(19.9, False, 21.2)]
    assert moments.pairs_from == 22


def test_without_a_flip_every_second_counts() -> None:
    assert Annotations(Watch()).pairs_from == 0


def test_between_two_runs_nothing_is_marked() -> None:
    watch = Watch()
    moments = Annotations(watch)
    moments.see(enabled=True)
    watch.seconds = None
    moments.see(enabled=False)
    watch.seconds = 3.0
    moments.see(enabled=False)

    assert moments.flips == []


def test_a_new_run_or_a_reset_forgets_the_flips_and_is_told() -> None:
    watch = Watch()
    moments = Annotations(watch)
    moments.see(enabled=True)
    moments.see(enabled=False)

    moments.begin()

    assert (moments.flips, moments.pairs_from, moments.generation) == ([], 0, 1)


def test_the_flips_that_are_kept_are_the_last_ones() -> None:
    watch = Watch()
    moments = Annotations(watch)
    for number in range(500):
        watch.seconds = float(number)
        moments.see(enabled=number % 2 == 0)

    assert len(moments.flips) == 200
    assert moments.flips[-1].second == 499
