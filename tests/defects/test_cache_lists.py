"""Section A, second half: order and size of lists, who may see what, and who else writes."""

import asyncio
import random
from typing import Any

import pytest
from pymongo.database import Database
from redis import Redis

from service.domain import PAGE_SIZE
from tests.defects.documents import stored_todo
from tests.defects.in_process import ServiceInProcess, Start
from tests.defects.races import Gate, gated


async def test_A15_todos_come_in_the_order_of_their_ids(
    service: ServiceInProcess, database: Database[dict[str, Any]]
) -> None:
    ann = await service.sign_up("ann")
    todos = [stored_todo(ann.id, str(number)) for number in range(30)]
    database["todos"].insert_many(random.Random(15).sample(todos, len(todos)))

    lists = [await ann.headings() for _ in range(2)]

    assert lists == [[str(number) for number in range(30)]] * 2


async def test_A16_a_long_list_comes_in_pages_and_a_large_page_is_not_cached(
    service: ServiceInProcess,
    database: Database[dict[str, Any]],
    shared_redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("service.adapters.mongo.todos.PAGE_SIZE", 30)
    ann = await service.sign_up("ann")
    database["todos"].insert_many(
        [stored_todo(ann.id, str(number), task="x" * 9_000) for number in range(35)]
    )

    first = await ann.http.get("/todo/")
    second = await ann.http.get(first.links["next"]["url"])
    pages = [first.json(), second.json()]

    assert [len(page) for page in pages] == [30, 5]
    assert [todo["heading"] for page in pages for todo in page] == [str(n) for n in range(35)]
    assert "next" not in second.links
    assert sum(shared_redis.strlen(key) for key in shared_redis.scan_iter(f"*{ann.id}*:todos")) < 50
    assert PAGE_SIZE == 1_000


async def test_A18_a_read_does_not_join_one_that_began_before_the_last_write(
    start: Start, variant: str
) -> None:
    gate = Gate(holds=1)
    ann = await (await start(gated(variant, read=gate))).sign_up("ann")
    gate.close()
    early = asyncio.create_task(ann.headings())
    await gate.arrived.wait()
    await ann.write("acknowledged")

    late = await ann.headings()
    gate.open()
    await early

    assert late == ["acknowledged"]


async def test_A19_A20_a_cached_todo_is_its_owners_in_any_case_of_its_id(
    service: ServiceInProcess,
) -> None:
    ann, bob = await service.sign_up("ann"), await service.sign_up("bob")
    todo_id = await ann.write("ann's")
    upper = f"/todo/{todo_id.upper()}"

    hers = [(await ann.http.get(f"/todo/{todo_id}")).status_code for _ in range(2)]
    his = [(await bob.http.get(f"/todo/{todo_id}")).status_code for _ in range(2)]
    read = await ann.http.get(upper)
    deleted = await ann.http.delete(upper)

    assert (hers, his) == ([200, 200], [404, 404])
    assert await bob.headings() == []
    assert read.json()["id"] == todo_id
    assert deleted.status_code == 200
    assert await ann.headings() == []
