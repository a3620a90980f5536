"""The plugin about skips, in runs of pytest of its own."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import needs
from tests.skips import ALLOWED

ROOT = Path(__file__).parents[2]
ALLOWED_REASON = next(iter(ALLOWED))
Run = Callable[..., pytest.RunResult]

THREE_NEED_TWO = """
from tests import needs

def test_asking():
    needs.program("curl")

def test_asking_too():
    needs.program("curl")

def test_of_one_more():
    needs.program("promtool")
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs a file of tests where no program is installed."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PATH", "")
    pytester.makeini("[pytest]")

    def run(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(source)
        plugins = ("-p", "tests.skips", "-p", "xdist.plugin")
        return pytester.runpytest_inprocess(*plugins, *options)

    return run


SKIPPED = f"""
import pytest

def test_one():
    pytest.skip("it rains")

@pytest.fixture
def dry():
    pytest.skip("it pours")

def test_two(dry):
    pass

def test_listed():
    pytest.skip({ALLOWED_REASON!r})

@pytest.mark.xfail
def test_expected():
    assert False
"""
SAID = "*.py{} was skipped, which tests/skips.py does not allow: {}"


@pytest.mark.parametrize("processes", [(), ("-n2",)], ids=["alone", "parallel"])
def test_a_skip_that_is_not_listed_fails_and_says_which_and_why(
    run: Run, processes: tuple[str, ...]
) -> None:
    done = run(SKIPPED, "--no-unexpected-skips", *processes)

    assert done.ret == pytest.ExitCode.TESTS_FAILED
    done.assert_outcomes(failed=1, errors=1, skipped=1, xfailed=1)
    done.stdout.fnmatch_lines_random(
        [SAID.format("::test_one", "it rains"), SAID.format("::test_two", "it pours")]
    )


def test_a_whole_file_that_is_skipped_fails_too(run: Run) -> None:
    done = run(
        "import pytest; pytest.skip('it rains', allow_module_level=True)", "--no-unexpected-skips"
    )

    assert done.ret == pytest.ExitCode.INTERRUPTED
    done.stdout.fnmatch_lines([SAID.format("", "it rains")])


@pytest.mark.parametrize("processes", [(), ("-n2",)], ids=["alone", "parallel"])
def test_the_last_lines_name_each_missing_program_what_it_hides_and_what_installs_it(
    run: Run, processes: tuple[str, ...]
) -> None:
    done = run(THREE_NEED_TWO, "-ra", *processes)

    assert done.ret == pytest.ExitCode.OK
    assert done.outlines[-3:-1] == [
        "curl is not installed, which hides 2 tests: apt-get install curl",
        "promtool is not installed, which hides 1 test: apt-get install prometheus",
    ]


def test_a_missing_program_is_no_excuse_in_ci(run: Run) -> None:
    done = run(THREE_NEED_TWO, "--no-unexpected-skips")

    done.assert_outcomes(failed=3)
    assert not {needs.missing(name) for name in needs.PACKAGES} & ALLOWED.keys()


def test_ci_installs_every_program_that_a_test_needs() -> None:
    listed = re.findall(r"^([\w-]+) ([\w-]+)$", (ROOT / ".ci/run").read_text(), re.MULTILINE)

    assert needs.PACKAGES.items() <= dict(listed).items()
