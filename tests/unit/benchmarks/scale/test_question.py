"""A question that cannot be answered is refused with what can be asked."""

from typing import Any

import pytest

from benchmarks.scale.question import LIMITS, MEASURED, Question, named
from benchmarks.usage import UsageError


@pytest.mark.parametrize("name", LIMITS)
def test_a_number_out_of_its_range_is_refused_by_name(name: str) -> None:
    field = {"rate": "rates", "lease": "lease_s"}.get(name, name.replace("-", "_"))
    value: Any = LIMITS[name][1] * 10
    wrong: dict[str, Any] = {field: (value,) if field in {"rates", "processes"} else value}

    with pytest.raises(UsageError, match=f"--{name} is"):
        Question(**wrong)


def test_a_cost_of_ones_own_takes_the_place_of_the_measured_one() -> None:
    question = Question().costing(("worker-hit=0.1", "database-fence=0.2"))

    assert question.costs.worker.hit == 0.1
    assert question.costs.fence == 0.2
    assert question.costs.worker.miss == MEASURED.worker.miss
    assert question.said == {"worker-hit", "database-fence"}


@pytest.mark.parametrize(
    "text", ["worker-hit", "worker-hit=fast", "worker-hit=-1", "worker-hit=inf"]
)
def test_a_cost_is_a_name_and_milliseconds(text: str) -> None:
    with pytest.raises(UsageError, match=r"(?i)milliseconds"):
        Question().costing((text,))


def test_an_unknown_cost_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no worker-lunch; choose from worker-hit, .*redis-info"):
        Question().costing(("worker-lunch=1",))


def test_users_follow_from_what_one_of_them_asks() -> None:
    demand = Question(per_user=0.5).demand(1000)

    assert demand.users == 2000
    assert demand.entry_bytes > demand.answer_bytes > 20 * 100


def test_every_cost_has_a_name() -> None:
    assert len(named(MEASURED)) == 14
    assert named(MEASURED)["redis-info"] == MEASURED.info
