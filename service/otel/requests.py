"""The attributes of a request's span beyond HTTP."""

from opentelemetry.trace import get_current_span
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.trace import current, summary


class SlotsOnSpan:
    """Put the outcome of each slot, in the words of ``Cache-Status``, on the request's span.

    To stand inside of what begins the trace of a request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""

        async def sending(message: Message) -> None:
            # The span ends with the last byte, so it must be written before.
            if message["type"] == "http.response.start":
                request = current()
                outcomes = {
                    f"fivefold.slot.{kind}": outcome for kind, outcome in request.outcomes.items()
                }
                get_current_span().set_attributes(
                    {
                        "fivefold.request_id": request.request_id.decode(),
                        "fivefold.outcome": summary(request.outcomes.values()),
                        **outcomes,
                    }
                )
            await send(message)

        await self._app(scope, receive, sending)
