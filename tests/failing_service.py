"""A service that cannot start: ``python -m tests.failing_service`` takes the service's flags."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from service.server import serve


@asynccontextmanager
async def _fail(_: FastAPI) -> AsyncIterator[None]:
    raise OSError("nothing works here")
    yield


def failing() -> FastAPI:
    """Return an application that fails when it is started."""
    return FastAPI(lifespan=_fail)


if __name__ == "__main__":
    sys.exit(serve("tests.failing_service", "failing"))
