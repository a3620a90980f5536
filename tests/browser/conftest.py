"""One browser for all tests of this folder; without one they are skipped."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Tab, installed, running


@pytest.fixture(scope="session")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    program = installed()
    if program is None:
        pytest.skip("no Chromium is installed")
    with running(program, tmp_path_factory.mktemp("profile")) as opened:
        yield opened
