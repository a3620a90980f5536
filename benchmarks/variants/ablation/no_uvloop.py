"""The standard library's event loop in the place of uvloop."""

import sys

from service.server import serve

if __name__ == "__main__":
    sys.exit(serve("service.app", "from_environment", loop="asyncio"))
