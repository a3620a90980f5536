"""The page of the API's documentation, with scripts and styles of the service's own."""

from functools import cache

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse, RedirectResponse, Response
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


@router.get(_FILES + "/{name}")
async def file(name: str, request: Request) -> Response:
    """Return one of its files, and the whole of it: a part would have errors in another shape."""
    found = await _static_files().get_response(name, request.scope)
    found.headers["accept-ranges"] = "none"
    asked = request.scope["headers"]
    request.scope["headers"] = [each for each in asked if each[0] != b"range"]
    return found


@cache
def _static_files() -> StaticFiles:
    return StaticFiles(packages=[("fastapi_offline", "static")])


def install(app: FastAPI) -> None:
    """Add the page and its files."""
    app.router.routes.extend(router.routes)
