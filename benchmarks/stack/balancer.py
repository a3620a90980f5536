"""One address in front of several services: HAProxy where it is installed, else a proxy of ours."""

import csv
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.stack.ports import HOST, answers
from benchmarks.stack.process import Process, launch
from benchmarks.stack.proxy import FaultProxy, start_proxy

_TIMEOUT_S = 5.0
_ANSWER_BYTES = 65536
# A replica that died is passed over at once, and asked for again as soon as it is ready.
_CONFIGURATION = """\
global
    stats socket {socket} mode 600
defaults
    mode http
    timeout connect 1s
    timeout client 75s
    timeout server 30s
    retries 3
    retry-on conn-failure
    option redispatch 1
frontend address
    bind {host}:{port}
    default_backend replicas
backend replicas
    balance roundrobin
    option httpchk GET /readyz
    default-server check inter 500 fall 2 rise 1
{servers}
"""


class OwnBalancer:
    """The fault proxy with several servers: it takes turns by connection."""

    product = "a TCP proxy that takes turns"

    def __init__(self, proxy: FaultProxy) -> None:
        self.url = proxy.url
        self._proxy = proxy

    def given(self) -> Sequence[int]:
        """Return how many connections each replica got."""
        return self._proxy.state().made

    def stop(self) -> None:
        """End the proxy."""
        self._proxy.stop()


class HAProxy:
    """HAProxy, which takes turns by request."""

    product = "HAProxy"

    def __init__(self, port: int, process: Process, statistics: Path) -> None:
        self.url = f"http://{HOST}:{port}"
        self._process = process
        self._statistics = statistics

    def given(self) -> Sequence[int]:
        """Return how many requests each replica got."""
        rows = csv.DictReader(self._ask("show stat").lstrip("# ").splitlines())
        counts = {row["svname"]: int(row["lbtot"] or 0) for row in rows}
        return [counts[name] for name in counts if name.startswith("replica-")]

    def stop(self) -> None:
        """End HAProxy at once."""
        self._process.kill()

    def _ask(self, question: str) -> str:
        with socket.socket(socket.AF_UNIX) as connected:
            connected.settimeout(_TIMEOUT_S)
            connected.connect(str(self._statistics))
            connected.sendall(f"{question}\n".encode())
            parts = iter(lambda: connected.recv(_ANSWER_BYTES), b"")
            return b"".join(parts).decode()


Balancer = OwnBalancer | HAProxy
"""A running balancer; ``url`` is the one address, ``product`` what stands there."""


def start_balancer(urls: Sequence[str], folder: Path) -> Balancer:
    """Put one address in front of these services; raises ``StackError`` when it does not start."""
    return (start_haproxy if has_haproxy() else start_own)(urls, folder)


def has_haproxy() -> bool:
    """Tell whether HAProxy is installed."""
    return shutil.which("haproxy") is not None


def start_own(urls: Sequence[str], folder: Path) -> OwnBalancer:
    """Start the proxy of ours, which needs nothing to be installed."""
    return OwnBalancer(start_proxy(*urls, log=folder / "balancer.log", name="balancer"))


def start_haproxy(urls: Sequence[str], folder: Path) -> HAProxy:
    """Start HAProxy; raises ``StackError`` where it is not installed."""
    statistics, configuration = folder / "haproxy.sock", folder / "haproxy.cfg"
    servers = "\n".join(
        f"    server replica-{number} {urlsplit(url).netloc}" for number, url in enumerate(urls)
    )

    def arguments(port: int) -> list[str]:
        text = _CONFIGURATION.format(socket=statistics, host=HOST, port=port, servers=servers)
        configuration.write_text(text, encoding="ascii")
        return ["haproxy", "-db", "-f", str(configuration)]

    process, port = launch("haproxy", arguments=arguments, probe=_probe, log=folder / "haproxy.log")
    return HAProxy(port, process, statistics)


def _probe(port: int, _: Process) -> str | None:
    return None if answers(port) else "it does not listen"
