"""A small shop over SQLite: run it as it is, and with CACHE=1 to have cashews keep its answers.

uvicorn --app-dir docs/examples shop:app --port 8000
CACHE=1 uvicorn --app-dir docs/examples shop:app --port 8001
"""

import os
import sqlite3
from collections.abc import Iterator

from cashews import cache
from fastapi import FastAPI

cache.setup("mem://", enable=os.environ.get("CACHE") == "1")
app = FastAPI()


def rows() -> Iterator[tuple[int, str, int]]:
    """Make the items of the shop; their prices look random and are the same each time."""
    return ((number, f"Item {number}", number * 7919 % 1000) for number in range(20_000))


def opened() -> sqlite3.Connection:
    """Return the shop's database, without the index that its searches would need."""
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, price INTEGER)")
    database.executemany("INSERT INTO items VALUES (?, ?, ?)", rows())
    return database


database = opened()


@app.get("/items")
@cache(ttl="1m")
async def items() -> list[dict[str, object]]:
    """Return the cheapest items, which takes a scan and a sort of all of them."""
    found = database.execute("SELECT id, name, price FROM items ORDER BY price, name LIMIT 20")
    return [{"id": number, "name": name, "price": price} for number, name, price in found]


@app.get("/items/{number}")
@cache(ttl="1m")
async def item(number: int) -> dict[str, object]:
    """Return one item, found by its key."""
    found = database.execute("SELECT name, price FROM items WHERE id = ?", (number,)).fetchone()
    return {"id": number, "name": found[0], "price": found[1]}
