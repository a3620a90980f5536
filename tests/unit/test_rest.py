from pathlib import Path

import pytest

from tests.rest import REST, is_rest

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("name", REST)
def test_what_is_left_to_the_rest_is_there(name: str) -> None:
    assert (TESTS / name).exists()


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("browser/test_report.py", True),
        ("security/test_openapi_fuzz.py", True),
        ("security/test_secrets.py", False),
        ("unit/test_rest.py", False),
    ],
)
def test_a_file_is_of_the_rest_by_where_it_is(name: str, *, rest: bool) -> None:
    assert is_rest(TESTS / name) is rest
