"""Reads and writes through the repository of every variant, as requests make them."""

import asyncio

import pytest

from benchmarks.micro.measure import Measure, TimedOperation
from benchmarks.micro.site import (
    BOTH,
    DELAYS_MS,
    PAYLOADS_AND_DELAYS,
    BenchmarkSite,
    InProcessService,
    Person,
    Services,
    outcome_of,
)
from service.domain import CachedValue, Snapshot
from service.ports import CachedValues

TODOS = 20
READS = [
    ("uncached", "off"),
    ("cached", "hit"),
    ("cached", "miss"),
    ("naive", "hit"),
    ("naive", "miss"),
]


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
        summary=outcome if (variant, todos, delay_ms) == ("cached", TODOS, 0.0) else None,
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


@pytest.mark.parametrize("variant", ["uncached", "cached", "naive"])
@pytest.mark.parametrize("value", [CachedValue.USER, CachedValue.TODOS])
def test_read_alone(
    variant: str,
    value: CachedValue,
    *,
    measure: Measure,
    services: Services,
    site: BenchmarkSite,
    runner: asyncio.Runner,
) -> None:
    """Read one slot through the repository."""
    service, person = services.get(variant), site.people[TODOS]
    outcome = "off" if variant == "uncached" else "hit"
    runner.run(_first(service, person, cached=outcome == "hit"))
    word = {CachedValue.USER: "user", CachedValue.TODOS: "list"}[value]
    measure(
        _reading(service, person, outcome, (value,)),
        group=f"read of the {word} alone",
        variant=variant,
        summary=word if variant == "cached" else None,
    )


def _reading(
    service: InProcessService, person: Person, outcome: str, slots: CachedValues = BOTH
) -> TimedOperation[Snapshot]:
    async def says(snapshot: Snapshot) -> str:
        return outcome_of(snapshot)

    async def forget() -> None:
        await service.forget(person.user)

    return TimedOperation(
        run=lambda: service.read(person.user, slots),
        outcome=outcome,
        says=says,
        prepare=forget if outcome == "miss" else None,
    )


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
        summary="write" if (variant, delay_ms) == ("cached", 0.0) else None,
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
