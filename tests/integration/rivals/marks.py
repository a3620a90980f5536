"""Marks of the tests that run the libraries."""

import pytest

RIVALS = ["naive", "cashews", "aiocache", "fastapi-redis-sdk"]

# What the libraries call is theirs to renew.
LIBRARIES = [
    pytest.mark.servers,
    pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:`rewrite` deprecated:DeprecationWarning"),
]
