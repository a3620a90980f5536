"""Docker, asked by its own programs: what the tests of this folder need of it."""

import functools
import json
import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.stack.ports import held_port
from tests.compose.config import BASE, PROFILES, ROOT, defined
from tests.waiting import until

ASKED = "FIVEFOLD_COMPOSE"
"""The variable that has these tests run: they build images for minutes."""
PORTS = ("CACHED", "UNCACHED", "LOCUST", "JUPYTER", "GRAFANA", "PROMETHEUS")
_PROJECT = "com.docker.compose.project"
_SERVICE = "com.docker.compose.service"
_NUMBER = "com.docker.compose.container-number"
_ANSWER_S, _START_S, _LONG_S = 60.0, 300.0, 1800.0


def missing() -> str | None:
    """Return why nothing can be tried here, None if it can."""
    if os.environ.get(ASKED) != "1":
        return f"builds images and starts them, for minutes; set {ASKED}=1"
    if not _succeeds("docker", "version"):
        return "no Docker engine answers"
    if program() is None:
        return "there is neither docker compose nor docker-compose"
    lacking = [image for image in base_images() if not has_image(image)]
    return f"no {', '.join(lacking)} here, and none can be pulled" if lacking else None


def base_images() -> list[str]:
    """Return the images that ours are built on, and those of the servers."""
    arguments = re.findall(
        r"^ARG PYTHON=(\S+)", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE
    )
    services = defined(BASE)["services"]
    return [*arguments, *(services[name]["image"] for name in ("mongo", "redis"))]


@functools.cache
def program() -> tuple[str, ...] | None:
    """Return the command of Compose, of today or of yesterday."""
    for command in (("docker", "compose"), ("docker-compose",)):
        if _succeeds(*command, "version"):
            return command
    return None


def has_image(name: str) -> bool:
    """Tell whether the engine has an image, after trying to get it.

    Where it cannot be had, what is here under a shorter version gets its name.
    """
    return (
        _succeeds("docker", "image", "inspect", name)
        or _succeeds("docker", "pull", "-q", name, within_s=_LONG_S)
        or any(_succeeds("docker", "tag", shorter, name) for shorter in shorter_versions(name))
    )


def shorter_versions(image: str) -> Iterator[str]:
    """Yield an image's names of fewer digits: of ``python:3.13.12-slim`` 3.13-slim and 3-slim."""
    repository, _, tag = image.partition(":")
    version, dash, suffix = tag.partition("-")
    digits = version.split(".")
    for many in range(len(digits) - 1, 0, -1):
        yield f"{repository}:{'.'.join(digits[:many])}{dash}{suffix}"


@dataclass(frozen=True)
class Compose:
    """A project of its own: other names, other ports, other reports than a person's."""

    name: str
    command: tuple[str, ...]
    ports: Mapping[str, int]
    env_file: Path
    reports: Path

    def run(self, *arguments: str, also: Sequence[Path] = ()) -> subprocess.CompletedProcess[str]:
        """Run one command of Compose; ``also`` are overrides. What it said comes back whole."""
        files = [part for file in (BASE, *also) for part in ("-f", str(file))]
        return subprocess.run(
            [*self.command, "-p", self.name, "--env-file", str(self.env_file), *files, *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=_LONG_S,
        )

    def done(self, *arguments: str, also: Sequence[Path] = ()) -> str:
        """Run one command of Compose that has to succeed."""
        ended = self.run(*arguments, also=also)
        assert ended.returncode == 0, f"{arguments}: {ended.stdout}{ended.stderr}"
        return ended.stdout

    def url(self, port: str) -> str:
        """Return the address that the host knows a service by."""
        return f"http://127.0.0.1:{self.ports[port]}"

    def container(self, name: str) -> str:
        """Return what the engine calls a container; ``name`` is ``service-number``."""
        return str(self.containers()[name]["Name"].removeprefix("/"))

    def containers(self) -> dict[str, Any]:
        """Return what the engine knows of each container, by ``service-number``."""
        ids = output("docker", "ps", "-aq", "--filter", f"label={_PROJECT}={self.name}").split()
        found = json.loads(output("docker", "inspect", *ids)) if ids else []
        labels = [container["Config"]["Labels"] for container in found]
        names = [f"{each[_SERVICE]}-{each[_NUMBER]}" for each in labels]
        return dict(zip(names, found, strict=True))

    def left_over(self) -> list[str]:
        """Return what of the project is still there."""
        label = f"label={_PROJECT}={self.name}"
        kinds = (["ps", "-aq"], ["volume", "ls", "-q"], ["network", "ls", "-q"])
        return [
            each for kind in kinds for each in output("docker", *kind, "-f", label).splitlines()
        ]


@contextmanager
def project(folder: Path, extra: Mapping[str, str] | None = None) -> Iterator[Compose]:
    """Make place for a project; everything of it is removed at the end, also after a failure."""
    command = program()
    assert command is not None
    reports = folder / "reports"
    reports.mkdir()
    with ExitStack() as cleanup:
        ports = {name: cleanup.enter_context(held_port()) for name in PORTS}
        variables = {f"FIVEFOLD_{name}_PORT": str(port) for name, port in ports.items()}
        variables |= {"FIVEFOLD_REPORTS": str(reports), **(extra or {})}
        env_file = folder / "env"
        env_file.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
        name = f"fivefold-test-{uuid.uuid4().hex[:8]}"
        compose = Compose(name, command, ports, env_file, reports)
        profiles = [f"--profile={name}" for name in PROFILES]
        cleanup.callback(
            compose.run, *profiles, "down", "--volumes", "--remove-orphans", "--timeout=5"
        )
        yield compose


def wait(happened: Callable[[], bool], what: str) -> None:
    """Wait for what takes seconds here and minutes on a machine with a slow disk."""
    until(happened, what, _START_S)


def wait_for_page(url: str) -> None:
    """Wait until an address answers with 200."""

    def answers() -> bool:
        return httpx2.get(url, timeout=5.0, verify=False).status_code == HTTPStatus.OK

    until(answers, f"answer at {url}", _START_S, not_yet=(httpx2.TransportError,))


def build(tag: str, lines: Sequence[str]) -> None:
    """Build an image from the lines of a Dockerfile that copies nothing."""
    subprocess.run(
        ["docker", "build", "-q", "-t", tag, "-"],
        input="\n".join(lines),
        text=True,
        check=True,
        capture_output=True,
        timeout=_LONG_S,
    )


def output(*command: str) -> str:
    """Return what a command says; it has to succeed."""
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_LONG_S)
    return ended.stdout


def _succeeds(*command: str, within_s: float = _ANSWER_S) -> bool:
    if shutil.which(command[0]) is None:
        return False
    try:
        ended = subprocess.run(command, capture_output=True, check=False, timeout=within_s)
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0
