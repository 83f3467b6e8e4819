"""The API's documentation, whose files come with the package: no other server is asked."""

from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from edupulse_core.api.gate import OPEN_FILES

_FILES = Path(fastapi_offline.__file__).parent / "static"
_AT = OPEN_FILES.rstrip("/")


def install(app: FastAPI) -> None:
    """Serve /docs and /redoc."""
    title = f"{app.title} API"
    icon = f"{_AT}/favicon.png"

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=title,
            swagger_js_url=f"{_AT}/swagger-ui-bundle.js",
            swagger_css_url=f"{_AT}/swagger-ui.css",
            swagger_favicon_url=icon,
        )

    @app.get("/redoc", include_in_schema=False)
    def redoc() -> HTMLResponse:
        return get_redoc_html(
            openapi_url="/openapi.json",
            title=title,
            redoc_js_url=f"{_AT}/redoc.standalone.js",
            redoc_favicon_url=icon,
            with_google_fonts=False,
        )

    app.mount(_AT, StaticFiles(directory=_FILES))
