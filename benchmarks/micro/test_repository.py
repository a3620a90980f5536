"""Reads and writes through the repository of every variant, as requests make them."""

from collections.abc import Mapping
from functools import partial

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
    ("uncached", "bypass"),
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
) -> None:
    """Read two slots through the repository."""
    measure(
        _reading(services[variant], site.people[todos], outcome),
        group=f"read of {todos:3} todos",
        variant=variant,
        summary=outcome if (variant, todos) == ("cached", USUAL) else None,
    )


@pytest.mark.parametrize("variant", LAYERINGS)
@pytest.mark.parametrize("value", [CachedValue.USER, CachedValue.TODOS])
def test_read_alone(
    variant: str,
    value: CachedValue,
    *,
    measure: Measure,
    services: Mapping[str, InProcessService],
    site: BenchmarkSite,
) -> None:
    """Read one slot through the repository."""
    outcome = "bypass" if variant == "uncached" else "hit"
    word = {CachedValue.USER: "user", CachedValue.TODOS: "list"}[value]
    measure(
        _reading(services[variant], site.people[USUAL], outcome, (value,)),
        group=f"read of the {word} alone",
        variant=variant,
        summary=word if variant == "cached" else None,
    )


def _reading(
    service: InProcessService, person: Person, outcome: str, slots: CachedValues = BOTH
) -> TimedOperation[Snapshot]:
    async def says(snapshot: Snapshot) -> str:
        return outcome_of(snapshot)

    prepared = {"hit": service.until_hit, "miss": service.forget}.get(outcome)
    return TimedOperation(
        run=lambda: service.read(person.user, slots),
        outcome=outcome,
        says=says,
        prepare=partial(prepared, person.user) if prepared else None,
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
    async def says(_: int) -> str:
        snapshot = await service.read(person.user, (CachedValue.TODOS,))
        return f"then {outcome_of(snapshot)}"

    return TimedOperation(
        run=lambda: service.write(person),
        outcome="then miss" if cached else "then bypass",
        says=says,
        prepare=partial(service.until_hit, person.user) if cached else None,
    )
