"""``fivefold capacity --soak``: many reads of the cached service, and its memory meanwhile."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from json import dumps
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from benchmarks.analysis.quantities.capacity import Decision
from benchmarks.capacity.options import LIMITS
from benchmarks.measure.closed_loop import ClosedLoop
from benchmarks.measure.sessions import RunningVariant
from benchmarks.measure.system import rss_bytes
from benchmarks.report.figures import count
from benchmarks.report.page import Page, Section, Table
from benchmarks.report.terminal import print_json, print_page
from benchmarks.runner.ending import BROKEN, FINE, INCONCLUSIVE, say_broken
from benchmarks.runner.job import BREAKS, shown_progress
from benchmarks.runner.services import (
    DRIVER_ERRORS,
    Dependencies,
    RunContext,
    ServiceSpec,
    running_variants,
)
from benchmarks.scenarios.actions import READS
from benchmarks.stack.dataset import make_dataset
from benchmarks.stack.errors import StackError
from benchmarks.stack.process import terminate_as_interrupt
from benchmarks.storage.run_folder import check_out
from benchmarks.storage.usage import DEFAULT_SEED, sentence, within
from benchmarks.variants.registry import VARIANTS

POINTS = 10
CONNECTIONS = 8
DATASET: Mapping[str, int] = {"users": 100, "todos_per_user": 20, "payload_bytes": 100}
FILE = "soak.json"
TARGET_BYTES = 120 * 1024 * 1024
TARGET_REQUESTS = 1_000_000
_MIB = 1024 * 1024
TARGET = f"RSS of a worker at most {TARGET_BYTES // _MIB} MiB after a million requests"
_LABEL = "soak"
_HTTP_OK = 200


@dataclass(slots=True)
class Soaked:
    """The worker's memory in bytes by the number of requests that it has answered, from 0 on."""

    requests: list[int] = field(default_factory=list)
    rss: list[int] = field(default_factory=list)
    errors: int = 0

    @property
    def memory(self) -> str:
        """Return what the worker holds at the end, in words."""
        return f"{self.rss[-1] / _MIB:.1f} MiB"

    @property
    def decision(self) -> Decision:
        """Judge the target; fewer requests than it speaks of do not."""
        if self.requests[-1] < TARGET_REQUESTS:
            return "not measured"
        return "held" if self.rss[-1] <= TARGET_BYTES else "not held"


def soak(
    requests: int,
    environ: Mapping[str, str],
    *,
    out: Path | None = None,
    json: bool = False,
    dependencies: Dependencies | None = None,
) -> int:
    """Send the requests and print the worker's memory before and at ten points.

    With ``out`` the points are in ``soak.json`` there, with ``json`` on standard output.

    Returns 0, 3 where answers were not 200, 4 when memory cannot be read, something broke or it was
    interrupted. Raises ``UsageError`` for a senseless number of requests, an ``out`` that is no
    folder and a named server that cannot be used.
    """
    within("soak", requests, LIMITS)
    if out is not None:
        check_out(out)
    dependencies = dependencies or Dependencies(console=Console(stderr=json))
    soaked, reason = Soaked(), ""
    try:
        with terminate_as_interrupt():
            _run(requests, environ, dependencies, soaked)
    except KeyboardInterrupt:
        reason = "it was stopped before its end"
    except (*BREAKS, *DRIVER_ERRORS) as error:
        reason = sentence(error)
    if soaked.rss:
        _publish(soaked, out, dependencies.console, json=json)
    if reason:
        say_broken(f"The soak is not complete: {reason}.")
        return BROKEN
    return INCONCLUSIVE if soaked.errors else FINE


def _publish(soaked: Soaked, out: Path | None, console: Console, *, json: bool) -> None:
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / FILE).write_text(dumps(asdict(soaked)) + "\n", encoding="utf-8")
    print_page(page(soaked), console)
    if json:
        print_json(soaked)


def _run(
    requests: int, environ: Mapping[str, str], dependencies: Dependencies, soaked: Soaked
) -> None:
    variant = VARIANTS["cached"]
    with shown_progress(dependencies.console) as progress, ExitStack() as cleanup:
        step = progress.add_task(f"starting {variant.name}", total=None)
        stack = cleanup.enter_context(dependencies.open_stack(environ=environ, redis=True))
        mongo = dependencies.connect_mongo(stack.mongo.url)
        cleanup.callback(mongo.close)
        context = RunContext(stack=stack, mongo=mongo, label=_LABEL, logs=stack.folder)
        [running] = cleanup.enter_context(
            running_variants(
                [variant],
                make_dataset(seed=DEFAULT_SEED, **DATASET),
                spec=ServiceSpec(actions=READS),
                context=context,
                dependencies=dependencies,
            )
        )
        progress.remove_task(step)
        _load(running, requests, soaked, progress)


def _load(running: RunningVariant, requests: int, soaked: Soaked, progress: Progress) -> None:
    _note(running, 0, soaked)
    bounds = [requests * part // POINTS for part in range(POINTS + 1)]
    slices = list(pairwise(bounds))
    url = running.connection.url
    with ClosedLoop(url, running.reads, connections=CONNECTIONS) as loop:
        for done, until in progress.track(slices, description=f"{requests} requests"):
            result = loop.run(requests=until - done)
            soaked.errors += sum(result.statuses.values()) - result.statuses.get(_HTTP_OK, 0)
            _note(running, until, soaked)


def _note(running: RunningVariant, requests: int, soaked: Soaked) -> None:
    rss = rss_bytes(running.pid)
    if rss is None:
        raise StackError("the memory of a process cannot be read on this system")
    soaked.requests.append(requests)
    soaked.rss.append(rss)


def page(soaked: Soaked) -> Page:
    """Return what the worker held."""
    rows = [
        [count(requests), f"{rss / _MIB:.1f}"]
        for requests, rss in zip(soaked.requests, soaked.rss, strict=True)
    ]
    memory = Section("Memory", _sentences(soaked), Table(("requests", "RSS MiB"), rows))
    return Page("fivefold: the memory of a worker", [], [memory])


def _sentences(soaked: Soaked) -> Sequence[str]:
    lines = [f"cached, {CONNECTIONS} connections, one worker, warm GET /todo/."]
    if soaked.errors:
        lines.append(f"{soaked.errors} answers were not 200; the figures mean nothing.")
    seen = (
        f"these were {count(soaked.requests[-1])}"
        if soaked.decision == "not measured"
        else soaked.memory
    )
    lines.append(f"{TARGET}: {soaked.decision}, {seen}.")
    return lines
