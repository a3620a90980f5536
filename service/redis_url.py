"""The servers of ``REDIS_URL``: one, a Redis Cluster, or a primary that Redis Sentinel watches.

One server is what redis-py reads. The others are written as the library ``limits`` has them::

    redis+cluster://[user:password@]host[:port][,host[:port]...][?options]
    redis+sentinel://[user:password@]host[:port][,host[:port]...]/SERVICE[/db][?options]

``rediss+...`` is the same over TLS. Name and password are those of the Redis servers; what the
Sentinels ask for are the options ``sentinel_username`` and ``sentinel_password``.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, quote, unquote, urlencode

from redis.asyncio.connection import parse_url

# Not urlsplit, which refuses some of several hosts, and drops what follows a "#": half of a
# password, and the host with it.
_PARTS = re.compile(
    r"(?P<scheme>[a-z+]+)://(?P<netloc>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?"
)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\[\]:/@?#\s]+)(?::(\d{1,5}))?")
_SENTINELS_LOGIN = ("sentinel_username", "sentinel_password")


class Topology(StrEnum):
    """One server, a cluster, or a primary that Sentinels name."""

    ONE = "one server"
    CLUSTER = "a Redis Cluster"
    SENTINEL = "a primary that Redis Sentinel watches"


_MANY = {"cluster": (Topology.CLUSTER, 6379), "sentinel": (Topology.SENTINEL, 26379)}


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
        named = f"[{host}]" if ":" in host else host
        return f"{self._scheme}://{self._login}{named}:{port}{self._rest}"


def read_redis_url(url: str) -> RedisUrl:
    """Take a URL apart; raises ``ValueError``, which may quote a password in it."""
    parts = _PARTS.fullmatch(url)
    if parts is None:
        raise ValueError("no URL")
    scheme, _, many = parts["scheme"].partition("+")
    if many:
        return _many(scheme, many, parts)
    # redis-py takes any other path for that of database 0.
    _require(bool(parts["path"]) if scheme == "unix" else _is_number(parts["path"].strip("/")))
    parse_url(url)
    return RedisUrl(Topology.ONE, (url,))


def _many(scheme: str, many: str, parts: re.Match[str]) -> RedisUrl:
    _require(scheme in {"redis", "rediss"} and many in _MANY)
    kind, default_port = _MANY[many]
    login, at, hosts = parts["netloc"].rpartition("@")
    options = dict(parse_qsl(parts["query"] or "", keep_blank_values=True))
    own = {name: options.pop(name) for name in _SENTINELS_LOGIN if name in options}
    service, _, number = parts["path"].strip("/").partition("/")
    if kind is Topology.CLUSTER:
        # Which has database 0 only.
        _require(service in {"", "0"} and not number and not own)
        service = ""
    else:
        _require(bool(service) and _is_number(number))
    _require("db" not in options)
    query = f"?{urlencode(options)}" if options else ""
    nodes_login = _login_of(own) if kind is Topology.SENTINEL else login + at
    startup_nodes = tuple(
        f"{scheme}://{nodes_login}{address}{query}" for address in _addresses(hosts, default_port)
    )
    rest = f"/{number}{query}" if number else query
    found = RedisUrl(kind, startup_nodes, unquote(service), scheme, login + at, rest)
    for node in (*startup_nodes, found.of("host", default_port)):
        parse_url(node)
    return found


def _login_of(options: dict[str, str]) -> str:
    user, password = (quote(options.get(name, ""), safe="") for name in _SENTINELS_LOGIN)
    return f"{user}:{password}@" if user or password else ""


def _addresses(hosts: str, default_port: int) -> list[str]:
    found = [_HOST.fullmatch(host) for host in hosts.split(",")]
    _require(all(found))
    return [f"{each[1]}:{each[2] or default_port}" for each in found if each]


def _is_number(text: str) -> bool:
    return not text or text.isdecimal()


def _require(condition: bool) -> None:  # noqa: FBT001
    if not condition:
        raise ValueError("no URL of a Redis")
