"""The implementations that need a server, as parameters of a fixture."""

import pytest

MONGODB = pytest.param("mongodb", marks=pytest.mark.servers)
REDIS = pytest.param("redis", marks=pytest.mark.servers)
CLUSTER = pytest.param("redis cluster", marks=pytest.mark.servers)
