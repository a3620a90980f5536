"""Locust in the process of the tests; it leaves their sockets and threads as they are."""

import pytest

with pytest.MonkeyPatch.context() as patch:
    # Only here: Locust's own processes have to be patched.
    patch.setenv("LOCUST_SKIP_MONKEY_PATCH", "1")
    import locust  # noqa: F401
