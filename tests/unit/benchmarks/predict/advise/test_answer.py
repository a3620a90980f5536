import pytest

from benchmarks.analysis.model.sizing import entry_bytes_in_redis
from benchmarks.predict.advise.answer import Advice, answer
from benchmarks.predict.advise.facts import gather
from benchmarks.predict.advise.question import Question

FAR = {"app_ms": 1.2, "db_ms": 50, "hit_ms": 0.15, "miss_ms": 1.5}
NEAR = FAR | {"db_ms": 1.2}


def answered(**numbers: float) -> Advice:
    return answer(gather(Question.asked(**numbers), None))


@pytest.mark.parametrize(
    ("numbers", "decision"),
    [
        ({**FAR, "hit_ratio": 0.8}, "pays"),
        ({**NEAR, "hit_ratio": 0.5}, "loses"),
        ({**NEAR, "hit_ratio": 0.62, "writes": 0}, "hardly"),
        ({**NEAR, "hit_ratio": 1, "writes": 0}, "pays"),
        ({**FAR, "hit_ratio": 0}, "loses"),
    ],
)
def test_a_cache_pays_where_it_makes_operations_faster(
    numbers: dict[str, float], decision: str
) -> None:
    assert answered(**numbers).decision == decision


def test_writes_that_cost_more_than_the_reads_gain_decide_too() -> None:
    reads_gain = answered(**NEAR, hit_ratio=0.9, writes=0.7, invalidation_ms=3)

    assert reads_gain.mean.speedup > 1
    assert reads_gain.overall < 1
    assert reads_gain.decision == "loses"


def test_mean_median_and_tail_say_different_things_and_are_all_said() -> None:
    found = answered(app_ms=0, db_ms=50, hit_ms=1, miss_ms=0, hit_ratio=0.8, spread=0.01)

    by_name = {gain.what: gain.speedup for gain in found.gains}
    assert list(by_name) == ["mean", "p50", "p95", "p99"]
    assert by_name["mean"] == pytest.approx(4.63, abs=0.005)
    assert by_name["p50"] == pytest.approx(50, rel=0.02)
    assert by_name["p99"] == pytest.approx(1, rel=0.02)


def test_the_ttl_that_is_needed_gives_the_speedup_that_is_wanted() -> None:
    workload = {"users": 500, "rate": 50, "writes": 0.02}
    ttl_s = answered(**FAR, **workload, want=5).wanted.ttl_s
    assert ttl_s is not None

    assert answered(**FAR, **workload, ttl=ttl_s).mean.speedup == pytest.approx(5)


def test_the_wanted_speedup_takes_the_worked_figures_and_too_many_writes_leave_no_ttl() -> None:
    wanted, busy = answered(**FAR, want=5).wanted, answered(**FAR, want=5, writes=0.3).wanted
    impossible = answered(**NEAR, want=5).wanted

    assert wanted.hit_ratio == busy.hit_ratio == pytest.approx(0.827, abs=0.0005)
    assert wanted.least_database_ms == pytest.approx(5.55)
    assert busy.ttl_s is None
    assert busy.most_writes == pytest.approx(0.173, abs=0.0005)
    assert (impossible.hit_ratio, impossible.ttl_s, impossible.reads) == (None, None, None)


def test_memory_is_entries_times_what_one_takes() -> None:
    found = answered(users=200, entry_bytes=1000, rate=1e5, writes=0)

    assert found.memory_at_most_bytes == 200 * entry_bytes_in_redis(1000)
    assert found.memory_bytes == pytest.approx(found.memory_at_most_bytes, rel=0.05)
