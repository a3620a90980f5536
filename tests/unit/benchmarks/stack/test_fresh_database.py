import pytest

from benchmarks.stack.fresh_database import fresh_database
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.fake_servers import FakeMongo


def fill_and_break(mongo: FakeMongo) -> None:
    with fresh_database(mongo, "mine") as database:
        assert database.list_collection_names() == []
        database["users"].insert_many([{"_id": 1}])
        raise RuntimeError


def test_it_is_empty_and_gone_afterwards_however_that_came() -> None:
    mongo = FakeMongo()

    with pytest.raises(RuntimeError):
        fill_and_break(mongo)

    assert "mine" not in mongo.databases


def refused(mongo: FakeMongo, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words), fresh_database(mongo, name):
        pytest.fail("it was used")


def test_somebody_else_s_database_of_that_name_is_neither_filled_nor_dropped() -> None:
    mongo = FakeMongo()
    mongo.get_database("theirs")["users"].insert_many([{"_id": 1}])

    refused(mongo, "theirs", "theirs is there already and holds users")

    assert mongo.databases["theirs"]["users"].documents == [{"_id": 1}]
    assert mongo.dropped == []


@pytest.mark.parametrize("right", ["may_list", "may_drop"])
def test_a_user_whose_databases_would_stay_behind_is_refused_before_anything_is_written(
    right: str,
) -> None:
    mongo = FakeMongo()
    setattr(mongo, right, False)

    refused(mongo, "mine", r"user of MONGODB_URL may not .* dbAdminAnyDatabase")
