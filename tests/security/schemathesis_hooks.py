"""What schemathesis cannot read in the schema: how to log in, and which formats mean what here.

Loaded by the schemathesis process, never by pytest.
"""

import os
from typing import Any

import schemathesis
from hypothesis import strategies
from schemathesis import AuthContext, Case, HookContext, Response

from tests.e2e.api_client import sign_up
from tests.security.fuzzing import ADMIN_TOKEN

URL = os.environ["FUZZED_URL"]

# JSON Schema knows neither the reserved domains that no e-mail can have nor a range of years.
schemathesis.openapi.format(
    "email", strategies.from_regex(r"[a-z0-9]{1,20}@example\.org", fullmatch=True)
)
schemathesis.openapi.format(
    "date-time",
    strategies.from_regex(
        r"(19[7-9]\d|20\d\d|21[0-8]\d)-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"
        r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-]0\d:[0-5]\d)",
        fullmatch=True,
    ).filter(str.isascii),
)


class _Somebody:
    """Somebody new, who registers and logs in."""

    def get(self, _case: Case[Any], _context: AuthContext) -> str:
        return sign_up(URL)

    def set(self, case: Case[Any], data: str, _context: AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


class _OperatorAuth(_Somebody):
    def get(self, _case: Case[Any], _context: AuthContext) -> str:
        return ADMIN_TOKEN


schemathesis.auth().apply_to(path_regex="^/todo").apply_to(
    path="/auth/me", method=["GET", "PATCH"]
)(_Somebody)
# These end the token they come with, so each case has a user of its own.
schemathesis.auth(refresh_interval=None).apply_to(path_regex="^/auth/logout").apply_to(
    path="/auth/me", method="DELETE"
)(_Somebody)
schemathesis.auth().apply_to(path_regex="^/admin")(_OperatorAuth)


@schemathesis.hook
def filter_failure(
    _context: HookContext, failure: Exception, _case: Case[Any], response: Response
) -> bool:
    """Keep all but two: a lax date is accepted, and a key that came with another body is refused.

    A date may be laxer than RFC 3339, such as one without a time.
    """
    name = type(failure).__name__
    lax = "violates `format` at /properties/completion_time" in str(failure)
    reused = b"key_reused" in response.content
    return not (
        (name == "AcceptedNegativeData" and lax) or (name == "RejectedPositiveData" and reused)
    )
