"""The page of the API's documentation, with scripts and styles of the service's own."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.staticfiles import StaticFiles

_FILES = "/docs/files"

router = APIRouter(include_in_schema=False)


@router.get("/")
async def front() -> RedirectResponse:
    """Lead a person who opens the service to its documentation."""
    return RedirectResponse("docs")


@router.get("/docs")
async def documentation(request: Request) -> HTMLResponse:
    """Return the page."""
    return get_swagger_ui_html(
        openapi_url=request.app.openapi_url,
        title=request.app.title,
        swagger_js_url=f"{_FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{_FILES}/swagger-ui.css",
        swagger_favicon_url=f"{_FILES}/favicon.png",
    )


def install(app: FastAPI) -> None:
    """Add the page and its files."""
    app.router.routes.extend(router.routes)
    app.mount(_FILES, StaticFiles(packages=[("fastapi_offline", "static")]))
