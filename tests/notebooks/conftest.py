"""The browser that opens the pages of the notebooks."""

from tests.browser.conftest import browser

__all__ = ["browser"]
