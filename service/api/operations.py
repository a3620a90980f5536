"""Health, metrics, and the switch of the Redis layer."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.api.deps import BackendsDep, OperatorDep
from service.api.schemas import UNREADABLE, AdminCacheIn, AdminCacheOut, Health, Readiness, problems
from service.backends import Backends, Probe
from service.ports import CacheStatus

router = APIRouter(tags=["operations"])


async def _answers(probe: Probe) -> str:
    try:
        await probe()
    except Exception:  # noqa: BLE001 - whatever keeps a dependency from answering, it is down
        return "down"
    return "ok"


def _out(status: CacheStatus, backends: Backends) -> AdminCacheOut:
    return AdminCacheOut(
        state=status.state,
        epoch=status.epoch,
        fences=dict(status.fences),
        counters=backends.metrics.outcome_counters(),
    )


@router.get("/healthz")
async def health() -> Health:
    """Tell that the process answers."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readiness(backends: BackendsDep, response: Response) -> Readiness:
    """Tell whether the database answers; Redis is reported, and not needed."""
    needed = {name: await _answers(probe) for name, probe in backends.needed.items()}
    helpful = {name: await _answers(probe) for name, probe in backends.helpful.items()}
    ready = "down" not in needed.values()
    response.status_code = 200 if ready else 503
    return Readiness(status="ready" if ready else "not ready", dependencies=needed | helpful)


@router.get("/metrics", include_in_schema=False)
async def metrics(backends: BackendsDep) -> Response:
    """Return the counters of this process for Prometheus."""
    return Response(backends.metrics.render(), media_type=CONTENT_TYPE_LATEST)


@router.get("/admin/cache", responses=problems(401, 404, 429, 503))
async def read_cache(backends: OperatorDep) -> AdminCacheOut:
    """Return the state of the Redis layer."""
    return _out(await backends.cache_control.status(), backends)


@router.put("/admin/cache", responses=problems(*UNREADABLE, 401, 404, 409, 429, 503))
async def switch_cache(flag: AdminCacheIn, backends: OperatorDep) -> AdminCacheOut:
    """Turn the Redis layer on or off for the whole deployment."""
    return _out(await backends.cache_control.switch(enabled=flag.enabled), backends)


@router.delete("/admin/cache", responses=problems(401, 404, 429, 503))
async def drop_cache(backends: OperatorDep) -> AdminCacheOut:
    """Forget every cached value."""
    return _out(await backends.cache_control.drop(), backends)
