"""A URL is shown without what gives access."""

import pytest

from benchmarks.stack.address import without_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mongodb://127.0.0.1:27017/", "mongodb://127.0.0.1:27017/"),
        ("mongodb://ann:secret@host:1/db", "mongodb://ann:***@host:1/db"),
        ("mongodb://ann:se@cr/et@host/db", "mongodb://ann:***@host/db"),
        ("mongodb://ann:secret@a:1,b:2/?w=1", "mongodb://ann:***@a:1,b:2/?w=1"),
        ("redis://:secret@host:6379/0", "redis://:***@host:6379/0"),
        ("redis://host:6379/0?password=secret&db=1", "redis://host:6379/0?password=***&db=1"),
        ("redis://ann@host:6379", "redis://ann@host:6379"),
        ("not a url", "not a url"),
    ],
)
def test_a_password_is_hidden_and_the_address_kept(url: str, shown: str) -> None:
    assert without_password(url) == shown
