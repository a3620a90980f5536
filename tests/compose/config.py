"""The compose files as Compose itself reads them: merged, with every variable put in.

``config`` needs no Docker engine. docker-compose 1.29 writes what it read in the short forms of
the file, docker compose in the long ones; here both come out the same.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
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
    found: Mapping[str, Any] = yaml.safe_load(file.read_text())
    return found


Service = Mapping[str, Any]

_READ_S = 60.0
_KEPT = ("PATH", "HOME", "DOCKER_CONFIG")


def read(
    program: Sequence[str], overrides: Sequence[Path], variables: Mapping[str, str]
) -> Mapping[str, Any]:
    """Return what Compose makes of the files, with these variables and none of the shell's."""
    files = [part for file in (BASE, *overrides) for part in ("-f", str(file))]
    profiles = [f"--profile={name}" for name in PROFILES]
    with tempfile.TemporaryDirectory() as folder:
        env_file = Path(folder) / "env"
        env_file.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
        ended = subprocess.run(
            [*program, "--env-file", str(env_file), *files, *profiles, "config"],
            cwd=ROOT,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=_READ_S,
        )
    assert ended.returncode == 0, ended.stderr
    assert "variable is not set" not in ended.stderr
    found: Mapping[str, Any] = yaml.safe_load(ended.stdout)
    return found


def ports(service: Service) -> Iterator[tuple[str, str, str]]:
    """Yield address, published port and port of the container; all addresses are ``""``."""
    for port in service.get("ports", ()):
        if isinstance(port, str):
            outside, _, target = port.removesuffix("/tcp").rpartition(":")
            address, _, published = outside.rpartition(":")
            yield address, published, target
        else:
            yield port.get("host_ip", ""), str(port.get("published", "")), str(port["target"])


def mounts(service: Service) -> Iterator[str]:
    """Yield ``source:target:mode``; a source in the checkout as seen from its top."""
    for mount in service.get("volumes", ()):
        if isinstance(mount, str):
            source, target, mode = mount.split(":")
        else:
            source, target = mount["source"], mount["target"]
            mode = "ro" if mount.get("read_only") else "rw"
        yield f"{source.removeprefix(f'{ROOT}/')}:{target}:{mode}"


def confined(service: Service) -> bool:
    """Tell whether a container has a read-only file system and no rights to gain."""
    return (
        service.get("read_only") is True
        and service.get("cap_drop") == ["ALL"]
        and service.get("security_opt") == ["no-new-privileges:true"]
    )


def environment(service: Service) -> dict[str, str]:
    given = service.get("environment", {})
    return {name: str(value) for name, value in given.items() if value is not None}
