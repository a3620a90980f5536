"""Every route makes FastAPI's request object, exit stacks and dependency graph."""

import sys

from fastapi import FastAPI
from fastapi.routing import APIRoute

from service import app as service_app
from service.api.direct import DirectRoute
from service.server import serve


def from_environment() -> FastAPI:
    """Return the service with ordinary routes in the place of the direct ones."""
    app = service_app.from_environment()
    for route in app.router.routes:
        if isinstance(route, DirectRoute):
            setattr(route, "__class__", APIRoute)  # noqa: B010 - not a type's place
    return app


if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.ablation.no_direct_routes", "from_environment"))
