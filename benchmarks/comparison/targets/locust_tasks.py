"""The requests of a locustfile's tasks: ``python -m`` this with the file and a number of users.

Locust changes how Python's sockets work as soon as it is imported, so that happens in a process of
its own, which calls each task once for each user and prints what it asked for. Tasks whose requests
depend on an answer are refused: no request is sent.
"""

import json
import random
import re
import runpy
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, Self

from benchmarks.storage.usage import UsageError, kind_and_sentence, sentence

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_IGNORED = frozenset({"allow_redirects", "catch_response", "timeout", "verify"})
_IMPORT = re.compile(rb"(?m)^\s*(?:import|from)\s+locust\b")
_NO_NAME = re.compile(r"[^\w. /-]+")
_LOOKS = 200
"""The number of draws that find the range of a wait time."""


class NoPlainTask(Exception):
    """A task is more than requests that are known before; the message says how."""


def is_locustfile(path: Path) -> bool:
    """Tell whether a file imports Locust."""
    return bool(_IMPORT.search(path.read_bytes()))


def tasks_of(path: Path, users: int) -> list[list[dict[str, Any]]]:
    """Return the requests of each user, as dictionaries of the plain form.

    Raises ``UsageError``.
    """
    done = subprocess.run(
        [sys.executable, "-m", __name__, str(path), str(users)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise UsageError(
            f"--scenario {path}: {said}; a file with requests(user) can say what tasks cannot"
        )
    found: list[list[dict[str, Any]]] = json.loads(done.stdout)
    return found


@dataclass(slots=True)
class _RecordingClient:
    """Stands in for a user's client and keeps what it is asked for."""

    asked: list[dict[str, Any]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Callable[..., "_NoAnswer"]:
        if name in _METHODS:
            return partial(self.request, name)
        raise NoPlainTask(f"a task uses client.{name}, and only plain requests are understood")

    def request(
        self, method: str, url: str, data: Any = None, *, name: str = "", **how: Any
    ) -> "_NoAnswer":
        """Keep a request as Locust's client, which is one of ``requests``, would send it."""
        from requests import Request  # noqa: PLC0415 - see the module

        if not url.startswith("/"):
            raise NoPlainTask(f"a task asks for {url}, which is no path of the service")
        given = {key: value for key, value in how.items() if key not in _IGNORED}
        sent = Request(method.upper(), f"http://service{url}", data=data, **given).prepare()
        asked = {
            "method": sent.method,
            "path": sent.path_url,
            # The harness counts for itself.
            "headers": {key: each for key, each in sent.headers.items() if key != "Content-Length"},
            "body": sent.body.decode() if isinstance(sent.body, bytes) else sent.body,
        }
        self.asked.append(asked | ({"name": _NO_NAME.sub("-", name).strip("/ -")} if name else {}))
        return _NoAnswer()


class _NoAnswer:
    """Stands in for an answer, of which nothing is known."""

    def __getattr__(self, name: str) -> NoReturn:
        raise NoPlainTask(f"a task looks at its answer's {name}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Keep what a task raises."""


def _recorded(path: Path, number: int) -> Iterator[dict[str, Any]]:
    from locust import HttpUser  # noqa: PLC0415 - see the module

    defined = runpy.run_path(str(path), run_name="fivefold_scenario")
    kinds = [
        each
        for each in defined.values()
        if isinstance(each, type) and issubclass(each, HttpUser) and each.tasks
    ]
    if not kinds:
        raise NoPlainTask("it defines no HttpUser with tasks")
    for kind in kinds:
        if kind.on_start is not HttpUser.on_start:
            raise NoPlainTask(f"{kind.__name__} has an on_start")
        yield from _of_kind(kind, number)


def _of_kind(kind: Any, number: int) -> Iterator[dict[str, Any]]:
    user = kind.__new__(kind)
    # The same for every user, as weights are.
    random.seed(0)
    wait = [user.wait_time() for _ in range(_LOOKS)] if kind.wait_time else [0.0]
    for task, weight in Counter(kind.tasks).items():
        if isinstance(task, type):
            raise NoPlainTask(f"{kind.__name__} has a TaskSet among its tasks")
        user.client = client = _RecordingClient()
        random.seed(number)
        task(user)
        for place, asked in enumerate(client.asked):
            thought = [min(wait), max(wait)] if place == 0 else 0.0
            yield asked | {"weight": weight * kind.weight, "wait": thought}


def main() -> None:
    """Print the requests, or say on one line why there are none."""
    path, users = Path(sys.argv[1]), int(sys.argv[2])
    sys.path.insert(0, str(path.resolve().parent))
    try:
        with redirect_stdout(sys.stderr):
            found = [list(_recorded(path, number)) for number in range(users)]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the file is the user's own program
        sys.exit(sentence(error) if isinstance(error, NoPlainTask) else kind_and_sentence(error))
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
