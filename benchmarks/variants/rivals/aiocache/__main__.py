"""Run the service with the aiocache layer: the flags are those of ``python -m service``."""

import sys

from service.server import serve

if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.rivals.aiocache.layer", "from_environment"))
