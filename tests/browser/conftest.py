"""The browser of these tests: the Chromium that is installed, driven by Playwright."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests import needs

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PATIENCE_MS = 40_000


# Not of the session: while Playwright's synchronous interface is open, its event loop counts as
# running, and no other could run in this process.
@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Have a browser for the tests of a file."""
    program = needs.program("chromium")
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=_FLAGS,
            env=_environment(home=tmp_path_factory.mktemp("home")),
        )
        yield browser
        browser.close()


def _environment(home: Path) -> dict[str, str | float | bool]:
    """Of ours it gets only what finds its files, so that no proxy or account is in it."""
    found = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**found, "HOME": str(home)}
