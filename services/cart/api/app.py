"""The HTTP API: FastAPI with the hot routes in front, health, figures and documents on the same port."""

from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from libs.http.health import Check, health_routes
from libs.http.problem_pages import problem_routes
from libs.http.problems import invalid
from libs.postgres.errors import OUTAGES
from libs.runtime.version import version
from services.cart.api.deps import Services
from services.cart.api.errors import CATALOGUE, on_refusal
from services.cart.api.express import Express
from services.cart.api.middleware import EdgeMiddleware
from services.cart.api.openapi.document import document
from services.cart.api.provider_lookup import ProviderLookup
from services.cart.api.routes.api_keys import audit_routes, key_routes
from services.cart.api.routes.carts import documented_twins, hot_routes
from services.cart.api.routes.customers import identity_routes
from services.cart.api.routes.guests import guest_routes
from services.cart.api.routes.links import sharing_routes
from services.cart.api.routes.merges import merge_routes
from services.cart.api.routes.orders import order_routes
from services.cart.api.routes.privacy import privacy_routes
from services.cart.api.routes.reservations import reservation_routes
from services.cart.api.routes.sdk import sdk_routes
from services.cart.api.routes.server_carts import cart_routes, customer_routes
from services.cart.api.routes.shelf import shelf_routes
from services.cart.api.routes.shoppers import shopper_routes
from services.cart.api.routes.stock import inventory_routes, price_routes
from services.cart.api.routes.stores import store_routes
from services.cart.api.routes.streams import stream_routes
from services.cart.domain.errors import Refusal
from services.cart.live.subscriptions import Subscriptions

DESCRIPTION = """A cart that follows the customer across devices. Money is an integer of minor units; every refusal is a
problem document (RFC 9457) with a stable `type`."""


def build_app(services: Services, rooms: Subscriptions, checks: Mapping[str, Check]) -> ASGIApp:
    """The ASGI application of the service."""
    app = FastAPIOffline(
        title="Evercart: cart",
        version=version(),
        description=DESCRIPTION,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        generate_unique_id_function=lambda route: route.name,
    )
    hot = hot_routes(services)
    first = [*hot, *stream_routes(services, rooms), *sdk_routes()]
    plain = [*health_routes(checks), *problem_routes(CATALOGUE)]
    app.router.routes[:0] = first
    shoppers = (
        guest_routes(services),
        shopper_routes(services),
        merge_routes(services),
        shelf_routes(services),
        sharing_routes(services),
    )
    customers = (identity_routes(services), customer_routes(services), privacy_routes(services))
    keys = (key_routes(services), audit_routes(services), store_routes(services))
    goods = (order_routes(services), cart_routes(services), inventory_routes(services), price_routes(services))
    for router in (*shoppers, *customers, *goods, *reservation_routes(services), *keys):
        app.include_router(router)
    app.router.routes.extend(plain)
    CATALOGUE.answer_errors(app, OUTAGES)
    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(RequestValidationError, _on_bad_parameter)
    twins = documented_twins()
    written: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not written:
            written.update(document(app, twins))
        return written

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend its document
    express = Express(app, hot, app.exception_handlers)
    return EdgeMiddleware(
        ProviderLookup(express, services.authenticators),
        services.authenticators,
        {route.endpoint: route.path for route in (*first, *plain)},
    )


async def _on_bad_parameter(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError), "registered for nothing else"
    return CATALOGUE.answer(invalid(error.errors()))
