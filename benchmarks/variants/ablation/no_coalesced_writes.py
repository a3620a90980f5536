"""One connection for everybody, but each command leaves in a write of its own."""

import sys

from fastapi import FastAPI

from service import app as service_app
from service.adapters.redis import endpoint, shared
from service.server import serve


class EagerWire(shared.Wire):
    """Writes a command as soon as it is asked."""

    def ask(self, command: endpoint.Command, deadline_s: float) -> shared.Answer:
        """Write the command and return where its answer will be."""
        answer = super().ask(command, deadline_s)
        self._leave()
        return answer


def from_environment() -> FastAPI:
    """Return the service over an eager connection."""
    setattr(shared, "Wire", EagerWire)  # noqa: B010 - not a type's place
    return service_app.from_environment()


if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.ablation.no_coalesced_writes", "from_environment"))
