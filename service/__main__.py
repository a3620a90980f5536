"""Run the service: ``python -m service [--host H] [--port P] [--workers N]``."""

import sys

from service.server import serve

if __name__ == "__main__":
    sys.exit(serve("service.app", "from_environment"))
