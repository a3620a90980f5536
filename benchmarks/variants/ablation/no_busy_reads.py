"""Every request passes through FastAPI: its request object, exit stacks and dependencies."""

import sys

from fastapi import FastAPI

from service import app as service_app
from service.api.reads import BusyReads
from service.server import serve


def from_environment() -> FastAPI:
    """Return the service without what answers the busy reads ahead of FastAPI."""
    app = service_app.from_environment()
    app.user_middleware = [each for each in app.user_middleware if each.cls is not BusyReads]
    return app


if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.ablation.no_busy_reads", "from_environment"))
