"""A scenario in a file of the user's: a short Python program, run once.

The plain form needs no import. ``requests(user)`` yields what one user asks for, in order: a path,
a tuple ``(method, path, headers, body)`` or a dictionary of these and of ``name``, ``weight`` and
``wait``. An optional ``sign_in(site, number)`` returns the headers of a user at a target, or a
dictionary with ``headers`` and whatever ``requests`` wants to know of the user.

A locustfile whose tasks are plain requests is a scenario as it is. Inside this repository a file
may define ``SCENARIO`` instead, a :class:`~benchmarks.scenarios.base.Scenario`, and
``members(site)``, which returns who the scenario's users are at one of the targets.
"""

import inspect
import json
import runpy
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.comparison.targets.locust_tasks import is_locustfile, tasks_of
from benchmarks.comparison.targets.steps import (
    Step,
    TargetWork,
    WorkSource,
    check_name,
    work_of,
)
from benchmarks.measure.client import ClientError, Connection, Response
from benchmarks.scenarios.base import (
    Ask,
    Draw,
    Member,
    Operation,
    Scenario,
    Site,
    asks_of,
)
from benchmarks.storage.usage import UsageError, kind_and_sentence

_KEYS = ("method", "path", "headers", "body", "name", "weight", "wait")
_JSON = {"Content-Type": "application/json"}
Members = Callable[[Site], Sequence[Member]]
Requests = Callable[..., Iterable[Any]]
SignIn = Callable[[Site, int], Mapping[str, Any] | None]


def site_of(name: str, connection: Connection, usual: Mapping[str, str]) -> Site:
    """Return a target over a connection; all requests have the ``usual`` headers.

    A body that is no text and no ``bytes`` is sent as JSON.
    """

    def send(
        method: str, path: str, *, headers: Mapping[str, str] | None = None, body: object = b""
    ) -> Response:
        content, kind = _content(body)
        sent = {**usual, **kind, **(headers or {})}
        return connection.send(connection.prepare(method, path, headers=sent, body=content))

    return Site(name, connection.url, send)


def load_scenario(path: Path, *, users: int | None = None) -> WorkSource:
    """Run the file and return what it defines; raises ``UsageError`` that names what is wrong.

    ``users`` takes the place of what a plain file says of their number.
    """
    where = _where(path)
    if not path.is_file():
        raise UsageError(f"{where}: there is no such file")
    if is_locustfile(path):
        check_name(path.stem, where)
        return WorkSource(path.stem, partial(_work_of_tasks, path, users or 1))
    with _own_program(path, ""):
        defined = runpy.run_path(str(path), run_name="fivefold_scenario")
    if "SCENARIO" in defined:
        if users is not None:
            raise UsageError(
                f"--users means nothing here: members() of {path} says how many there are"
            )
        return _declared(path, defined)
    requests, sign_in = defined.get("requests"), defined.get("sign_in", lambda *_: None)
    if not callable(requests):
        raise UsageError(
            f"{where} defines no requests(user), a generator of what one user asks for, "
            "and no SCENARIO"
        )
    check_name(path.stem, where)
    many = defined.get("USERS", 1) if users is None else users
    if not isinstance(many, int) or many < 1:
        raise UsageError(f"{where}: USERS is {many!r}; it takes a whole number from 1")
    return WorkSource(path.stem, partial(_work_of_users, path, requests, sign_in, many))


def _work_of_tasks(path: Path, users: int, sites: Sequence[Site]) -> TargetWork:
    """Return the requests of a locustfile's tasks, the same at every target."""
    where = _where(path)
    drawn = [[step_of(each, where) for each in of_user] for of_user in tasks_of(path, users)]
    return work_of(path.stem, [drawn] * len(sites), where=where)


def _work_of_users(
    path: Path, requests: Requests, sign_in: SignIn, users: int, sites: Sequence[Site]
) -> TargetWork:
    """Sign every user in at every target and return what they ask for there."""
    drawn = [
        [_steps(path, requests, sign_in, site=site, number=number) for number in range(users)]
        for site in sites
    ]
    return work_of(path.stem, drawn, where=_where(path))


def _steps(
    path: Path, requests: Requests, sign_in: SignIn, *, site: Site, number: int
) -> list[Step]:
    with _own_program(path, "sign_in"):
        found = dict(sign_in(site, number) or {})
    headers = found.get("headers", found)
    user = {"number": number, "site": site.name, **found, "headers": headers}
    with _own_program(path, "requests"):
        takes_user = bool(inspect.signature(requests).parameters)
        values = list(requests(user) if takes_user else requests())
    return [step_of(each, _where(path), headers=headers) for each in values]


def step_of(value: object, where: str, *, headers: Mapping[str, str] | None = None) -> Step:
    """Read one request of the plain form; ``headers`` are those of its user."""
    given = _as_mapping(value, where)
    unknown = [key for key in given if key not in _KEYS]
    if unknown or "path" not in given:
        raise UsageError(f"{where}: {value!r} is no request; its keys are {', '.join(_KEYS)}")
    content, kind = _content(given.get("body") or b"")
    own = given.get("headers") or {}
    wait = given.get("wait") or 0.0
    least, most = wait if isinstance(wait, list | tuple) else (wait, wait)
    try:
        return Step(
            method=str(given.get("method") or "GET"),
            path=str(given["path"]),
            headers={**kind, **(headers or {}), **own},
            body=content,
            name=str(given.get("name") or ""),
            weight=float(given.get("weight") or 0.0),
            wait_s=(float(least), float(most)),
        )
    except (TypeError, ValueError) as error:
        raise UsageError(f"{where}: {value!r} is no request: {kind_and_sentence(error)}") from error


def _as_mapping(value: object, where: str) -> Mapping[str, Any]:
    if isinstance(value, str):
        return {"path": value}
    if isinstance(value, Mapping):
        return value
    if isinstance(value, list | tuple) and 2 <= len(value) <= len(_KEYS):  # noqa: PLR2004
        return dict(zip(_KEYS, value, strict=False))
    raise UsageError(
        f"{where}: {value!r} is no request; it takes a path, (method, path, headers, body) or a "
        f"dictionary with the keys {', '.join(_KEYS)}"
    )


def _content(body: object) -> tuple[bytes, Mapping[str, str]]:
    """Return a body as bytes, with the header that says what it is where that is known."""
    if isinstance(body, bytes):
        return body, {}
    if isinstance(body, str):
        return body.encode(), {}
    return json.dumps(body).encode(), _JSON


def _declared(path: Path, defined: Mapping[str, Any]) -> WorkSource:
    where = _where(path)
    scenario, members = defined["SCENARIO"], defined.get("members", lambda _: [Member(number=0)])
    if not isinstance(scenario, Scenario):
        raise UsageError(f"{where} defines no SCENARIO of the type Scenario")
    if scenario.primed != "never" or scenario.setting.env or not scenario.setting.indexed:
        raise UsageError(f"{where}: primed and setting are for the services of this project only")
    for name in (scenario.name, *scenario.actions):
        check_name(name, where)
    return WorkSource(scenario.name, partial(_work_of_members, path, scenario, members))


def _work_of_members(
    path: Path, scenario: Scenario, members: Members, sites: Sequence[Site]
) -> TargetWork:
    """Return the members' requests at every target."""
    asks = [_asks(path, scenario, members, site) for site in sites]
    users = {len(each) for of_site in asks for each in of_site.values()}
    if len(users) != 1:
        raise UsageError(f"{_where(path)}: members() has to return as many users at every target")
    [many] = users
    return TargetWork(scenario=_checked(scenario, users=many, where=_where(path)), asks=asks)


def _asks(
    path: Path, scenario: Scenario, members: Members, site: Site
) -> Mapping[str, Sequence[Ask]]:
    with _own_program(path, "members"):
        found = list(members(site))
        if not found:
            raise UsageError(f"{_where(path)}: members() returned no user for {site.name}")
        return asks_of(scenario.actions, found)


def _checked(scenario: Scenario, *, users: int, where: str) -> Scenario:
    """Return the scenario with a draw that raises ``UsageError`` for what cannot be asked."""

    def draw(given: Draw) -> Sequence[Operation]:
        try:
            operations: list[Any] = list(scenario.draw(given))
        except (Exception, SystemExit) as error:
            # The file is the user's own program: whatever it raises is theirs to see.
            raise UsageError(f"{where}: draw raised {kind_and_sentence(error)}") from error
        if not any(isinstance(each, Operation) and each.counted for each in operations):
            raise UsageError(f"{where}: draw gave no operation that is measured")
        for each in operations:
            if not isinstance(each, Operation) or each.action not in scenario.actions:
                raise UsageError(
                    f"{where}: draw gave {each!r}; its action has to be one of: "
                    f"{', '.join(scenario.actions)}"
                )
            if not 0 <= each.user < users:
                raise UsageError(
                    f"{where}: draw gave user {each.user}, and there are {users}, from 0"
                )
        return operations

    return replace(scenario, draw=draw)


@contextmanager
def _own_program(path: Path, function: str) -> Iterator[None]:
    """Run a part of the file: modules beside it can be imported, and what it raises is theirs."""
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        yield
    except (UsageError, ClientError):
        raise
    except (Exception, SystemExit) as error:
        # The file is the user's own program: whatever it raises is theirs to see.
        what = f"{function}() raised " if function else ""
        raise UsageError(f"{_where(path)}: {what}{kind_and_sentence(error)}") from error
    finally:
        sys.path.remove(folder)


def _where(path: Path) -> str:
    return f"--scenario {path}"
