"""Run the service with the mistake that ``STATEFUL_MUTANT`` names, and flags as of the service."""

import os
import sys

from fastapi import FastAPI

from service.server import serve
from tests.light_service import light
from tests.stateful.mutants import MUTANTS

VARIABLE = "STATEFUL_MUTANT"


def mutated() -> FastAPI:
    """Return the service of the environment, composed as shipped but for the names replaced."""
    mutant = MUTANTS[os.environ[VARIABLE]]
    for name, replacement in mutant.names.items():
        # A name that is not there any more would be a mutant that is none.
        getattr(mutant.module, name)
        setattr(mutant.module, name, replacement)
    return light()


if __name__ == "__main__":
    sys.exit(serve("tests.stateful.mutant_service", "mutated"))
