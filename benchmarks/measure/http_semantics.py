"""What HTTP says of methods and of passwords (RFC 9110, RFC 7617), for all that sends requests."""

import base64

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Those that change nothing, so that they may be sent once more."""
BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})


def basic_authorization(credentials: str) -> str:
    """Return the value of the header ``Authorization`` for ``USER:PASSWORD``."""
    return f"Basic {base64.b64encode(credentials.encode()).decode()}"
