import pytest

from benchmarks.micro import site
from benchmarks.micro.site import InProcessService, outcome_of
from service.adapters.database import DatabaseRepository
from service.domain import CachedValue, Snapshot, UserId
from service.trace import COLLAPSED, CORRUPT, HIT, MISS, OFF, miss
from tests.fakes import FakeTodos, FakeUsers

USER = UserId("5f" * 12)


@pytest.mark.parametrize(
    ("user", "todos", "word"),
    [
        (HIT, HIT, "hit"),
        (OFF, OFF, "bypass"),
        (MISS, miss("invalidated"), "miss"),
        (CORRUPT, COLLAPSED, "miss"),
        (HIT, MISS, "hit and miss"),
    ],
)
def test_an_outcome_is_one_word_only_where_every_slot_agrees(
    user: str, todos: str, word: str
) -> None:
    snapshot = Snapshot(outcomes={CachedValue.USER: user, CachedValue.TODOS: todos})

    assert outcome_of(snapshot) == word


async def test_a_cache_that_never_hits_is_reported_and_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(site, "PATIENCE_S", 0.0)
    users, todos = FakeUsers(), FakeTodos()
    service = InProcessService(DatabaseRepository(users, todos), todos)

    with pytest.raises(TimeoutError, match="detail=off"):
        await service.until_hit(USER)
