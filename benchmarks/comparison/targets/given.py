"""Requests given on the command line: ``--get``, ``--request``, ``--curl``, ``--har``, headers.

What of them may be a secret is sent, and kept nowhere.
"""

import argparse
import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode, urlsplit

from benchmarks.comparison.targets.masking import secrets_in
from benchmarks.comparison.targets.steps import SECRET_NAME, Step
from benchmarks.measure.client import BODY_METHODS
from benchmarks.storage.usage import UsageError

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_OF_THE_CONNECTION = frozenset(
    {"host", "content-length", "connection", "keep-alive", "transfer-encoding", "te", "upgrade"}
)
_CONDITIONS = ("if-", "range")
"""Headers that ask whether a browser's own copy is still good: answers to them have no body."""
_READABLE_CODINGS = ("gzip", "deflate")


def headers_of(
    texts: Iterable[str], environ: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Read ``NAME: VALUE``; ``${VARIABLE}`` in a value is of the environment, ``@FILE`` a file's.

    Return the headers of every request, and what of their values is to be kept nowhere. Raises
    ``UsageError``, which quotes no value.
    """
    headers: dict[str, str] = {}
    secrets: list[str] = []
    for text in texts:
        name, colon, value = (part.strip() for part in text.partition(":"))
        if not colon or not name:
            raise UsageError("--header takes NAME: VALUE, such as 'Authorization: Bearer ${TOKEN}'")
        filled = _filled(value, name, environ)
        headers[name] = filled
        variables = [environ.get(each, "") for each in _VARIABLE.findall(value)]
        for each in (filled, *variables):
            secrets += secrets_in({name: each}, known=filled != value)
    return headers, secrets


def requests_of(requests: Sequence[str], bodies: Sequence[str]) -> list[Step]:
    """Read ``METHOD PATH``, each with its body where it has one; raises ``UsageError``."""
    pairs = [_method_and_path(text) for text in requests]
    writing = [place for place, (method, _) in enumerate(pairs) if method in BODY_METHODS]
    if bodies and len(bodies) != len(writing):
        raise UsageError(
            f"{len(bodies)} --body for {len(writing)} --request that send one: give each POST, "
            "PUT and PATCH its own, in the same order"
        )
    contents = dict(zip(writing, map(_body, bodies), strict=False))
    return [
        Step(method=method, path=path, body=body, headers=_JSON if is_json else {})
        for place, (method, path) in enumerate(pairs)
        for body, is_json in [contents.get(place, (b"", False))]
    ]


def curl_of(text: str) -> Step:
    """Read a command of curl as browsers copy it; its host is left out, a target takes its place.

    Raises ``UsageError`` for options that this harness has no meaning for.
    """
    try:
        words = shlex.split(text.replace("\\\n", " "))
    except ValueError as error:
        raise UsageError(f"--curl: {error}") from error
    given = _curl_options().parse_args(words[1:] if words[:1] == ["curl"] else words)
    if not given.address:
        raise UsageError("--curl names no address")
    headers = dict(_split(line) for line in given.header)
    headers |= {"Cookie": given.cookie} if given.cookie else {}
    try:
        path = _path_of(given.address)
    except ValueError:
        raise UsageError("--curl: its address is not http://HOST:PORT/PATH") from None
    body = b"&".join(given.data)
    if body and "content-type" not in {name.lower() for name in headers}:
        headers |= _FORM
    method = given.request or ("POST" if body else "GET")
    return Step(method=method, path=path, headers=_sendable(headers), body=body)


def har_of(path: Path, named: Iterable[str] = ()) -> list[Step]:
    """Read the requests of a recording that are of the origin of its first, in order.

    Headers and parameters that may be secret are left out unless they are ``named``. Raises
    ``UsageError``.
    """
    kept = {name.lower() for name in named}
    try:
        entries = json.loads(_file(str(path), "--har"))["log"]["entries"]
        requests = [entry["request"] for entry in entries]
        first = urlsplit(requests[0]["url"])[:2]
        same = [each for each in requests if urlsplit(each["url"])[:2] == first]
        return [_har_step(each, kept) for each in same]
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise UsageError(f"--har {path} is no HTTP archive: {type(error).__name__}") from error


def _har_step(request: Mapping[str, Any], kept: set[str]) -> Step:
    headers = {
        each["name"]: each["value"]
        for each in request.get("headers", ())
        if _is_sent(each["name"], kept)
    }
    posted = request.get("postData") or {}
    body = posted.get("text") or urlencode(
        [(each["name"], each.get("value", "")) for each in posted.get("params", ())]
    )
    path, question, query = _path_of(request["url"]).partition("?")
    parameters = [each for each in query.split("&") if _is_sent(each.partition("=")[0], kept)]
    return Step(
        method=request["method"],
        path=f"{path}{question if any(parameters) else ''}{'&'.join(parameters)}",
        headers=_sendable(headers),
        body=body.encode(),
    )


def _is_sent(name: str, kept: set[str]) -> bool:
    return not SECRET_NAME.search(name) or name.lower() in kept


def _sendable(headers: Mapping[str, str]) -> dict[str, str]:
    """Leave out what belongs to a connection or to a browser's own cache."""
    sent = {
        name: value
        for name, value in headers.items()
        if name.lower() not in _OF_THE_CONNECTION
        and not name.startswith(":")
        and not name.lower().startswith(_CONDITIONS)
    }
    for name, value in sent.items():
        if name.lower() == "accept-encoding":
            # Bodies are compared, so only codings that can be undone here are asked for.
            known = [each for each in _READABLE_CODINGS if each in value.lower()]
            sent[name] = ", ".join(known) or "identity"
    return sent


class _CurlOptions(argparse.ArgumentParser):
    """Raises in place of printing and ending the program."""

    def error(self, message: str) -> NoReturn:
        """Raise ``UsageError``."""
        raise UsageError(f"--curl: {message}; use --request, --header and --body instead")


def _curl_options() -> _CurlOptions:
    options = _CurlOptions(add_help=False, allow_abbrev=False)
    options.add_argument("address", nargs="?", default="")
    options.add_argument("-X", "--request", default="")
    options.add_argument("-H", "--header", action="append", default=[])
    options.add_argument("-b", "--cookie", default="")
    datas = ("-d", "--data", "--data-binary", "--data-ascii")
    options.add_argument(*datas, dest="data", action="append", default=[], type=_curl_data)
    options.add_argument("--data-raw", dest="data", action="append", type=str.encode)
    ignored = ("--compressed", "-s", "--silent", "-S", "--show-error", "-i", "--include", "-v")
    for name in (*ignored, "-k", "--insecure", "-L", "--location"):
        options.add_argument(name, action="store_true", dest="ignored")
    return options


def _curl_data(text: str) -> bytes:
    return _file(text[1:], "--curl") if text.startswith("@") else text.encode()


def _split(line: str) -> tuple[str, str]:
    name, _, value = (part.strip() for part in line.partition(":"))
    return name, value


def _path_of(url: str) -> str:
    parts = urlsplit(url if "://" in url or url.startswith("/") else f"//{url}")
    return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"


def _method_and_path(text: str) -> tuple[str, str]:
    method, _, path = text.strip().partition(" ")
    if not method.isalpha() or not path.strip().startswith("/"):
        raise UsageError(f"--request {text!r} takes METHOD /PATH, such as 'POST /orders'")
    return method.upper(), path.strip()


def _body(text: str) -> tuple[bytes, bool]:
    """Return a body, and whether it is JSON."""
    content = _file(text[1:], "--body") if text.startswith("@") else text.encode()
    try:
        json.loads(content)
    except ValueError:
        return content, False
    return content, True


def _file(name: str, option: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"{option} {name}: {error.strerror or error}") from error


def _filled(value: str, header: str, environ: Mapping[str, str]) -> str:
    if value.startswith("@"):
        return _file(value[1:], "--header").decode(errors="replace").strip()
    return _VARIABLE.sub(lambda found: _of_environment(found[1], header, environ), value)


def _of_environment(variable: str, header: str, environ: Mapping[str, str]) -> str:
    if variable not in environ:
        raise UsageError(f"--header {header}: the environment has no {variable}")
    return environ[variable]
