"""Redis that loses keys, has no room, or holds what the service never wrote."""

import pytest

from tests.faults.redis_faults import (
    Act,
    Broken,
    again_and_again,
    deleted_at_random,
    flushed,
    held,
    until_counted,
)
from tests.faults.redis_forgeries import (
    break_off,
    exchange_owners,
    store_garbage,
    store_lists,
    store_lists_for_marks,
)
from tests.faults.redis_rows import assert_harmless, row
from tests.faults.redis_servers import evicting, out_of_memory
from tests.faults.stage import Stage, Strike

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]


def _losing(broken: Broken) -> Strike:
    return held(until_counted(broken, "detail=evicted"), 0.8, loses_marks=True)


LOST = [
    pytest.param(
        _losing(again_and_again(flushed, 0.02)),
        marks=row(
            "Redis is flushed",
            "FLUSHALL every 20 ms for 0.8 s",
            "misses, nothing else; a revoked token stays revoked",
        ),
        id="flushed",
    ),
    pytest.param(
        _losing(again_and_again(deleted_at_random, 0.002)),
        marks=row(
            "Redis loses keys, fill tokens and writers' marks among them",
            "DEL of a random key every 2 ms for 0.8 s",
            "misses, nothing else; a revoked token stays revoked",
        ),
        id="deleted",
    ),
    pytest.param(
        _losing(evicting()),
        marks=row(
            "Redis evicts all the time",
            "CONFIG SET maxmemory 2mb, and a flood of other keys for 0.8 s",
            "misses, nothing else; a revoked token stays revoked",
        ),
        id="evicting",
    ),
]
FORGED = [
    pytest.param(
        store_garbage,
        marks=row(
            "garbage in the slots",
            "bytes that are no value in every slot, every 20 ms for 0.6 s",
            "a miss, and the garbage is removed",
        ),
        id="garbage",
    ),
    pytest.param(
        break_off,
        marks=row(
            "values that break off",
            "only the first 60 bytes in every slot, every 20 ms for 0.6 s",
            "a miss, and the rest is removed",
        ),
        id="broken-off",
    ),
    pytest.param(
        exchange_owners,
        marks=row(
            "values of somebody else",
            "the value of another user in every slot, every 20 ms for 0.6 s",
            "a miss; nobody sees what is not theirs",
        ),
        id="foreign",
    ),
    pytest.param(
        store_lists,
        marks=row(
            "values of the wrong type",
            "a Redis list in every slot, every 20 ms for 0.6 s",
            "a miss, and the list is replaced",
        ),
        id="lists",
    ),
    pytest.param(
        store_lists_for_marks,
        marks=row(
            "marks of the wrong type",
            "a Redis list in place of every user's marks, every 20 ms for 0.6 s",
            "the next write closes the fence; a new namespace has no such key",
        ),
        id="marks",
    ),
]


@pytest.mark.parametrize("strike", LOST)
def test_what_redis_loses_is_only_missed(
    stage: Stage, figures: dict[str, object], strike: Strike
) -> None:
    outcome = stage.under(strike, replays=True)
    figures.update(outcome.figures())
    figures["slots found evicted"] = outcome.counted_as("detail=evicted")
    figures["revoked tokens refused"] = outcome.refused_replays

    assert_harmless(outcome)
    assert outcome.refused_replays > 0


@row(
    "Redis is full and evicts nothing",
    "CONFIG SET maxmemory 1, maxmemory-policy noeviction",
    "writes are acknowledged, reads that miss go past it",
)
def test_a_full_redis_takes_marks_and_no_values(stage: Stage, figures: dict[str, object]) -> None:
    # Marks were taken if values are still refused after the writes: a closed fence asks for none.
    full = until_counted(out_of_memory(), "unavailable", after_writes=True)
    outcome = stage.under(held(full, 1.0))
    figures.update(outcome.figures())

    assert_harmless(outcome)


@pytest.mark.parametrize("forge", FORGED)
def test_nobody_is_shown_what_was_forged(
    stage: Stage, figures: dict[str, object], forge: Act
) -> None:
    outcome = stage.under(held(again_and_again(forge, 0.02), 0.6, loses_marks=True))
    figures.update(outcome.figures())
    figures["counted as misses"] = outcome.misses

    assert_harmless(outcome)
    assert outcome.misses > 0
