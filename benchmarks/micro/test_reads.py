"""A read of account and todos, as ``GET /todo/`` does: off, hit and miss of every variant."""

import asyncio

import pytest

from benchmarks.micro.measure import Measure, TimedOperation
from benchmarks.micro.services import InProcessService, Services, outcome_of
from benchmarks.micro.site import BenchmarkSite, Person
from service.domain import Snapshot

READS = [
    ("uncached", "off"),
    ("cached", "hit"),
    ("cached", "miss"),
    ("naive", "hit"),
    ("naive", "miss"),
]
PAYLOADS_AND_DELAYS = [(1, 0.0), (20, 0.0), (200, 0.0), (20, 0.5), (20, 2.0)]


@pytest.mark.parametrize(("variant", "outcome"), READS)
@pytest.mark.parametrize(("todos", "delay_ms"), PAYLOADS_AND_DELAYS)
def test_read(
    variant: str,
    outcome: str,
    todos: int,
    delay_ms: float,
    *,
    measure: Measure,
    services: Services,
    site: BenchmarkSite,
    runner: asyncio.Runner,
) -> None:
    """Read two slots through the repository."""
    service, path = services.get(variant, delay_ms), site.paths[delay_ms]
    person = site.people[todos]
    body = runner.run(_first(service, person, cached=outcome != "off"))
    measure(
        _reading(service, person, outcome),
        group=f"read of {todos:3} todos, Redis +{delay_ms:g} ms",
        variant=variant,
        payload_bytes=len(body),
        redis_delay_ms=delay_ms,
        redis_round_trip_ms=path.round_trip_ms,
    )


async def _first(service: InProcessService, person: Person, *, cached: bool) -> bytes:
    """Return the body of the todos, in the cache from now on if there is one."""
    snapshot = await (service.until_hit if cached else service.read)(person.user)
    if snapshot.account is None or snapshot.todos is None:
        raise LookupError("the dataset is not there")
    return snapshot.todos.body


def _reading(service: InProcessService, person: Person, outcome: str) -> TimedOperation[Snapshot]:
    async def says(snapshot: Snapshot) -> str:
        return outcome_of(snapshot)

    async def forget() -> None:
        await service.forget(person.user)

    return TimedOperation(
        run=lambda: service.read(person.user),
        outcome=outcome,
        says=says,
        prepare=forget if outcome == "miss" else None,
    )
