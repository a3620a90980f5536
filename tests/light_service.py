"""The service, but for one thing: a password is hashed with next to no effort.

``python -m tests.light_service`` takes the flags and the settings of ``python -m service``. Most
tests sign somebody up, few are about that, and each of production's hashes keeps a core busy for
30 ms.
"""

import sys
from unittest.mock import patch

from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from service import bootstrap
from service.app import from_environment
from service.server import serve

MODULE = "tests.light_service"


def light() -> FastAPI:
    """Return the service of the environment with the hasher replaced."""
    hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    patch.object(bootstrap, "argon2id", lambda: hasher).start()
    return from_environment()


if __name__ == "__main__":
    sys.exit(serve(MODULE, "light"))
