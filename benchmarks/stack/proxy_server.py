"""The fault proxy as a program: ``python -m benchmarks.stack.proxy_server HOST PORT ...``.

It listens on two free ports of this machine, prints them (for clients, then for control), and takes
one command per line on the second: a mode and, for ``delay``, the milliseconds each way. Every
command is answered with the state as JSON; an empty line only asks for it.

Of several servers, each a HOST and a PORT, every connection goes to the next one; a server that
refuses is passed over.
"""

import asyncio
import importlib
import json
import socket
import sys
from collections import deque
from collections.abc import Callable
from importlib.util import find_spec

from benchmarks.stack.ports import HOST
from benchmarks.stack.relay import Address, Link, RelayMode, Traffic

_BACKLOG = 256


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

    def state(self) -> dict[str, object]:
        """Return the mode and the counters."""
        return {
            "mode": self.traffic.mode,
            "connections": len(self.traffic.links),
            "held_bytes": self.traffic.held_bytes,
            "dropped_bytes": self.traffic.dropped_bytes,
            "made": [self.traffic.made[server] for server in self._servers],
        }

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
            writer.write(json.dumps(self.state()).encode() + b"\n")
            await writer.drain()
        writer.close()


def _bound(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((HOST, port))
    return listener


async def main(*servers: Address) -> None:
    """Serve until a signal ends the process."""
    proxy = ProxyServer(*servers)
    await proxy.open()
    control = await asyncio.start_server(proxy.obey, HOST, 0)
    print(proxy.port, control.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - the hand-over
    async with control:
        await control.serve_forever()


def _runner() -> Callable[..., None]:
    # uvicorn brings uvloop on most platforms; it makes passing on a byte cost less than half.
    return importlib.import_module("uvloop").run if find_spec("uvloop") else asyncio.run


if __name__ == "__main__":
    _runner()(main(*zip(sys.argv[1::2], map(int, sys.argv[2::2]), strict=True)))
