"""Health, metrics, the switch of the Redis layer, and the pages of the documentation."""

from importlib.resources import files
from mimetypes import guess_type

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import HTMLResponse, RedirectResponse

from service.api.deps import BackendsDep, OperatorDep
from service.api.schemas import UNREADABLE, AdminCacheIn, AdminCacheOut, Health, Readiness, problems
from service.backends import Backends, Probe
from service.ports import CacheStatus

router = APIRouter(tags=["operations"])
pages = APIRouter(include_in_schema=False)
_FILES = "/docs/files"
_SCRIPT, _STYLE, _ICON = "swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"


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


@pages.get("/")
async def front() -> RedirectResponse:
    """Lead a person who opens the service to its documentation."""
    return RedirectResponse("docs")


@pages.get("/docs")
async def documentation(request: Request) -> HTMLResponse:
    """Return the page of the documentation, with scripts and styles of the service's own."""
    return get_swagger_ui_html(
        openapi_url=request.app.openapi_url,
        title=request.app.title,
        swagger_js_url=f"{_FILES}/{_SCRIPT}",
        swagger_css_url=f"{_FILES}/{_STYLE}",
        swagger_favicon_url=f"{_FILES}/{_ICON}",
    )


@pages.get(_FILES + "/{name}")
async def file(name: str) -> Response:
    """Return one of its files, whole: an error of Starlette's about a range has another shape."""
    if name not in {_SCRIPT, _STYLE, _ICON}:
        raise HTTPException(404)
    stored = files("fastapi_offline") / "static" / name
    return Response(stored.read_bytes(), media_type=guess_type(name)[0])
