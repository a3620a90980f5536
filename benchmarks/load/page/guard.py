"""Which requests reach the web UI: those of its own pages, under addresses and names of its own.

Locust lets pages of every origin ask and read. Here a form or a script elsewhere could start a
run, and a name that is made to lead here (DNS rebinding) could read what is shown.
"""

from collections.abc import Callable, Collection, Iterable
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Response, jsonify, request

_READABLE_ELSEWHERE = "access-control-"
_FORM = {"user_count", "spawn_rate", "run_time", "user_classes", "shape_class", "profile"}


class OwnPages:
    """A WSGI application that answers 403 to other pages and names, and lets no page be framed.

    An IP address and ``localhost`` are always allowed, since no DNS server elsewhere decides where
    they lead; ``names`` are the others. A request without ``Origin`` is allowed as well: browsers
    send one with each request of another origin's page that could change something.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], names: Collection[str]) -> None:
        self._application = application
        self._names = {name.lower() for name in names} | {"localhost"}

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request."""
        refused = self._refusal(environ.get("HTTP_HOST", ""), environ.get("HTTP_ORIGIN"))
        if refused is not None:
            status = HTTPStatus.FORBIDDEN
            start_response(f"{status.value} {status.phrase}", [("Content-Type", "text/plain")])
            return [refused.encode()]

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            kept = [one for one in headers if not one[0].lower().startswith(_READABLE_ELSEWHERE)]
            return start_response(status, [*kept, ("X-Frame-Options", "SAMEORIGIN")], *error)

        return self._application(environ, start)

    def _refusal(self, host: str, origin: str | None) -> str | None:
        try:
            name = urlsplit(f"//{host}").hostname or ""
            netloc = None if origin is None else urlsplit(origin).netloc
        except ValueError:
            return "Host or Origin cannot be read."
        if name not in self._names and not _is_address(name):
            return "This name is not known here: add it to --web-names (FIVEFOLD_WEB_NAMES)."
        if netloc is not None and netloc.lower() != host.lower():
            return "Only the pages of this server may ask."
        return None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def refused_form(host: str | None) -> Response | None:
    """Return the answer to a form that asks for more than a run of some users.

    Locust would set any option from it, the addresses among them. All of these are decided by the
    command line; its form sends ``host`` too, which may only say what is so already.
    """
    unknown = set(request.form) - _FORM
    if request.form.get("host", host or "") == (host or ""):
        unknown.discard("host")
    if not unknown:
        return None
    message = f"Only the command line decides this: {', '.join(sorted(unknown))}"
    return jsonify({"success": False, "message": message, "host": host})
