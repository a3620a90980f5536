from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.app import create_app
from service.backends import Backends
from service.config import Settings
from tests.fakes_service import ServiceFakes, fake_backends, make_settings


async def test_nothing_is_opened_before_the_lifespan_and_all_is_closed_after_it() -> None:
    events: list[str] = []

    @asynccontextmanager
    async def open_backends(settings: Settings) -> AsyncIterator[Backends]:
        async with fake_backends(ServiceFakes())(settings) as backends:
            events.append("opened")
            yield backends
        events.append("closed")

    app = create_app(make_settings(), open_backends)
    before = list(events)
    async with app.router.lifespan_context(app):
        during = list(events)

    assert (before, during, events) == ([], ["opened"], ["opened", "closed"])


async def test_applications_do_not_share_anything() -> None:
    both = ServiceFakes(), ServiceFakes()
    apps = [create_app(make_settings(), fake_backends(fakes)) for fakes in both]
    async with apps[0].router.lifespan_context(apps[0]), apps[1].router.lifespan_context(apps[1]):
        metrics = [app.backends.metrics for app in apps]

    assert metrics == [fakes.metrics for fakes in both]
    assert metrics[0] is not metrics[1]
