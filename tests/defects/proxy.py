"""A TCP proxy that makes a server slow, or silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

_CHUNK_BYTES = 64 * 1024
SILENT_S = 3_600.0


@dataclass
class Slowed:
    """A server behind a proxy: every reply comes ``delay_s`` later, from now on.

    ``held`` counts the replies that were held up so far.
    """

    url: str
    delay_s: float
    held: int = 0


@asynccontextmanager
async def slowed(url: str, delay_s: float) -> AsyncIterator[Slowed]:
    """Open a proxy in front of the server of this URL."""
    target = urlsplit(url)
    connections: set[asyncio.Task[None]] = set()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        with suppress(asyncio.CancelledError):
            there, back = await asyncio.open_connection(target.hostname, target.port)
            await asyncio.gather(_pump(reader, back, None), _pump(there, writer, proxied))
        connections.discard(task)

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    proxied = Slowed(urlunsplit(target._replace(netloc=f"127.0.0.1:{port}")), delay_s)
    try:
        yield proxied
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections)


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, slow: Slowed | None
) -> None:
    with suppress(ConnectionError):
        try:
            while chunk := await reader.read(_CHUNK_BYTES):
                if slow is not None:
                    slow.held += slow.delay_s > 0
                    await asyncio.sleep(slow.delay_s)
                writer.write(chunk)
                await writer.drain()
        finally:
            writer.close()
