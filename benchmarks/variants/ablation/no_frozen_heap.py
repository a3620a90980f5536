"""The garbage collector looks through everything that was made before the first request."""

import gc
import sys

from fastapi import FastAPI

from service import app as service_app
from service.server import serve


def from_environment() -> FastAPI:
    """Return the service with its whole heap in the collector's sight."""
    app = service_app.from_environment()
    gc.unfreeze()
    return app


if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.ablation.no_frozen_heap", "from_environment"))
