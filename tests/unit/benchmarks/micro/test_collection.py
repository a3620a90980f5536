from typing import Any
from unittest.mock import Mock

import pytest

from benchmarks.micro.conftest import SUITES, pytest_configure

TESTS = "tests"
BY_DEFAULT, NAMED = pytest.Config.ArgsSource.TESTPATHS, pytest.Config.ArgsSource.ARGS


@pytest.mark.parametrize(
    ("source", "option", "collected"),
    [
        (BY_DEFAULT, None, [TESTS]),
        (BY_DEFAULT, "benchmark_only", [SUITES]),
        (BY_DEFAULT, "benchmark_disable", [TESTS, SUITES]),
        (NAMED, None, [TESTS, SUITES]),
    ],
)
def test_the_suites_are_collected_when_a_run_is_about_them_or_names_them(
    source: Any, option: str | None, collected: list[str]
) -> None:
    config = Mock(args_source=source, args=[TESTS, SUITES], getoption=lambda name: name == option)

    pytest_configure(config)

    assert config.args == collected
