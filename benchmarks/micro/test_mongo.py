"""The two finds of an uncached read, each alone."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from benchmarks.micro.measure import Measure, TimedOperation
from benchmarks.micro.site import TODOS, BenchmarkSite
from service.adapters.mongo.client import Database, Indexes, connect
from service.adapters.mongo.todos import MongoTodos
from service.adapters.mongo.users import MongoUsers
from service.domain import Account, TodoPage


@pytest.fixture(scope="module")
def database(site: BenchmarkSite, runner: asyncio.Runner, cleanup: AsyncExitStack) -> Database:
    """Connect to the documents of the uncached variant, with its indexes."""

    async def connected() -> Database:
        client = connect(site.mongo.url)
        cleanup.push_async_callback(client.close)
        database = client[site.databases["uncached"]]
        await Indexes(database).ensure()
        return database

    return runner.run(connected())


def test_find_user(measure: Measure, database: Database, site: BenchmarkSite) -> None:
    """Find an account by its id."""
    users = MongoUsers(database, Indexes(database))
    user = site.people[TODOS[0]].user

    async def says(account: Account | None) -> str:
        return "found" if account and account.id == user else "not found"

    measure(
        TimedOperation(run=lambda: users.find(user), outcome="found", says=says),
        group="find one user",
        variant="uncached",
    )


@pytest.mark.parametrize("todos", TODOS)
def test_find_list(
    todos: int, *, measure: Measure, database: Database, site: BenchmarkSite
) -> None:
    """Find the first page of somebody's todos, as objects."""
    port = MongoTodos(database, Indexes(database), on_bad_document=_refuse)
    user = site.people[todos].user

    async def says(page: TodoPage) -> str:
        return f"{len(page.todos)} found"

    measure(
        TimedOperation(run=lambda: port.page(user), outcome=f"{todos} found", says=says),
        group=f"find a list of {todos:3} todos",
        variant="uncached",
    )


def _refuse(why: str) -> None:
    raise ValueError(why)
