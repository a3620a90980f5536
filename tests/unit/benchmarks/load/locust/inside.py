"""Run code in a process that may import Locust; the tests' own must not."""

import json
import os
import subprocess
import sys
from typing import Any


def inside(code: str, *arguments: str) -> Any:
    """Return what the code leaves in ``found``; it sees ``arguments``."""
    wrapped = f"import json, sys\narguments = sys.argv[1:]\n{code}\nprint('>' + json.dumps(found))"
    done = subprocess.run(
        [sys.executable, "-c", wrapped, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"LOCUST_SKIP_MONKEY_PATCH": "1"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.rpartition(">")[2])
