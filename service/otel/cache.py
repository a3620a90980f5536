"""A span for each command to Redis."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer

from service.coherence.cache import Acquired, CacheUnavailable, LeasedCache
from service.coherence.fence import Fence
from service.domain import Slot, UserId
from service.ports import Slots


class TracedCache:
    """The ``LeasedCache`` of ``inner`` with spans; keys are not in them, since they name users."""

    def __init__(self, inner: LeasedCache, tracer: Tracer) -> None:
        self._inner = inner
        self._tracer = tracer

    async def get(self, fence: Fence, user_id: UserId, slots: Slots) -> Sequence[bytes | None]:
        """Return the values of these slots."""
        with self._span("get", slots) as span:
            values = await self._inner.get(fence, user_id, slots)
            span.set_attribute("fivefold.found", sum(value is not None for value in values))
            return values

    async def acquire(
        self, fence: Fence, user_id: UserId, slots: Slots, token: str
    ) -> Mapping[Slot, Acquired]:
        """Ask for the right to fill."""
        with self._span("acquire", slots):
            return await self._inner.acquire(fence, user_id, slots, token)

    async def fill(
        self,
        fence: Fence,
        user_id: UserId,
        token: str,
        values: Mapping[Slot, tuple[bytes, float] | None],
    ) -> None:
        """Store values where the token still stands."""
        with self._span("fill", tuple(values)):
            await self._inner.fill(fence, user_id, token, values)

    async def mark(self, fence: Fence, user_id: UserId, slots: Slots, token: str) -> None:
        """Empty these slots and keep readers from filling until cleared."""
        with self._span("mark", slots):
            await self._inner.mark(fence, user_id, slots, token)

    async def clear(self, fence: Fence, user_id: UserId, slots: Slots, token: str) -> None:
        """Empty these slots and take the writer's mark away."""
        with self._span("clear", slots):
            await self._inner.clear(fence, user_id, slots, token)

    @contextmanager
    def _span(self, operation: str, slots: Slots) -> Iterator[Span]:
        attributes = {
            "db.system.name": "redis",
            "db.operation.name": "MGET" if operation == "get" else "EVALSHA",
            "fivefold.slots": [slot.value for slot in slots],
        }
        if operation != "get":
            attributes["db.stored_procedure.name"] = operation
        with self._tracer.start_as_current_span(
            f"cache {operation}",
            kind=SpanKind.CLIENT,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except CacheUnavailable as error:
                span.set_attribute("error.type", type(error.__cause__ or error).__name__)
                span.set_status(StatusCode.ERROR)
                raise
