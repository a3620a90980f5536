"""Reads and writes through the repository of every variant, as requests make them."""

import asyncio
from collections.abc import Mapping

import pytest

from benchmarks.micro.measure import Measure, TimedOperation
from benchmarks.micro.site import (
    BOTH,
    LAYERINGS,
    TODOS,
    BenchmarkSite,
    InProcessService,
    Person,
    outcome_of,
)
from service.domain import CachedValue, Snapshot
from service.ports import CachedValues

USUAL = 20
READS = [
    ("uncached", "off"),
    ("cached", "hit"),
    ("cached", "miss"),
    ("naive", "hit"),
    ("naive", "miss"),
]


@pytest.mark.parametrize(("variant", "outcome"), READS)
@pytest.mark.parametrize("todos", TODOS)
def test_read(
    variant: str,
    outcome: str,
    todos: int,
    *,
    measure: Measure,
    services: Mapping[str, InProcessService],
    site: BenchmarkSite,
    runner: asyncio.Runner,
) -> None:
    """Read two slots through the repository."""
    service, person = services[variant], site.people[todos]
    runner.run(_first(service, person, cached=outcome != "off"))
    measure(
        _reading(service, person, outcome),
        group=f"read of {todos:3} todos",
        variant=variant,
        summary=outcome if (variant, todos) == ("cached", USUAL) else None,
    )


async def _first(service: InProcessService, person: Person, *, cached: bool) -> None:
    """Have both slots in the cache, if there is one."""
    snapshot = await (service.until_hit if cached else service.read)(person.user)
    if snapshot.account is None or snapshot.todos is None:
        raise LookupError("the dataset is not there")


@pytest.mark.parametrize("variant", LAYERINGS)
@pytest.mark.parametrize("value", [CachedValue.USER, CachedValue.TODOS])
def test_read_alone(
    variant: str,
    value: CachedValue,
    *,
    measure: Measure,
    services: Mapping[str, InProcessService],
    site: BenchmarkSite,
    runner: asyncio.Runner,
) -> None:
    """Read one slot through the repository."""
    service, person = services[variant], site.people[USUAL]
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


@pytest.mark.parametrize("variant", LAYERINGS)
def test_write(
    variant: str,
    *,
    measure: Measure,
    services: Mapping[str, InProcessService],
    site: BenchmarkSite,
) -> None:
    """Change a todo through the repository; the read that follows must not be a hit."""
    measure(
        _writing(services[variant], site.people[USUAL], cached=variant != "uncached"),
        group=f"write of one of {USUAL} todos",
        variant=variant,
        summary="write" if variant == "cached" else None,
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
