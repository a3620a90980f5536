"""Where the compose files are, and how a file of YAML is read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
BASE = ROOT / "docker-compose.yml"
SCALE = ROOT / "deploy" / "compose.scale.yml"
CLUSTER = ROOT / "deploy" / "compose.cluster.yml"
FILES = (BASE, SCALE, CLUSTER)
PROFILES = ("compare", "notebooks", "monitoring")


def defined(file: Path) -> Mapping[str, Any]:
    """Return all that a file defines."""
    found: Mapping[str, Any] = yaml.safe_load(file.read_text())
    return found
