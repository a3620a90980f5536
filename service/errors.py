"""Everything the service can refuse or fail to do.

Adapters translate driver errors into these at their boundary; the HTTP status is decided in one
table, ``service.api.errors``.
"""

from service.domain import Decision


class ServiceError(Exception):
    """The root of everything below."""


class InvalidToken(ServiceError):
    """The bearer token is absent, malformed, forged, or names no account."""


class ExpiredToken(InvalidToken):
    """The bearer token was good once."""


class RevokedToken(InvalidToken):
    """The bearer token was logged out, or its account moved to a newer token generation."""


class InvalidCredentials(ServiceError):
    """The e-mail and the password do not belong together; which one is wrong is not said."""


class WrongPassword(ServiceError):
    """The present password, needed to set a new one, does not match."""


class NotFound(ServiceError):
    """The todo does not exist, or belongs to another user."""


class EmailTaken(ServiceError):
    """Another account has this e-mail."""


class QuotaReached(ServiceError):
    """The user has as many todos as one user may have."""


class NoCacheConfigured(ServiceError):
    """The process was started with the Redis layer off, so there is nothing to switch on."""


class RevisionMismatch(ServiceError):
    """The todo was written since the caller read it."""


class KeyReused(ServiceError):
    """The ``Idempotency-Key`` came with another body before."""


class RateLimited(ServiceError):
    """Too many attempts; carries the decision that says when to come back."""

    def __init__(self, decision: Decision) -> None:
        super().__init__("rate limit exceeded")
        self.decision = decision


class Unavailable(ServiceError):
    """Something the service needs does not answer; nothing was acknowledged."""


class DatabaseUnavailable(Unavailable):
    """MongoDB did not answer within its deadline, or refused."""


class IndexConflict(DatabaseUnavailable):
    """Stored documents keep an index from being made; the message says how to mend them."""


class Overloaded(Unavailable):
    """The bounded password pool is full."""
