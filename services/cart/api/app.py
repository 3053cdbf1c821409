"""The HTTP API: FastAPI with the hot routes in front, health, figures and documents on the same port."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from libs.postgres.pool import OUTAGES
from libs.runtime.health import Check, health_routes
from libs.runtime.problems import Problem, invalid, on_invalid, on_problem
from services.cart.api.edge import Edge, failed
from services.cart.api.gate import Gate
from services.cart.api.hot import documented_twins, hot_routes
from services.cart.api.identities import identity_routes
from services.cart.api.merging import merge_routes
from services.cart.api.openapi import document
from services.cart.api.problems import on_refusal
from services.cart.api.sdk import sdk_routes
from services.cart.api.servers import customer_routes, order_routes
from services.cart.api.sharing import sharing_routes
from services.cart.api.shelf import shelf_routes
from services.cart.api.shoppers import shopper_routes
from services.cart.api.stream import stream_routes
from services.cart.api.supply import inventory_routes, price_routes
from services.cart.refusals import Refusal
from services.cart.rooms import Rooms

log = structlog.get_logger(__name__)

DESCRIPTION = """A cart that follows the customer across devices. Money is an integer of minor units; every refusal is a
problem document (RFC 9457) with a stable `type`."""


def build_app(gate: Gate, rooms: Rooms, checks: Mapping[str, Check]) -> ASGIApp:
    """The ASGI application of the service."""
    app = FastAPIOffline(
        title="Evercart: cart",
        version="1",
        description=DESCRIPTION,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    hot, health = [*hot_routes(gate), *stream_routes(gate, rooms), *sdk_routes()], health_routes(checks)
    app.router.routes[:0] = hot
    shoppers = (shopper_routes(gate), merge_routes(gate), shelf_routes(gate), sharing_routes(gate))
    customers = (identity_routes(gate), customer_routes(gate))
    for router in (*shoppers, *customers, order_routes(gate), inventory_routes(gate), price_routes(gate)):
        app.include_router(router)
    app.router.routes.extend(health)
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(ValidationError, on_invalid)
    app.add_exception_handler(RequestValidationError, _on_bad_parameter)
    app.add_exception_handler(HTTPException, _on_http_exception)
    for kind in OUTAGES:
        app.add_exception_handler(kind, _on_unavailable)
    app.add_exception_handler(Exception, _on_error)
    twins = documented_twins()
    written: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not written:
            written.update(document(app, twins))
        return written

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend its document
    return Edge(app, gate.book, {route.endpoint: route.path for route in (*hot, *health)})


async def _on_bad_parameter(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError), "registered for nothing else"
    return invalid(error.errors()).response()


async def _on_http_exception(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for nothing else"
    slug = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "bad-request")
    return Problem(error.status_code, slug, error.detail, headers=error.headers).response()


async def _on_unavailable(_: Request, error: Exception) -> Response:
    log.warning("database.unavailable", error=type(error).__name__)
    detail = "The service can't reach its database. Try again."
    return Problem(503, "unavailable", detail, headers={"Retry-After": "1"}).response()


async def _on_error(_: Request, __: Exception) -> Response:
    return failed()  # the error itself goes on to the edge, which logs it
