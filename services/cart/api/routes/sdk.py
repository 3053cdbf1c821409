"""The client for storefronts, as files to be imported by any page."""

import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from libs.http.problems import Problem
from services.cart.api.request import entity_tags

FOLDER = Path(__file__).parents[2] / "sdk"
SDK_PATH = "/sdk/{name}"
MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".ts": "text/plain; charset=utf-8"}
FRESH_S = 300
"""A page keeps a file for so long, then asks whether it has changed."""


async def sdk_file(request: Request) -> Response:
    """`/sdk/evercart.js`, the modules that it imports, and `/sdk/evercart.d.ts`: open to pages of any origin."""
    found = _files().get(request.path_params["name"])
    if found is None:
        raise Problem(404, "not-found", "There is no such file.")
    body, headers = found
    condition = request.headers.get("if-none-match")
    tags = entity_tags(condition, "If-None-Match", weakly=True) if condition else frozenset()
    if tags & {headers["ETag"], "*"}:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers)


plain_routes = [Route(SDK_PATH, sdk_file, methods=["GET"])]


@cache
def _files() -> dict[str, tuple[bytes, dict[str, str]]]:
    """Bodies and headers by name."""
    return {path.name: _file(path) for path in sorted(FOLDER.iterdir()) if path.suffix in MEDIA_TYPES}


def _file(path: Path) -> tuple[bytes, dict[str, str]]:
    body = path.read_bytes()
    return body, {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        "Cache-Control": f"public, max-age={FRESH_S}, stale-while-revalidate=86400",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
        "Content-Type": MEDIA_TYPES[path.suffix],
    }
