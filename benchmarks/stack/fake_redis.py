"""Serve fakeredis over TCP until a signal ends it: ``python -m benchmarks.stack.fake_redis PORT``.

For machines without any Redis. Right answers, meaningless times; no INFO, no eviction.
"""

import sys

from fakeredis import TcpFakeServer

from benchmarks.stack.ports import HOST


def main(arguments: list[str]) -> None:
    """Listen on the port given as the only argument, for this machine."""
    [port] = arguments
    with TcpFakeServer((HOST, int(port)), server_type="redis") as server:
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
