"""A cache-aside repository over fakes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.variants.rivals.naive.repository import CacheAsideRepository
from service.adapters.database import DatabaseRepository
from service.domain import CachedValue, Snapshot, UserId
from tests.fakes import FakeTodos, FakeUsers, ManualClock
from tests.fakes_cache import FakeSlots

BOTH = (CachedValue.USER, CachedValue.TODOS)
TTL_S = {CachedValue.USER: 600.0, CachedValue.TODOS: 300.0}


@dataclass
class Setting:
    """A cache-aside repository and what it stands between; ``ada`` is the only account."""

    ada: UserId
    users: FakeUsers
    todos: FakeTodos
    clock: ManualClock
    slots: FakeSlots
    jitter: float = 1.0
    repository: CacheAsideRepository = field(init=False)

    def __post_init__(self) -> None:
        self.repository = CacheAsideRepository(
            DatabaseRepository(self.users, self.todos),
            self.slots,
            ttl_s=TTL_S,
            jitter=lambda: self.jitter,
        )

    async def read(self) -> tuple[Snapshot, Mapping[CachedValue, str], int]:
        """Read both slots; return them, how each was answered, and how many finds it cost."""
        before = self.finds()
        snapshot = await self.repository.read(self.ada, BOTH)
        return snapshot, snapshot.outcomes, self.finds() - before

    def finds(self) -> int:
        return self.users.calls["find"] + self.todos.calls["page"] + self.todos.calls["find"]
