"""A fakes outside the harness of its own for every test that asks."""

from pathlib import Path

import pytest

from tests.unit.benchmarks.fake_dependencies import Fakes


@pytest.fixture(name="fakes")
def _fakes(tmp_path: Path) -> Fakes:
    return Fakes(folder=tmp_path)
