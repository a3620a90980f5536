"""A service that is refused its settings, in this process: one of its own takes half a second."""

import sys
from collections.abc import Mapping
from typing import Any

import pytest
import uvicorn

from service.server import serve


def refusal(
    settings: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> str:
    """Start the service with these settings, which it must refuse; return all that it says."""

    def starts(*_: object, **__: Any) -> None:
        pytest.fail("the service started")

    monkeypatch.setattr(uvicorn, "run", starts)
    monkeypatch.setattr(sys, "argv", ["service"])
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert serve("service.app", "from_environment") == 2
    said = capsys.readouterr()
    return said.err + said.out
