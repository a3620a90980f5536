"""A write of one todo whose list is in the cache, as ``PUT /todo/{id}`` does."""

import asyncio

import pytest

from benchmarks.micro.measure import Measure, TimedOperation
from benchmarks.micro.services import InProcessService, Services, outcome_of
from benchmarks.micro.site import DELAYS_MS, BenchmarkSite, Person
from service.domain import CachedValue

TODOS = 20


@pytest.mark.parametrize("variant", ["uncached", "cached", "naive"])
@pytest.mark.parametrize("delay_ms", DELAYS_MS)
def test_write(
    variant: str,
    delay_ms: float,
    *,
    measure: Measure,
    services: Services,
    site: BenchmarkSite,
    runner: asyncio.Runner,
) -> None:
    """Change a todo through the repository; the read that follows must not be a hit."""
    service, path = services.get(variant, delay_ms), site.paths[delay_ms]
    person = site.people[TODOS]
    snapshot = runner.run(service.read(person.user))
    measure(
        _writing(service, person, cached=variant != "uncached"),
        group=f"write of one of {TODOS} todos, Redis +{delay_ms:g} ms",
        variant=variant,
        payload_bytes=len(snapshot.todos.body) if snapshot.todos else 0,
        redis_delay_ms=delay_ms,
        redis_round_trip_ms=path.round_trip_ms,
    )


def _writing(service: InProcessService, person: Person, *, cached: bool) -> TimedOperation[int]:
    async def prepare() -> None:
        await service.until_hit(person.user)

    async def says(_: int) -> str:
        snapshot = await service.read(person.user, (CachedValue.TODOS,))
        return f"then {outcome_of(snapshot)}"

    return TimedOperation(
        run=lambda: service.write(person),
        outcome="then miss" if cached else "then off",
        says=says,
        prepare=prepare if cached else None,
    )
