"""Fixtures of the adapters' tests."""

import pytest

from service.domain import NewAccount
from tests.fakes import FakeTodos, FakeUsers, ManualClock
from tests.fakes_cache import FakeSlots
from tests.unit.benchmarks.variants.rivals.naive.setting import Setting


@pytest.fixture
async def at() -> Setting:
    users, clock = FakeUsers(), ManualClock()
    account = await users.insert(NewAccount("Ada", "ada@example.com", "hash"))
    return Setting(account.id, users, FakeTodos(), clock, FakeSlots(clock=clock))
