"""When the suites are collected."""

from collections.abc import Sequence

SUITES = "benchmarks/micro"


def paths_to_collect(testpaths: Sequence[str], *, only: bool, disabled: bool) -> list[str]:
    """Return which of the default paths a run is about.

    ``--benchmark-only`` is about the suites; a run without options about the tests, since it must
    not measure beside them; ``--benchmark-disable`` about both, the suites once each.
    """
    if disabled:
        return list(testpaths)
    return [path for path in testpaths if (path == SUITES) is only]
