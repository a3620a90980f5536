"""The stage of ``tests.faults`` on several Redis servers: no proxies, another URL."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from benchmarks.coherence.verify.fleet import Fleet, FleetPlan, OwnRedis
from benchmarks.stack.embedded import Stack
from tests.faults.stage import WORKERS, Stage, staged_by
from tests.light_service import MODULE


@dataclass(frozen=True)
class _Door:
    """What a fleet has of a proxy, where there is none."""

    url: str


@contextmanager
def staged_on(
    redis_url: str, servers: Stack, folder: Path, *, module: str = MODULE
) -> Iterator[Stage]:
    """Run a fleet on these Redis servers and on a database of its own."""

    def start(plan: FleetPlan, exits: ExitStack) -> Fleet:
        doors = cast(Any, [_Door(redis_url)] * WORKERS)
        fleet = Fleet(plan, cast(OwnRedis, None), doors)
        exits.callback(fleet.discard)
        fleet.start()
        return fleet

    with staged_by(start, servers, folder, module=module) as stage:
        yield stage
