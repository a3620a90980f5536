import pytest
from pymongo.errors import DuplicateKeyError, ExecutionTimeout

from service.adapters.mongo.client import database_call
from service.errors import DatabaseUnavailable


@pytest.mark.parametrize(
    "error", [ExecutionTimeout("too late"), OverflowError("int too large to convert to float")]
)
def test_what_the_driver_gives_up_with_is_an_unavailable_database(error: Exception) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"too la(te|rge)"), database_call():
        raise error


def test_a_duplicate_key_is_an_answer() -> None:
    with pytest.raises(DuplicateKeyError), database_call():
        raise DuplicateKeyError("taken")
