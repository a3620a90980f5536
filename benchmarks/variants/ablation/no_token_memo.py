"""Every request verifies its token's signature and claims."""

import sys

from fastapi import FastAPI

from service import app as service_app
from service.security import Claims, Tokens
from service.server import serve


class ForgetfulTokens(Tokens):
    """Remembers no token."""

    def verify(self, token: str) -> Claims:
        """Verify the token as if it were new."""
        return self._verify(token)


def from_environment() -> FastAPI:
    """Return the service that remembers no token."""
    from service import bootstrap  # noqa: PLC0415 - to be changed before it is used

    setattr(bootstrap, "Tokens", ForgetfulTokens)  # noqa: B010 - not a type's place
    return service_app.from_environment()


if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.ablation.no_token_memo", "from_environment"))
