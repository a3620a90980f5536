"""One connection to Redis that all requests of a process share.

A pool gives each concurrent command a connection, and so a write, a read and several turns of the
event loop. Here the commands of one turn leave in one write and their answers come in one read
(pipelining, https://redis.io/docs/latest/develop/using-commands/pipelining/).

Each connection talks to one run of one primary and to no other. A server that was restarted may
hold what was deleted (from a dump), and a replica that took over may lack what was stored. So
connections are bound to the server's *incarnation*: its run id, which a restart changes, and its
replication id, which changes when it takes over or another server's data. That keeps every
command of a namespace on the memory that the namespace lives in.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import hiredis
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from service.adapters.redis import client
from service.adapters.redis.client import Breaker, Command, Endpoint, connect
from service.coherence.fence import Fence
from service.coherence.recovery import NotPrimary
from service.domain import UserId

SWEEP_S = 0.01
STUCK_S = 1.0
KEPT = 2
# Every command that was under way when a connection was given up has ended by then.
RETIRE_AFTER_S = 5.0
_NOTHING = "-"
_MORE = object()
_packed = cast(Callable[[Command], bytes], hiredis.pack_command)

Greet = Callable[[object], None]
Answer = asyncio.Future[object]
Memory = tuple["SharedConnection", Breaker]
"""The connection to one incarnation of a server, and the server's breaker."""
Counts = tuple[Redis, Breaker]
"""A client of a server that counts, and its breaker."""


class SharedConnection:
    """A connection that is opened when it is first needed, and again after it was lost.

    ``greet`` gets the answer of ``INFO`` on every new connection, and refuses it by raising. All
    methods belong to the running loop.
    """

    def __init__(self, endpoint: Endpoint, greet: Greet) -> None:
        self._endpoint = endpoint
        self._greet = greet
        self._wire: Wire | None = None
        self._opening: asyncio.Task[Wire] | None = None

    async def call(self, command: Command, *, deadline_s: float) -> object:
        """Return the answer of a command.

        Raises redis-py's ``TimeoutError`` after ``deadline_s`` (the command may run all the
        same), ``ConnectionError``, ``OSError``, or ``ResponseError`` when the server refuses it.
        """
        wire = self._wire
        if wire is None or wire.lost:
            wire = await self._opened()
        answer = await wire.ask(command, deadline_s)
        if isinstance(answer, ResponseError):
            raise answer
        return answer

    async def aclose(self) -> None:
        """Close the connection; commands under way fail."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        if self._wire is not None:
            self._wire.abort()

    async def _opened(self) -> "Wire":
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._open())
            self._opening.add_done_callback(self._note_opened)
        opening = self._opening
        try:
            # A caller that goes away must not take the connection from the others.
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            if opening.cancelled():
                raise RedisConnectionError("closed while connecting") from None
            raise

    def _note_opened(self, opening: "asyncio.Task[Wire]") -> None:
        self._opening = None
        if not opening.cancelled() and opening.exception() is None:
            self._wire = opening.result()

    async def _open(self) -> "Wire":
        wire: Wire | None = None
        try:
            async with asyncio.timeout(client.CONNECT_DEADLINE_S):
                wire = await self._endpoint.connect(Wire)
                commands = (*self._endpoint.greeting, ("INFO",))
                answers = await asyncio.gather(
                    *(wire.ask(command, client.CONNECT_DEADLINE_S) for command in commands)
                )
            self._greet(_introduced(answers))
        except BaseException as error:
            if wire is not None:
                wire.abort()
            if isinstance(error, TimeoutError):
                raise RedisTimeoutError("Redis did not greet in time") from error
            raise
        return wire


def _introduced(answers: Sequence[object]) -> object:
    """Return the last answer of a greeting, if none is a refusal."""
    for answer in answers:
        if isinstance(answer, ResponseError):
            raise RedisConnectionError(f"Redis refused the connection: {answer}")
    return answers[-1]


def _refusal(text: str) -> ResponseError:
    return NoScriptError(text) if text.startswith("NOSCRIPT") else ResponseError(text)


class Wire(asyncio.Protocol):
    """The bytes of one connection: commands out in one write per turn, answers in by order.

    A caller that went away or gave up keeps its place in the line, so its answer is dropped when
    it comes and can reach no other caller.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(replyError=_refusal, notEnoughData=_MORE)
        self._waiting: deque[tuple[Answer, float]] = deque()
        self._leaving: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._sweeping = False
        self._one_by_one = True
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def ask(self, command: Command, deadline_s: float) -> Answer:
        """Put a command on the next write and return where its answer will be.

        Commands that came one by one lately are written at once: to wait for more would cost each
        a turn of the event loop.
        """
        answer: Answer = self._loop.create_future()
        at_once = self._one_by_one and not self._waiting
        self._leaving.append(_packed(command))
        self._waiting.append((answer, self._loop.time() + deadline_s))
        if at_once:
            self._leave()
        elif len(self._leaving) == 1:
            self._loop.call_soon(self._leave)
        if not self._sweeping:
            self._sweeping = True
            self._loop.call_later(SWEEP_S, self._sweep)
        return answer

    def abort(self) -> None:
        """Close at once."""
        self.lost = True
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Hand each answer to its caller."""
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not _MORE:
                answer, _ = self._waiting.popleft()
                if not answer.done():
                    answer.set_result(reply)
        except (hiredis.HiredisError, IndexError):
            # What is no answer, or answers nothing: what the rest belongs to is unknown.
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail everything that waits."""
        self.lost = True
        while self._waiting:
            answer, _ = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(RedisConnectionError(f"Redis closed the connection: {exc}"))

    def _leave(self) -> None:
        """Write what was asked since the last time."""
        leaving, self._leaving = self._leaving, []
        self._one_by_one = len(leaving) == len(self._waiting) == 1
        if self.lost:
            self.connection_lost(None)
        elif leaving and self._transport is not None:
            self._transport.write(b"".join(leaving))

    def _sweep(self) -> None:
        """Fail those whose time is over, and give up a connection that answers nothing."""
        now = self._loop.time()
        for answer, expires_at in self._waiting:
            if now >= expires_at and not answer.done():
                answer.set_exception(RedisTimeoutError("Redis did not answer in time"))
        if self._waiting and now >= self._waiting[0][1] + STUCK_S:
            self.abort()
        self._sweeping = bool(self._waiting)
        if self._sweeping:
            self._loop.call_later(SWEEP_S, self._sweep)


class RunBoundConnections:
    """A connection for each incarnation of the server that was named lately."""

    def __init__(self, url: str) -> None:
        self._endpoint = Endpoint.from_url(url)
        self._bound: OrderedDict[str, SharedConnection] = OrderedDict()
        self._retired: dict[asyncio.Task[None], SharedConnection] = {}

    def to(self, run_id: str) -> SharedConnection:
        """Return the connection to this incarnation; it is opened by its first command."""
        bound = self._bound.get(run_id)
        if bound is None:
            bound = self._bound[run_id] = SharedConnection(self._endpoint, _greet(run_id))
            if len(self._bound) > KEPT:
                self._retire(self._bound.popitem(last=False)[1])
        return bound

    async def aclose(self) -> None:
        """Close every connection."""
        given_up = dict(self._retired)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        for bound in (*given_up.values(), *self._bound.values()):
            await bound.aclose()

    def _retire(self, bound: SharedConnection) -> None:
        async def close_when_idle() -> None:
            await asyncio.sleep(RETIRE_AFTER_S)
            await bound.aclose()

        task = asyncio.ensure_future(close_when_idle())
        self._retired[task] = bound
        task.add_done_callback(lambda task: self._retired.pop(task, None))


def _greet(run_id: str) -> Greet:
    def greet(info: object) -> None:
        try:
            found = incarnation(parse_info(info))
        except NotPrimary as error:
            raise RedisConnectionError(str(error)) from error
        if found != run_id:
            raise RedisConnectionError(f"another run of the server: {found}")

    return greet


def parse_info(answer: object) -> dict[str, str]:
    """Return the fields of the answer of ``INFO``."""
    text = answer.decode() if isinstance(answer, bytes) else str(answer)
    fields = (line.partition(":") for line in text.splitlines())
    return {name: value.strip() for name, _, value in fields}


def incarnation(info: Mapping[str, object]) -> str:
    """Name the server's present memory.

    Raises ``NotPrimary``, and redis-py's ``ConnectionError`` for an answer without a run id.
    """
    if info.get("role", "master") != "master":
        raise NotPrimary("the server is a replica; REDIS_URL must name a primary")
    if not info.get("run_id"):
        raise RedisConnectionError("INFO names no run_id")
    return f"{info['run_id']}:{info.get('master_replid', _NOTHING)}"


class Node:
    """A server with a client, a breaker and connections of its own.

    So of several servers one that hangs keeps only those waiting whose keys it holds.
    """

    def __init__(self, url: str, breaker: Breaker, *, deadline_s: float) -> None:
        self.client = connect(url, deadline_s=deadline_s)
        self._breaker = breaker
        self._connections = RunBoundConnections(url)

    def memory(self, incarnation: str) -> Memory:
        """Return the way to one incarnation of this server."""
        return self._connections.to(incarnation), self._breaker

    def memory_of(self, fence: Fence, _: UserId) -> Memory:
        """Return the way to a user's keys, where this is the only server."""
        return self._connections.to(fence.run_id), self._breaker

    def counts_of(self, _: str) -> Counts:
        """Return the way to what this server counts, whichever incarnation it is."""
        return self.client, self._breaker

    async def refresh(self) -> str:
        """Return the name of the server's present memory; raises as :func:`incarnation` does."""
        return incarnation(await self.client.info())

    async def ping(self) -> None:
        """Raise unless the server answers."""
        await self.client.ping()

    async def aclose(self) -> None:
        """Close every connection to the server."""
        await self._connections.aclose()
        await self.client.aclose()
