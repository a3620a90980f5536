"""The fault proxy as a program: ``python -m benchmarks.stack.relay CONTROL HOST PORT ...``.

It listens on a free port of this machine, and takes one command per line on the port CONTROL: a
mode and, for ``delay``, the milliseconds each way. Every command is answered with the
``ProxyState`` as JSON; an empty line only asks for it.

Of several servers, each a HOST and a PORT, every connection goes to the next one; a server that
refuses is passed over. No byte is looked at. A direction that lost bytes stays silent for the rest
of its connection, as TCP never delivers what lies behind a gap.
"""

import asyncio
import importlib
import json
import socket
import struct
import sys
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from importlib.util import find_spec
from time import perf_counter
from typing import Literal, cast

from benchmarks.stack.ports import HOST

_BACKLOG = 256
# uvloop's clock and timers count whole milliseconds.
_TIMER_TICK_S = 0.001
_ABORTS = struct.pack("ii", 1, 0)
LARGE_BYTES = 2000
Direction = Literal["requests", "replies"]
Address = tuple[str, int]


class RelayMode(StrEnum):
    """The treatment of the bytes; every mode but ``normal`` is a fault."""

    NORMAL = "normal"
    DELAY = "delay"
    """Each way takes some milliseconds; connecting does not."""
    DROP_REQUESTS = "drop-requests"
    DROP_REPLIES = "drop-replies"
    """Requests go through and are executed; the answers are lost."""
    HOLD = "hold"
    """Requests are kept, also when their sender has gone, and delivered with the next mode."""
    HOLD_LARGE = "hold-large"
    """Becomes ``hold`` with the first ``LARGE_BYTES`` that come at once."""
    RESET = "reset"
    """Connections end with RST, new ones as soon as they are made."""
    REFUSE = "refuse"
    """As ``reset``, and nothing listens any more."""


@dataclass(frozen=True, slots=True)
class ProxyState:
    """The mode of a proxy, the port on which it listens, and its counts.

    Held are the request bytes that wait to be delivered, dropped the bytes that never were. Made
    are the connections to each server since the start, in the order of the servers.
    """

    mode: RelayMode
    port: int
    connections: int
    held_bytes: int
    dropped_bytes: int
    made: Sequence[int]


@dataclass
class Traffic:
    """The mode of a proxy, and what passed and did not pass since it was started."""

    mode: RelayMode = RelayMode.NORMAL
    delay_s: float = 0.0
    dropped_bytes: int = 0
    links: set["Link"] = field(default_factory=set)
    made: Counter[Address] = field(default_factory=Counter)
    """The number of connections that each server has taken."""

    def drops(self, direction: Direction) -> bool:
        """Tell whether bytes of this direction are thrown away."""
        return (direction == "requests" and self.mode is RelayMode.DROP_REQUESTS) or (
            direction == "replies" and self.mode is RelayMode.DROP_REPLIES
        )

    def holds(self, direction: Direction) -> bool:
        """Tell whether bytes of this direction are kept for later."""
        return direction == "requests" and self.mode is RelayMode.HOLD

    @property
    def held_bytes(self) -> int:
        """Count the request bytes that have not been delivered yet."""
        return sum(len(data) for link in self.links for _, data in link.client.waiting)


class Link:
    """One client's connection and the one made on its behalf, to the first server that takes it."""

    def __init__(self, traffic: Traffic, servers: Sequence[Address]) -> None:
        self.client = End(self, traffic, "requests")
        self.server = End(self, traffic, "replies")
        self.client.other, self.server.other = self.server, self.client
        self._traffic = traffic
        self._servers = servers
        self._connecting: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Connect to the server; what the client sends meanwhile waits."""
        self._traffic.links.add(self)
        self._connecting = asyncio.ensure_future(self._connect())

    def pump(self) -> None:
        """Send on what may be sent on now."""
        self.client.pump()
        self.server.pump()

    def abort(self) -> None:
        """End both connections with RST."""
        for end in (self.client, self.server):
            end.abort()
        self.forget()

    def forget(self) -> None:
        """Drop the link; both its ends are closed or about to be."""
        self._traffic.links.discard(self)
        if self._connecting is not None:
            self._connecting.cancel()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        for address in self._servers:
            with suppress(OSError):
                await loop.create_connection(lambda: self.server, *address)
                self._traffic.made[address] += 1
                return
        self.abort()


class End(asyncio.Protocol):
    """One end of a link: what arrives here waits here until it leaves at the other end."""

    other: "End"

    def __init__(self, link: Link, traffic: Traffic, direction: Direction) -> None:
        self.waiting: deque[tuple[float, bytes]] = deque()
        self.transport: asyncio.Transport | None = None
        self.ended = False
        self._link = link
        self._traffic = traffic
        self._direction: Direction = direction
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.Handle | None = None
        self._due_at = 0.0
        self._has_gap = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection; the client's comes first and has the server's made."""
        self.transport = cast(asyncio.Transport, transport)
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._direction == "replies":
            self.other.pump()
        elif self._traffic.mode is RelayMode.RESET:
            self.abort()
        else:
            self._link.open()

    def data_received(self, data: bytes) -> None:
        """Send it on at once where nothing speaks against it."""
        traffic, direction = self._traffic, self._direction
        if self._has_gap or traffic.drops(direction):
            self._has_gap = True
            traffic.dropped_bytes += len(data)
            return
        if traffic.mode is RelayMode.HOLD_LARGE and direction == "requests":
            traffic.mode = RelayMode.HOLD if len(data) >= LARGE_BYTES else traffic.mode
        sink = self.other.transport
        if sink and not (self.waiting or traffic.delay_s or traffic.holds(direction)):
            sink.write(data)
            return
        # Never before what came earlier, whatever the delay was then.
        self._due_at = max(perf_counter() + traffic.delay_s, self._due_at)
        self.waiting.append((self._due_at, data))
        self.pump()

    def pump(self) -> None:
        """Send on what is due, and come back for the rest."""
        sink = self.other.transport
        if sink is None or self._traffic.holds(self._direction):
            return
        now = perf_counter()
        while self.waiting and self.waiting[0][0] <= now:
            sink.write(self.waiting.popleft()[1])
        if self.waiting:
            if self._timer is not None:
                self._timer.cancel()
            rest_s = self.waiting[0][0] - now
            # What is left of the timer's last tick is waited out turn by turn.
            sleep_s = rest_s - _TIMER_TICK_S
            self._timer = (
                self._loop.call_later(sleep_s, self.pump)
                if sleep_s >= _TIMER_TICK_S
                else self._loop.call_soon(self.pump)
            )
        elif self.ended:
            sink.close()

    def connection_lost(self, _: Exception | None) -> None:
        """Let what waits here still be delivered, then close the other end."""
        self.ended = True
        self.transport = None
        self.other.waiting.clear()
        if self.other.ended:
            self._link.forget()
        else:
            self.pump()

    def pause_writing(self) -> None:
        """Read no more than the slower side takes."""
        if self.other.transport is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """Read on."""
        if self.other.transport is not None:
            self.other.transport.resume_reading()

    def abort(self) -> None:
        """Close with RST, and deliver nothing any more."""
        self.waiting.clear()
        self._has_gap = True
        if self.transport is not None:
            raw = self.transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORTS)
            self.transport.abort()


class ProxyServer:
    """Pass connections on to each server in turn, in the mode of the moment."""

    def __init__(self, *servers: Address) -> None:
        self.traffic = Traffic()
        self._servers = servers
        self._turns = deque(servers)
        # It never listens: it keeps the port ours while nothing listens.
        self._keeper = _bound(0)
        self.port: int = self._keeper.getsockname()[1]
        self._listener: asyncio.Server | None = None

    async def open(self) -> None:
        """Let clients in."""
        if self._listener is None:
            loop = asyncio.get_running_loop()
            self._listener = await loop.create_server(
                lambda: self._link().client,
                sock=_bound(self.port),
                backlog=_BACKLOG,
            )

    async def switch(self, mode: RelayMode, delay_s: float = 0.0) -> None:
        """Change the mode for every connection, the present ones included."""
        self.traffic.mode, self.traffic.delay_s = mode, delay_s
        if mode is RelayMode.REFUSE and self._listener is not None:
            self._listener.close()
            self._listener = None
        elif mode is not RelayMode.REFUSE:
            await self.open()
        for link in list(self.traffic.links):
            if mode in {RelayMode.RESET, RelayMode.REFUSE}:
                link.abort()
            else:
                link.pump()

    def state(self) -> ProxyState:
        """Return the mode and the counters."""
        traffic = self.traffic
        made = [traffic.made[server] for server in self._servers]
        return ProxyState(
            traffic.mode,
            self.port,
            len(traffic.links),
            traffic.held_bytes,
            traffic.dropped_bytes,
            made,
        )

    def _link(self) -> Link:
        in_turn = tuple(self._turns)
        self._turns.rotate(-1)
        return Link(self.traffic, in_turn)

    async def obey(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Follow the commands of one control connection."""
        while line := await reader.readline():
            words = line.decode().split()
            if words:
                delay_ms = float(words[1]) if len(words) > 1 else 0.0
                await self.switch(RelayMode(words[0]), delay_ms / 1000)
            writer.write(json.dumps(asdict(self.state())).encode() + b"\n")
            await writer.drain()
        writer.close()


def _bound(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((HOST, port))
    return listener


async def main(control_port: int, *servers: Address) -> None:
    """Serve until a signal ends the process."""
    proxy = ProxyServer(*servers)
    await proxy.open()
    control = await asyncio.start_server(proxy.obey, HOST, control_port)
    async with control:
        await control.serve_forever()


def _runner() -> Callable[..., None]:
    # uvicorn brings uvloop on most platforms; it makes passing on a byte cost less than half.
    return importlib.import_module("uvloop").run if find_spec("uvloop") else asyncio.run


if __name__ == "__main__":
    servers = zip(sys.argv[2::2], map(int, sys.argv[3::2]), strict=True)
    _runner()(main(int(sys.argv[1]), *servers))
