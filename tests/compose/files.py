"""The compose files as they are written, without Docker."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
BASE = ROOT / "docker-compose.yml"
SCALE = ROOT / "deploy" / "compose.scale.yml"
CLUSTER = ROOT / "deploy" / "compose.cluster.yml"
FILES = (BASE, SCALE, CLUSTER)

Service = Mapping[str, Any]


def defined(file: Path) -> Mapping[str, Any]:
    """Return all that a file defines."""
    found: Mapping[str, Any] = yaml.safe_load(file.read_text())
    return found


def services(file: Path) -> Mapping[str, Service]:
    """Return the services that a file defines, by name."""
    found: Mapping[str, Service] = defined(file)["services"]
    return found


def every_service() -> Iterator[tuple[str, Service]]:
    """Yield each service of each file, named with its file."""
    for file in FILES:
        for name, service in services(file).items():
            yield f"{file.name}: {name}", service


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a value of a file, keys included."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    else:
        yield str(value)


def mounts(service: Service) -> Iterator[Path]:
    """Yield what a service takes from the checkout."""
    for volume in service.get("volumes", ()):
        source = volume.removeprefix("${FIVEFOLD_REPORTS:-").partition(":")[0].rstrip("}")
        if source.startswith("."):
            yield ROOT / source
