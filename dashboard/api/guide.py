"""The document of this interface and a page to try it on; nothing on it is loaded from elsewhere."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.document import document
from dashboard.api.languages import language_of
from dashboard.api.values import dumped
from dashboard.i18n import Language, translate

router = APIRouter()
PACKAGE = "fastapi_offline"
ASSETS: dict[str, str] = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
}
KEPT_SECONDS = 24 * 3600
PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="guide"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
START = """window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#guide",
  docExpansion: "none",
  filter: true,
  validatorUrl: null,
  persistAuthorization: false,
  defaultModelsExpandDepth: -1
});
"""


@cache
def text_of_document(language: Language) -> bytes:
    """The document as bytes."""
    return dumped(document(language))


@router.get("/openapi.json")
def openapi(request: Request) -> Response:
    """The document in the caller's language."""
    language = language_of(request)
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    return Response(text_of_document(language), 200, headers, "application/json")


@router.get("/docs")
def page(request: Request) -> Response:
    """A page to read the document on and to try it."""
    language = language_of(request)
    filled = PAGE.format(language=language, title=translate("api.doc.title", language))
    return Response(filled, 200, {"Vary": "Accept-Language"}, "text/html")


@router.get("/docs/{file}")
def asset(request: Request) -> Response:
    """A part of the page."""
    name = request.path_params["file"]
    if name == "start.js":
        return Response(START, 200, media_type="text/javascript")
    if name not in ASSETS:
        raise HTTPException(404)
    headers = {"Cache-Control": f"public, max-age={KEPT_SECONDS}"}
    return Response(content_of(name), 200, headers, ASSETS[name])


@cache
def content_of(name: str) -> bytes:
    """A file of the package that brings the page."""
    return files(PACKAGE).joinpath("static", name).read_bytes()
