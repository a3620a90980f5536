"""Which MongoDB and which Redis a run would use, and whether they start and answer."""

import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from redis.exceptions import RedisError

from benchmarks.doctor.findings import Finding, anonymous, ok, refused
from benchmarks.stack.errors import StackError
from benchmarks.stack.external import external_mongo, external_redis
from benchmarks.stack.identity import redis_client
from benchmarks.stack.mongo import MongoProgram, find_mongo, start_mongo
from benchmarks.stack.redis import RedisProgram, find_redis, start_redis
from benchmarks.stack.server import Server

_STAND_IN = "install redis-server or valkey-server, or set REDIS_URL"
_NOT_MONGODB = "for figures of MongoDB put mongod on PATH or set MONGODB_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a run gets one of its servers; the fields are what tests replace."""

    name: str
    variable: str
    external: Callable[[str], Server]
    find: Callable[[], MongoProgram | RedisProgram]
    start: Callable[[Path], Server]
    use: Callable[[str], Sequence[Finding]]
    """Looks at a named server more closely, which may be somebody else's: only reads."""


def count_keys(url: str) -> int:
    """Return how many keys the database holds that a comparison would use first."""
    with redis_client(urlsplit(url)._replace(path="/0").geturl()) as client:
        return int(client.dbsize())


def ways(keys: Callable[[str], int] = count_keys) -> tuple[Way, Way]:
    """Return the ways to MongoDB and to Redis."""
    mongo = Way(
        name="MongoDB",
        variable="MONGODB_URL",
        external=external_mongo,
        find=find_mongo,
        start=start_mongo,
        use=lambda _: (),
    )
    redis = Way(
        name="Redis",
        variable="REDIS_URL",
        external=external_redis,
        find=find_redis,
        start=start_redis,
        use=lambda url: [_emptiness(url, keys)],
    )
    return mongo, redis


def look_at_server(way: Way, environ: Mapping[str, str], folder: Path | None) -> list[Finding]:
    """Look at what a run would use; without a ``folder`` for its data nothing is started.

    A server that was started is ended again. A named one is asked what it is, for two seconds at
    most.
    """
    url = environ.get(way.variable)
    try:
        if url:
            return _named(way, url)
        program = way.find()
        return [_installed(way, program) if folder is None else _started(way, program, folder)]
    except StackError as error:
        return [refused(way.name, error)]


def stands_in(findings: Sequence[Finding]) -> bool:
    """Tell whether what would be used as Redis is one whose times mean nothing."""
    return any(finding.advice.startswith(_STAND_IN) for finding in findings)


def _named(way: Way, url: str) -> list[Finding]:
    server = way.external(url)
    seen = f"{server.label} at {server.address}, named by {way.variable}; it answers"
    return [_judged(way, server.product, seen), *way.use(url)]


def _installed(way: Way, program: MongoProgram | RedisProgram) -> Finding:
    seen = f"no {way.variable}: {_described(program)} would be started"
    return _judged(way, program.kind, seen)


def _started(way: Way, program: MongoProgram | RedisProgram, folder: Path) -> Finding:
    began = time.monotonic()
    with _quietly(way, folder) as server:
        took_s = time.monotonic() - began
        seen = (
            f"no {way.variable}: {server.product} {server.version} from {_described(program)}; "
            f"started, answered after {took_s:.1f} s, stopped"
        )
    return _judged(way, server.product, seen)


@contextmanager
def _quietly(way: Way, folder: Path) -> Iterator[Server]:
    with warnings.catch_warnings():
        # The finding says it, and where it can be seen.
        warnings.simplefilter("ignore", RuntimeWarning)
        server = way.start(folder)
    try:
        yield server
    finally:
        server.discard()


def _described(program: MongoProgram | RedisProgram) -> str:
    if program.kind == "fakeredis":
        return "fakeredis, a stand-in inside Python"
    return f"{program.kind} ({anonymous(program.path)})"


def _judged(way: Way, product: str, seen: str) -> Finding:
    if product == "fakeredis":
        return Finding(
            name=way.name,
            status="warn",
            seen=f"{seen}. IT IS NOT REDIS: its answers are right, its times mean nothing",
            advice=f"{_STAND_IN}: until then no comparison gives a verdict",
        )
    if way.variable == "MONGODB_URL" and product not in {"MongoDB", "mongod"}:
        slower = "slower per operation than MongoDB, which flatters any cache"
        return Finding(
            name=way.name, status="warn", seen=f"{seen}. It is {slower}", advice=_NOT_MONGODB
        )
    return ok(way.name, seen)


def _emptiness(url: str, keys: Callable[[str], int]) -> Finding:
    name = "Redis database 0"
    try:
        found = keys(url)
    except RedisError as error:
        what = f"its keys cannot be counted: {anonymous(str(error))}"
        return Finding(name=name, status="warn", seen=what, advice="allow DBSIZE to this user")
    if found:
        return Finding(
            name=name,
            status="warn",
            seen=f"holds {found} keys; a comparison empties it, so it refuses to use it",
            advice="name a Redis that is for measurements only, or unset REDIS_URL",
        )
    return ok(name, "is empty")
