"""What the fault proxy does with one connection: two ends, and the bytes that pass between them.

No byte is looked at. A direction that lost bytes stays silent for the rest of its connection, as
TCP never delivers what lies behind a gap.
"""

import asyncio
import socket
import struct
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from time import perf_counter
from typing import Literal, cast

# uvloop's clock and timers count whole milliseconds.
TIMER_TICK_S = 0.001
_ABORTS = struct.pack("ii", 1, 0)
Direction = Literal["requests", "replies"]
Address = tuple[str, int]


class RelayMode(StrEnum):
    """What happens to the bytes; every mode but ``normal`` is a fault."""

    NORMAL = "normal"
    DELAY = "delay"
    """Each way takes some milliseconds; connecting does not."""
    DROP_REQUESTS = "drop-requests"
    DROP_REPLIES = "drop-replies"
    """Requests go through and are executed; nobody hears of it."""
    HOLD = "hold"
    """Requests are kept, also when their sender has gone, and delivered with the next mode."""
    RESET = "reset"
    """Connections end with RST, new ones as soon as they are made."""
    REFUSE = "refuse"
    """As ``reset``, and nothing listens any more."""


@dataclass
class Traffic:
    """The mode of a proxy, and what passed and did not pass since it was started."""

    mode: RelayMode = RelayMode.NORMAL
    delay_s: float = 0.0
    dropped_bytes: int = 0
    links: set["Link"] = field(default_factory=set)
    made: Counter[Address] = field(default_factory=Counter)
    """How many connections each server has taken."""

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
            sleep_s = rest_s - TIMER_TICK_S
            self._timer = (
                self._loop.call_later(sleep_s, self.pump)
                if sleep_s >= TIMER_TICK_S
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
