from benchmarks.micro.collection import paths_to_collect

BOTH = ["tests", "benchmarks/micro"]


def test_a_run_without_options_is_about_the_tests() -> None:
    assert paths_to_collect(BOTH, only=False, disabled=False) == ["tests"]


def test_a_run_of_benchmarks_only_is_about_the_suites() -> None:
    assert paths_to_collect(BOTH, only=True, disabled=False) == ["benchmarks/micro"]


def test_a_run_with_benchmarks_disabled_does_both() -> None:
    assert paths_to_collect(BOTH, only=False, disabled=True) == BOTH
