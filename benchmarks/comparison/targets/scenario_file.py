"""A scenario in a file of the user's: a short Python program, run once.

It defines ``SCENARIO``, a :class:`~benchmarks.scenarios.base.Scenario`, and may define
``members(site)``, which returns who the scenario's users are at one of the services.
"""

import re
import runpy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure.client import Connection, Response
from benchmarks.scenarios.base import Member, Scenario, Site
from benchmarks.storage.usage import UsageError


@dataclass(frozen=True, slots=True)
class ConnectedSite:
    """A ``Site`` over a connection."""

    name: str
    url: str
    connection: Connection

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Response:
        """Send a request that is not measured; raises ``ClientError`` for no whole answer."""
        return self.connection.send(
            self.connection.prepare(method, path, headers=headers, body=body)
        )


_NAME = re.compile(r"[A-Za-z0-9][\w. /-]{0,63}")
Members = Callable[[Site], Sequence[Member]]


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """What a file defines."""

    scenario: Scenario
    members: Members


def load_scenario(path: Path) -> ScenarioFile:
    """Run the file and return what it defines; raises ``UsageError`` that names what is wrong."""
    if not path.is_file():
        raise UsageError(f"--scenario {path}: there is no such file")
    try:
        defined = runpy.run_path(str(path), run_name="fivefold_scenario")
    except Exception as error:
        # The file is the user's own program: whatever it raises is theirs to see.
        raise UsageError(f"--scenario {path}: {type(error).__name__}: {error}") from error
    scenario, members = defined.get("SCENARIO"), defined.get("members", _one_anonymous)
    if not isinstance(scenario, Scenario):
        raise UsageError(f"--scenario {path} defines no SCENARIO of the type Scenario")
    if not callable(members):
        raise UsageError(f"--scenario {path}: members has to be a function of a site")
    if scenario.primed != "never" or scenario.setting.env or not scenario.setting.indexed:
        raise UsageError(
            f"--scenario {path}: primed and setting are for the services of this project only"
        )
    for name in (scenario.name, *scenario.actions):
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"--scenario {path}: {name!r} is no name; it takes letters, digits, '.', '-', '_' "
                "and spaces, a letter or a digit first"
            )
    return ScenarioFile(scenario, members)


def _one_anonymous(_site: Site) -> Sequence[Member]:
    return [Member(number=0)]
