"""Every hit decodes the account anew."""

import sys

from fastapi import FastAPI

from service import app as service_app
from service.coherence import repository
from service.server import serve


def from_environment() -> FastAPI:
    """Return the service that remembers no decoded account."""
    setattr(repository, "DECODED", 0)  # noqa: B010 - a constant elsewhere
    return service_app.from_environment()


if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.ablation.no_decoded_memo", "from_environment"))
