"""A deployment in this process, with one of its service processes, one user and one todo."""

import pytest

from service.domain import Account, CachedValue, NewAccount, Todo
from tests.fakes import new_todo
from tests.fakes_coherence import CoherenceDeployment, CoherenceProcess

BOTH = (CachedValue.USER, CachedValue.TODOS)


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
