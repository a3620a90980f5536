"""Run the service with the naive layer: the flags are those of ``python -m service``."""

import sys

from service.server import serve

if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.rivals.naive.layer", "from_environment"))
