"""A deployment in this process, with one of its service processes, one user and one todo."""

import asyncio

import pytest

from service.domain import Account, CachedValue, NewAccount, Todo, UserId
from tests.fakes import new_todo
from tests.fakes_coherence import CoherenceDeployment, CoherenceProcess

BOTH = (CachedValue.USER, CachedValue.TODOS)


async def read_with_refused_fill(
    deployment: CoherenceDeployment, process: CoherenceProcess, user_id: UserId
) -> None:
    """Read the todos for the first time, while the permission to fill is lost."""
    reading = asyncio.ensure_future(process.repository.read(user_id, (CachedValue.TODOS,)))
    while deployment.cache.log != ["get", "acquire"]:  # noqa: ASYNC110 - one step of the loop each
        await asyncio.sleep(0)
    deployment.cache.memory.held.clear()
    await reading
    await process.repository.drain()


@pytest.fixture
def deployment() -> CoherenceDeployment:
    return CoherenceDeployment()


@pytest.fixture
async def process(deployment: CoherenceDeployment) -> CoherenceProcess:
    return await deployment.process()


@pytest.fixture
async def ada(deployment: CoherenceDeployment) -> Account:
    return await deployment.users.insert(NewAccount("Ada", "ada@example.com", "hash"))


@pytest.fixture
async def milk(deployment: CoherenceDeployment, ada: Account) -> Todo:
    return await deployment.todos.insert(ada.id, new_todo("Milk", "Two litres"))


@pytest.fixture
def errors() -> list[Exception]:
    """Return where background work tells its failures."""
    return []
