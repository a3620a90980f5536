"""A server that speaks Redis' protocol and does as a test tells it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import hiredis

Command = list[bytes]
Answer = Callable[[Command], bytes]


def echo(command: Command) -> bytes:
    """Answer ``INFO`` with something and ``SAY x`` with x."""
    text = command[-1] if command[0] == b"SAY" else b"OK"
    return b"$%d\r\n%s\r\n" % (len(text), text)


class Peer:
    """Answers each command with ``answer``; keeps what came, by connection and by read."""

    def __init__(self) -> None:
        self.answer: Answer = echo
        self.silent = False
        self.reads: list[list[Command]] = []
        self.connections: list[asyncio.StreamWriter] = []
        self.url = ""
        self._held: list[tuple[asyncio.StreamWriter, Command]] = []

    @property
    def commands(self) -> list[Command]:
        """Every command that came, in order."""
        return [command for read in self.reads for command in read]

    def speak(self) -> None:
        """Answer what was held back, and what comes from now on."""
        self.silent = False
        for writer, command in self._held:
            writer.write(self.answer(command))
        self._held.clear()

    def say(self, data: bytes) -> None:
        """Send these bytes on the newest connection."""
        self.connections[-1].write(data)

    def hang_up(self) -> None:
        """Close every connection."""
        for writer in self.connections:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk on one connection."""
        self.connections.append(writer)
        parser = hiredis.Reader()
        while data := await reader.read(65536):
            parser.feed(data)
            commands: list[Command] = []
            while (command := parser.gets()) is not False:
                commands.append(command)
                if self.silent:
                    self._held.append((writer, command))
                else:
                    writer.write(self.answer(command))
            self.reads.append(commands)
        writer.close()


@asynccontextmanager
async def running_peer() -> AsyncIterator[Peer]:
    """Serve a peer on a free loopback port."""
    peer = Peer()
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    try:
        yield peer
    finally:
        peer.hang_up()
        server.close()
        await server.wait_closed()
