"""A world outside the harness of its own for every test that asks."""

from pathlib import Path

import pytest

from tests.unit.benchmarks.world import World


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    return World(folder=tmp_path)
