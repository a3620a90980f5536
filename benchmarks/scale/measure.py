"""What each kind of operation costs the worker, Redis and the database in processor time here."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

from pymongo.read_concern import ReadConcern
from rich.console import Console

from benchmarks.arms import Place, Wanted, opened_stack, running_arms
from benchmarks.dataset import make_dataset
from benchmarks.job import BREAKS, sentence
from benchmarks.measure.closed_loop import ClosedLoop
from benchmarks.measure.processes import cpu_seconds
from benchmarks.measure.sessions import Arm
from benchmarks.model.fleet import Cost, Costs
from benchmarks.scale.question import Question
from benchmarks.scenarios.actions import READS_AND_WRITES
from benchmarks.stack.embedded import Stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.identity import mongo_client, redis_client
from benchmarks.stack.server import Server
from benchmarks.stack.signals import terminate_as_interrupt
from benchmarks.tools import Tools, shown_progress
from benchmarks.usage import UsageError
from benchmarks.variants import VARIANTS

USERS, TODOS, PAYLOAD_BYTES = 100, 20, 100
CONNECTIONS = 8
# Enough of each that the ten milliseconds in which the system counts are a few per cent.
_HITS, _READS, _WRITES, _FLUSHES, _LOOKS = 8_000, 800, 400, 8, 2_000
_LABEL = "scale"
_IDLE_S = 5.0
_MS_PER_S, _NS_PER_S = 1000.0, 1e9


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds of one core per operation, of each of the three."""

    worker: float
    redis: float
    database: float


def measured(question: Question, environ: Mapping[str, str], console: Console) -> Question:
    """Return the question with the costs of this machine; raises ``UsageError``.

    Raises ``StackError`` when something breaks or is stopped meanwhile.
    """
    try:
        with terminate_as_interrupt():
            costs, measured_on = measure(environ, Tools(console=console))
    except KeyboardInterrupt:
        raise StackError("Stopped before the costs were measured.") from None
    except BREAKS as error:
        raise StackError(sentence(error)) from error
    return replace(question, costs=costs, measured_on=measured_on)


def measure(environ: Mapping[str, str], tools: Tools) -> tuple[Costs, str]:
    """Measure on servers of our own; returns the costs and what they were measured on.

    Raises ``UsageError`` where servers are named: the processor time of others is not ours to see.
    """
    named = [name for name in ("MONGODB_URL", "REDIS_URL") if environ.get(name)]
    if named:
        raise UsageError(f"--measure starts servers of its own: unset {' and '.join(named)}")
    with shown_progress(tools.console) as progress, ExitStack() as cleanup:
        task = progress.add_task("starting the servers", total=None)
        stack = cleanup.enter_context(opened_stack(tools, environ, redis=True))
        mongo = tools.connect_mongo(stack.mongo.url)
        cleanup.callback(mongo.close)
        dataset = make_dataset(
            seed=1, users=USERS, todos_per_user=TODOS, payload_bytes=PAYLOAD_BYTES
        )
        uncached, cached = cleanup.enter_context(
            running_arms(
                [VARIANTS["uncached"], VARIANTS["cached"]],
                dataset,
                wanted=Wanted(actions=READS_AND_WRITES),
                place=Place(stack=stack, mongo=mongo, label=_LABEL, logs=stack.folder),
                tools=tools,
            )
        )
        progress.update(task, description="measuring")
        costs = _costs(stack, uncached=uncached, cached=cached, tools=tools)
        redis = stack.redis.label if stack.redis else ""
        return costs, f"{stack.mongo.label} and {redis}"


class _Meter:
    """Reads the processor time of a worker, of Redis and of the database."""

    def __init__(self, stack: Stack, tools: Tools) -> None:
        self._servers = (_pid(stack.redis), _pid(stack.mongo))
        self._tools = tools

    def costs(self, arm: Arm, operations: int, work: Callable[[], object]) -> Spent:
        """Return what ``work`` cost beyond what they do when nobody asks for anything."""
        idle = self._used(arm, lambda: self._tools.sleep(_IDLE_S))
        used = self._used(arm, work)
        per_s = [each / idle.seconds for each in idle.ms]
        return Spent(
            *(
                max(0.0, each - rate * used.seconds) / operations
                for each, rate in zip(used.ms, per_s, strict=True)
            )
        )

    def _used(self, arm: Arm, work: Callable[[], object]) -> "_Used":
        pids = (arm.pid, *self._servers)
        before = [_cpu_seconds(pid) for pid in pids]
        started_ns = self._tools.clock_ns()
        work()
        seconds = (self._tools.clock_ns() - started_ns) / _NS_PER_S
        after = [_cpu_seconds(pid) for pid in pids]
        spent = zip(before, after, strict=True)
        return _Used(seconds, [(now - then) * _MS_PER_S for then, now in spent])


@dataclass(frozen=True, slots=True)
class _Used:
    seconds: float
    ms: list[float]


def _costs(stack: Stack, *, uncached: Arm, cached: Arm, tools: Tools) -> Costs:
    def misses() -> None:
        for _ in range(_FLUSHES):
            cached.empty_cache()
            _load(cached, "list", USERS)

    for arm in (uncached, cached):
        _load(arm, "list", 2 * USERS)
    meter = _Meter(stack, tools)
    figures = {
        "hit": meter.costs(cached, _HITS, lambda: _load(cached, "list", _HITS)),
        "miss": meter.costs(cached, _FLUSHES * USERS, misses),
        "write": meter.costs(cached, _WRITES, lambda: _load(cached, "complete", _WRITES)),
        "read": meter.costs(uncached, _READS, lambda: _load(uncached, "list", _READS)),
    }
    info = meter.costs(cached, _LOOKS, lambda: _look_at_redis(stack))
    fence = meter.costs(cached, _LOOKS, lambda: _read_fence(stack, cached.database))

    def cost(part: str) -> Cost:
        return Cost(**{kind: getattr(each, part) for kind, each in figures.items()})

    return Costs(
        worker=cost("worker"),
        redis=cost("redis"),
        database=cost("database"),
        info=info.redis,
        fence=fence.database,
    )


def _load(arm: Arm, action: str, requests: int) -> None:
    with ClosedLoop(arm.connection.url, arm.requests[action], connections=CONNECTIONS) as loop:
        loop.run(requests=requests)


def _pid(server: Server | None) -> int:
    if server is None or server.process is None:
        raise UsageError("--measure needs servers of its own")
    return server.process.pid


def _cpu_seconds(pid: int) -> float:
    seconds = cpu_seconds(pid)
    if seconds is None:
        raise UsageError("--measure: the processor time of a process cannot be read on this system")
    return seconds


def _look_at_redis(stack: Stack) -> None:
    """Ask Redis what every process asks it three times in a lease."""
    if stack.redis is not None:
        with redis_client(stack.redis.url) as client:
            for _ in range(_LOOKS):
                client.info()


def _read_fence(stack: Stack, database: str) -> None:
    """Ask the database what every process asks it three times in a lease."""
    with mongo_client(stack.mongo.url) as client:
        level = "linearizable" if "setName" in client.admin.command("hello") else "local"
        fence = client[database].get_collection("cache_fence", read_concern=ReadConcern(level))
        for _ in range(_LOOKS):
            fence.find_one({"_id": "fence"})
