"""A service that cannot start: ``python -m tests.failing_service`` takes the service's flags."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from service.server import serve


def failing() -> FastAPI:
    """Return an application that fails when it is started."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if app.title:
            raise OSError("nothing works here")
        yield

    return FastAPI(lifespan=lifespan)


if __name__ == "__main__":
    sys.exit(serve("tests.failing_service", "failing"))
