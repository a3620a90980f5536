"""Time a cheap request with Locust's client and with a plain socket: ``python -m ... URL``.

Run with ``LOCUST_SKIP_MONKEY_PATCH=1``, or the plain socket is none.
"""

import json
import statistics
import sys
from collections.abc import Callable
from time import perf_counter

from locust import events
from locust.contrib.fasthttp import FastHttpSession

from benchmarks.measure.client import Connection

PATH = "/healthz"
_REQUESTS = 300
_LONGEST_S = 10.0
"""Seconds of asking at most: a busy machine gives fewer answers, not none."""
_UNCOUNTED = 1 / 6
"""The share of the first requests, which open connections and warm up."""
_OK = 200
_MS_PER_S = 1000.0


def main(arguments: list[str]) -> int:
    """Print the medians in ms as JSON; returns 1 for a service that does not answer 200."""
    [url] = arguments
    session = FastHttpSession(base_url=url, request_event=events.request, user=None)
    with Connection(url) as connection:
        request = connection.prepare("GET", PATH)
        ways: tuple[Callable[[], int], Callable[[], int]] = (
            lambda: int(session.get(PATH).status_code),
            lambda: connection.send(request).status,
        )
        times_ms: tuple[list[float], list[float]] = ([], [])
        started_s = perf_counter()
        for _ in range(_REQUESTS):
            # By turns, so that both meet the same machine.
            for way, taken in zip(ways, times_ms, strict=True):
                began_s = perf_counter()
                if way() != _OK:
                    return 1
                taken.append((perf_counter() - began_s) * _MS_PER_S)
            if perf_counter() - started_s > _LONGEST_S:
                break
    first = int(len(times_ms[0]) * _UNCOUNTED)
    locust_ms, socket_ms = (statistics.median(taken[first:]) for taken in times_ms)
    sys.stdout.write(json.dumps({"locust_ms": locust_ms, "socket_ms": socket_ms}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
