"""At DEBUG the log says, in the words of the tutorial, what was stored and what was invalidated."""

import pytest
from structlog.testing import capture_logs

from service.coherence.entries import MAX_ENTRY_BYTES
from service.domain import Account, CachedValue
from service.errors import NotFound
from tests.fakes import new_todo
from tests.fakes_coherence import CoherenceDeployment, CoherenceProcess
from tests.unit.service.coherence.conftest import BOTH, read_with_refused_fill

TODOS = (CachedValue.TODOS,)


async def read(process: CoherenceProcess, ada: Account) -> list[str]:
    with capture_logs() as lines:
        await process.repository.read(ada.id, BOTH)
        await process.repository.drain()
    return sorted(f"{line['log_level']} {line['event']}" for line in lines)


async def test_a_miss_says_what_was_cached_and_a_hit_says_nothing(
    process: CoherenceProcess, ada: Account
) -> None:
    stored = [f"debug Cached: todos:{ada.id}", f"debug Cached: user:{ada.id}"]

    assert await read(process, ada) == stored
    assert await read(process, ada) == []


async def test_a_fill_that_was_refused_or_failed_and_a_list_that_is_too_large_were_not_cached(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account
) -> None:
    with capture_logs() as lines:
        await read_with_refused_fill(deployment, process, ada.id)
        deployment.cache.failing = {"fill"}
        await process.repository.read(ada.id, TODOS)
        await process.repository.drain()
    deployment.cache.failing.clear()
    await deployment.todos.insert(ada.id, new_todo("Novel", "x" * MAX_ENTRY_BYTES))
    deployment.cache.memory.held.clear()

    assert lines == []
    assert await read(process, ada) == [f"debug Cached: user:{ada.id}"]


@pytest.mark.parametrize("confirmed", [True, False])
async def test_a_write_says_what_it_deleted_also_where_the_database_refused_it(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, *, confirmed: bool
) -> None:
    deployment.cache.down = not confirmed
    with capture_logs() as lines:
        async with process.repository.write(ada.id, *BOTH):
            pass
        with pytest.raises(NotFound):
            async with process.repository.write(ada.id, *TODOS):
                raise NotFound

    deleted = [f"Deleted cache: {kind}:{ada.id}" for kind in ("user", "todos", "todos")]
    assert [line["event"] for line in lines] == (deleted if confirmed else [])
