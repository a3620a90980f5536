"""The servers of ``REDIS_URL``: one, a Redis Cluster, or a primary that Redis Sentinel watches.

One server is what redis-py reads. The others are written as the library ``limits`` has them::

    redis+cluster://[user:password@]host[:port][,host[:port]...][?options]
    redis+sentinel://[user:password@]host[:port][,host[:port]...]/SERVICE[/db][?options]

``rediss+...`` is the same over TLS. Name and password are those of the Redis servers; what the
Sentinels ask for are the options ``sentinel_username`` and ``sentinel_password``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode, urlsplit

from redis.asyncio.connection import Connection, UnixDomainSocketConnection, parse_url

from service.host_names import is_host_name

_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\[\]:/@?#\s]+)(?::(\d{1,5}))?")
# Not urlsplit, which refuses some of several hosts.
_PARTS = re.compile(r"[a-z+]+://(?P<netloc>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?")
_SENTINEL = "sentinel_"
_UNKNOWN = re.compile(r"keyword argument '(\w{1,50})'")
# redis-py takes it for the usual port.
_PORT_0 = re.compile(r":0+$")
_NAME = re.compile(r"\w{1,50}")
_NOT_TAKEN = "has an option{} that the client does not take so"
_NO_PORT = "takes a port from 1 to 65535"
_MOST_DATABASES = 2**31
# The service sets these itself and ignores what a URL says of them.
_SET_HERE = frozenset(
    ("max_connections", "protocol", "socket_connect_timeout", "socket_timeout", "timeout")
)
# Numbers and text, as the options of TLS are. The others are objects, which no URL can hold.
_PLAIN = frozenset(
    (
        "client_name",
        "db",
        "health_check_interval",
        "password",
        "retry_on_timeout",
        "socket_keepalive",
        "socket_read_size",
        "username",
    )
)
_TLS = "ssl_"
_OF_ANSWERS = frozenset(("decode_responses", "encoding", "encoding_errors"))


class Topology(StrEnum):
    """One server, a cluster, or a primary that Sentinels name."""

    ONE = "one server"
    CLUSTER = "a Redis Cluster"
    SENTINEL = "a primary that Redis Sentinel watches"


_MANY = {"cluster": (Topology.CLUSTER, 6379), "sentinel": (Topology.SENTINEL, 26379)}


class RedisUrlError(ValueError):
    """Says what is wrong with a URL, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class RedisUrl:
    """A URL taken apart.

    ``startup_nodes`` are plain ``redis://`` URLs of those to ask first: the server, some nodes of
    the cluster, or the Sentinels. ``service`` is the name by which Sentinels know the primary.
    """

    kind: Topology
    startup_nodes: tuple[str, ...]
    service: str = ""
    _scheme: str = ""
    _login: str = ""
    _rest: str = ""

    def of(self, host: str, port: int) -> str:
        """Return the plain URL of a server that one of the ``startup_nodes`` named."""
        return f"{self._scheme}://{self._login}{_bracketed(host)}:{port}{self._rest}"


def read_redis_url(url: str) -> RedisUrl:
    """Take a URL apart.

    Raises ``ValueError``; only the words of ``RedisUrlError`` keep a password in it to themselves.
    """
    scheme = url.partition("://")[0]
    plain, _, many = scheme.partition("+")
    if plain in {"redis", "rediss"} and many in _MANY:
        kind, default_port = _MANY[many]
        return _many(kind, plain, url, default_port)
    if scheme not in {"redis", "rediss", "unix"}:
        raise RedisUrlError("takes a URL such as redis://host:6379/0")
    if "#" in url:
        # What follows would be dropped: half of a password, and the host with it.
        raise ValueError("no URL")
    netloc, path = _netloc_and_path(url)
    if _PORT_0.search(netloc):
        raise RedisUrlError(_NO_PORT)
    number = "" if scheme == "unix" else path.strip("/")
    if number and not number.isdecimal():
        raise RedisUrlError("takes the number of a database after the host: redis://host:6379/0")
    _require_usable(url)
    return RedisUrl(Topology.ONE, (url,))


def _netloc_and_path(url: str) -> tuple[str, str]:
    parts = _PARTS.fullmatch(url)
    return (parts["netloc"], parts["path"]) if parts else ("", "")


def _require_usable(url: str) -> None:
    """Refuse what redis-py would refuse, or not find, when the first connection is made."""
    options: dict[str, Any] = dict(parse_url(url))
    connection_class = options.pop("connection_class", Connection)
    _require_address(options, socket=connection_class is UnixDomainSocketConnection)
    _require_plain(parse_qs(urlsplit(url).query))
    if options.get("socket_read_size", 1) < 1:
        raise RedisUrlError("takes a socket_read_size of at least 1")
    options = {name: value for name, value in options.items() if name not in _SET_HERE}
    try:
        context = getattr(connection_class(**options), "ssl_context", None)
    except Exception as error:  # noqa: BLE001 - redis-py does not foresee every value
        found = _UNKNOWN.search(str(error))
        which = f" {found[1]}" if found else ""
        raise RedisUrlError(_NOT_TAKEN.format(which)) from None
    try:
        if context is not None:
            context.get()
    except OSError:
        raise RedisUrlError("names a certificate or key file that cannot be used") from None


def _require_plain(names: Iterable[str]) -> None:
    for name in sorted(names):
        if name in _OF_ANSWERS:
            raise RedisUrlError(f"takes no {name}: the service reads bytes")
        if not (name in _PLAIN | _SET_HERE or name.startswith(_TLS)):
            which = f" {name}" if _NAME.fullmatch(name) else ""
            raise RedisUrlError(_NOT_TAKEN.format(which))


def _require_address(options: Mapping[str, Any], *, socket: bool) -> None:
    if socket and not options.get("path"):
        raise RedisUrlError("takes the path of a socket: unix:///run/redis.sock")
    if not is_host_name(options.get("host", "localhost")):
        raise RedisUrlError("takes a host name or an address before the port")
    if not 0 <= options.get("db", 0) < _MOST_DATABASES:
        raise RedisUrlError("takes the number of a database that a server can have, from 0 on")


def _many(kind: Topology, scheme: str, url: str, default_port: int) -> RedisUrl:
    parts = _PARTS.fullmatch(url)
    if parts is None:
        raise ValueError("no URL")
    login, at, hosts = parts["netloc"].rpartition("@")
    options = parse_qsl(parts["query"] or "", keep_blank_values=True)
    own = {name: value for name, value in options if name.startswith(_SENTINEL)}
    query = urlencode([(name, value) for name, value in options if name not in own])
    if kind is Topology.SENTINEL and "db" in dict(options):
        raise RedisUrlError("takes the database after the service: /SERVICE/0")
    service, path = _service(kind, parts["path"])
    rest = path + (f"?{query}" if query else "")
    node_login, node_rest = login + at, rest
    if kind is Topology.SENTINEL:
        node_login, node_rest = _sentinels_login(own), f"?{query}" if query else ""
    elif own:
        raise RedisUrlError("sentinel_ options are for redis+sentinel://")
    startup_nodes = []
    for host, port in _addresses(hosts, default_port):
        node = f"{scheme}://{node_login}{host}:{port}{node_rest}"
        startup_nodes.append(node)
        _require_usable(node)
        found = dict(parse_url(f"{scheme}://{login}{at}{host}:{port}{rest}"))
        _require_address(found, socket=False)
        if kind is Topology.CLUSTER and found.get("db"):
            raise RedisUrlError("a Redis Cluster has database 0 only")
    return RedisUrl(kind, tuple(startup_nodes), service, scheme, login + at, rest)


def _service(kind: Topology, path: str) -> tuple[str, str]:
    """Return the name of the service, and the path that is left for a plain URL."""
    if kind is Topology.CLUSTER:
        if path.strip("/") not in {"", "0"}:
            raise RedisUrlError("a Redis Cluster has database 0 only")
        return "", ""
    service, _, number = path.strip("/").partition("/")
    if not service or (number and not number.isdecimal()):
        raise RedisUrlError("takes a service and may take a database: /SERVICE or /SERVICE/0")
    return unquote(service), f"/{number}" if number else ""


def _sentinels_login(options: dict[str, str]) -> str:
    known = {f"{_SENTINEL}username", f"{_SENTINEL}password"}
    if options.keys() - known:
        raise RedisUrlError(f"knows of Sentinels only {' and '.join(sorted(known))}")
    user, password = (
        quote(options.get(f"{_SENTINEL}{part}", ""), safe="") for part in ("username", "password")
    )
    return f"{user}:{password}@" if user or password else ""


def _addresses(hosts: str, default_port: int) -> list[tuple[str, int]]:
    found = [_HOST.fullmatch(host) for host in hosts.split(",")]
    if not all(found):
        raise RedisUrlError("takes HOST:PORT, several of them with commas between them")
    if any(_PORT_0.search(host) for host in hosts.split(",")):
        raise RedisUrlError(_NO_PORT)
    return [(each[1], int(each[2] or default_port)) for each in found if each]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
