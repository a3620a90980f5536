"""A connection for every request, so that a balancer may choose anew each time."""

from benchmarks.measure.client import Connection, Response


class OneRequest(Connection):
    """Closes after each answer. A balancer of connections would else never let a session move."""

    def send(self, request: bytes) -> Response:
        """Send a prepared request on a connection of its own; raises ``ClientError``."""
        try:
            return super().send(request)
        finally:
            self.close()
