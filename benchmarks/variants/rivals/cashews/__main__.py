"""Run the service with the cashews layer: the flags are those of ``python -m service``."""

import sys

from service.server import serve

if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.rivals.cashews.layer", "from_environment"))
