"""What Locust's client adds to every request, measured where there is little to wait for."""

import json
import subprocess
import sys
from collections.abc import Mapping

from benchmarks.stack.locust import environment

MODULE = "benchmarks.load.locust.client_overhead"
_DEADLINE_S = 30.0


def measure_client_overhead(url: str) -> Mapping[str, float] | None:
    """Return medians in ms of one request at a time to ``/healthz``, None where none succeeded.

    ``locust_ms`` is with Locust's client, ``socket_ms`` with the plain socket that comparisons
    use, ``added_ms`` the difference. A process of its own measures: Locust replaces the sockets
    of whoever imports it.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", MODULE, url],
            capture_output=True,
            check=True,
            timeout=_DEADLINE_S,
            env=environment() | {"LOCUST_SKIP_MONKEY_PATCH": "1"},
        )
        found = json.loads(done.stdout)
        locust_ms, socket_ms = float(found["locust_ms"]), float(found["socket_ms"])
    except (subprocess.SubprocessError, OSError, ValueError, KeyError, TypeError):
        return None
    return {"locust_ms": locust_ms, "socket_ms": socket_ms, "added_ms": locust_ms - socket_ms}
