"""What Redis alone answers on this machine, measured by ``redis-benchmark`` of the same package.

``python -m benchmarks.capacity.redis_alone FILE`` starts the Redis that a sweep would start, asks
it for what a hit asks (``MGET`` of an account and of a list) and keeps the answers in FILE. Where
there is no ``redis-benchmark`` on ``PATH`` it says so and keeps nothing.
"""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.stack.embedded import start_redis
from benchmarks.stack.scratch import scratch_folder
from benchmarks.stack.server import redis_client

CONNECTIONS = (8, 32)
SIZES_BYTES: Mapping[str, int] = {"account": 300, "list": 6_800}
"""What a hit reads: about the size of an entry of either kind."""
_REQUESTS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisAlone:
    """The answers to a number of connections: ``MGET`` of both entries per second, their median."""

    connections: int
    rate: float
    p50_ms: float


def main(file: Path) -> int:
    """Measure and keep; return the exit code.

    Raises ``StackError`` where Redis does not start, ``CalledProcessError`` where
    ``redis-benchmark`` fails.
    """
    program = shutil.which("redis-benchmark")
    if program is None:
        sys.stdout.write("There is no redis-benchmark on PATH: Redis alone is not measured.\n")
        return 0
    with scratch_folder() as folder:
        redis = start_redis(folder)
        try:
            with redis_client(redis.url) as client:
                client.mset({name: "x" * size for name, size in SIZES_BYTES.items()})
            found = [_measured(program, redis.url, connections) for connections in CONNECTIONS]
        finally:
            redis.discard()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(each) for each in found]), encoding="utf-8")
    return 0


def _measured(program: str, url: str, connections: int) -> RedisAlone:
    address = urlsplit(url)
    where = ["-h", str(address.hostname), "-p", str(address.port)]
    load = ["-c", str(connections), "-n", str(_REQUESTS)]
    done = subprocess.run(
        [program, *where, *load, "--csv", "MGET", *SIZES_BYTES],
        check=True,
        capture_output=True,
        text=True,
    )
    [row] = csv.DictReader(done.stdout.splitlines())
    return RedisAlone(
        connections=connections, rate=float(row["rps"]), p50_ms=float(row["p50_latency_ms"])
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
