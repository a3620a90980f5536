"""The HTTP parser h11, written in Python, in the place of httptools."""

import sys

from service.server import serve

if __name__ == "__main__":
    sys.exit(serve("service.app", "from_environment", http="h11"))
