"""Say where everything is, once Locust has a worker: ``addresses.py STATISTICS LINE...``."""

# ruff: noqa: INP001 - a script of the images, in no package
import json
import sys
import time
from urllib.request import urlopen

_LOOK_S = 0.5


def has_worker(statistics: str) -> bool:
    """Tell whether Locust, asked at this address, answers and has a worker."""
    try:
        with urlopen(statistics, timeout=5) as answer:  # noqa: S310 - compose names it
            return bool(json.load(answer)["workers"])
    except OSError:
        return False


if __name__ == "__main__":
    asked, *lines = sys.argv[1:]
    while not has_worker(asked):
        time.sleep(_LOOK_S)
    sys.stdout.write("\n".join(["", *lines, ""]))
