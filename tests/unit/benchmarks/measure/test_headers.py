import pytest

from benchmarks.measure.headers import outcome_of, timings_of


@pytest.mark.parametrize(
    ("header", "outcome"),
    [
        ("todos; hit, user; hit", "hit"),
        ("todos;hit;ttl=30,user;hit", "hit"),
        ("todos; hit", "hit"),
        ("todos; fwd=miss, user; fwd=miss", "miss"),
        ("todos; fwd=miss; detail=invalidated, user; fwd=miss", "miss"),
        ("todos; fwd=stale, user; fwd=miss", "miss"),
        ("todos; fwd=miss, user; hit", "partial"),
        ("todos; fwd=bypass; detail=off, user; fwd=bypass; detail=off", "bypass"),
        ("todos; fwd=bypass; detail=unavailable, user; hit", "partial"),
        ("todos", "unknown"),
        ("todos; hit, user", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_outcome_of_an_answer_comes_from_all_its_slots(
    header: str | None, outcome: str
) -> None:
    assert outcome_of(header) == outcome


@pytest.mark.parametrize(
    ("header", "timings"),
    [
        ("cache;dur=0.41, db;dur=1.20, app;dur=2.10", {"cache": 0.41, "db": 1.2, "app": 2.1}),
        ('db; desc="two finds"; dur=3', {"db": 3.0}),
        ("miss, db;dur=x, app;dur=1", {"app": 1.0}),
        (None, {}),
    ],
)
def test_durations_are_read_by_name(header: str | None, timings: dict[str, float]) -> None:
    assert timings_of(header) == timings
