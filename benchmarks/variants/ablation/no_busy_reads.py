"""Every request passes through FastAPI: its request object, exit stacks and dependencies."""

import sys

from fastapi import FastAPI
from starlette.types import ASGIApp

from service import app as service_app
from service.server import serve


def from_environment() -> FastAPI:
    """Return the service without what answers the busy reads ahead of FastAPI."""

    def nothing_ahead(app: ASGIApp, *_: object) -> ASGIApp:
        return app

    setattr(service_app, "BusyReads", nothing_ahead)  # noqa: B010 - not a type's place
    return service_app.from_environment()


if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.ablation.no_busy_reads", "from_environment"))
