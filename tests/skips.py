"""A pytest plugin about skips: what a user's machine lacks, and what CI may leave out.

CI installs every program that a test needs, so there a skip that is not listed is a failure.
"""

from collections import Counter
from collections.abc import Generator, Mapping
from typing import TypeVar

import pytest

from tests import needs

ALLOWED: Mapping[str, str] = {
    "a measurement, of FUZZ_PROFILE=long": "the times of logins are compared, which only says "
    "something on a machine that does nothing else",
    "builds images and starts them, for minutes; set FIVEFOLD_COMPOSE=1": "needs a Docker engine "
    "and images of a registry, which CI has not",
}
"""Each reason that a test may be skipped for in CI, with why. No missing program is one."""

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
_OPTION = "--no-unexpected-skips"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that CI passes."""
    parser.addoption(
        _OPTION, action="store_true", help="fail on a skip that tests/skips.py does not list"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Judge the skip of a test."""
    return _judged((yield), item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Judge the skip of a whole file."""
    return _judged((yield), collector.config)


# Around what others have to say, so that these are the last lines.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Generator[None, None, None]:
    """Name each missing program, how many tests it hides, and what installs it."""
    yield
    hidden = Counter(map(_reason, terminalreporter.getreports("skipped")))
    for name, package in needs.PACKAGES.items():
        if count := hidden[needs.missing(name)]:
            tests = "test" if count == 1 else "tests"
            terminalreporter.write_line(
                f"{name} is not installed, which hides {count} {tests}: apt-get install {package}"
            )


def _judged(report: Report, config: pytest.Config) -> Report:
    reason = _reason(report)
    if config.getoption(_OPTION) and reason is not None and reason not in ALLOWED:
        report.outcome = "failed"
        report.longrepr = (
            f"{report.nodeid} was skipped, which tests/skips.py does not allow: {reason}"
        )
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str | None:
    """Return why it was skipped; None if it was not, or is expected to fail."""
    if not report.skipped or not isinstance(report.longrepr, tuple):
        return None
    return report.longrepr[2].removeprefix("Skipped: ")
