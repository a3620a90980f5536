"""Both services for the tests of this folder that do not break them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from benchmarks.stack.embedded import Stack
from tests.integration.load.locusts import Locusts, both, locusts


@pytest.fixture(scope="package", name="targets")
def _targets(
    servers: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, str]]:
    with both(servers, tmp_path_factory.mktemp("services")) as targets:
        yield targets


@pytest.fixture(name="load")
def _load(targets: Mapping[str, str], tmp_path: Path) -> Iterator[Locusts]:
    with locusts(tmp_path, targets) as load:
        yield load
