"""The HTTP API: FastAPI with the hot routes in front, health, figures and documents on the same port."""

from collections.abc import Mapping
from functools import cache

from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp

from libs.http.compression import Compressed
from libs.http.documented import answer_bad_parameters
from libs.http.health import Check, health_routes
from libs.http.known_parameters import KnownParameters
from libs.http.problem_pages import problem_routes
from libs.postgres.errors import OUTAGES
from libs.runtime.version import version
from services.cart.api.errors import CATALOGUE, on_refusal
from services.cart.api.express import Express
from services.cart.api.middleware import EdgeMiddleware
from services.cart.api.openapi.document import document
from services.cart.api.provider_lookup import ProviderLookup
from services.cart.api.routes import (
    api_keys,
    audit,
    carts,
    checkouts,
    customer_carts,
    customer_merges,
    customers,
    guests,
    line_actions,
    lines,
    links,
    merges,
    notices,
    orders,
    privacy,
    reservations,
    saved_lines,
    sdk,
    server_carts,
    stock,
    stores,
    streams,
    views,
    watches,
)
from services.cart.api.services import Services
from services.cart.domain.errors import Refusal

DESCRIPTION = """A cart that follows the customer across devices. Money is an integer of minor units; every refusal is a
problem document (RFC 9457) with a stable `type`."""


SHOPPERS = (guests, carts, lines, line_actions, saved_lines, notices, links, merges, checkouts, streams, watches, views)
SERVERS = (
    customer_carts,
    customer_merges,
    customers,
    privacy,
    orders,
    server_carts,
    stock,
    reservations,
    api_keys,
    audit,
    stores,
)
ROUTERS = tuple(module.router for module in (*SHOPPERS, *SERVERS))
HOT = (*carts.hot_routes, *lines.hot_routes)
PLAIN = (*streams.plain_routes, *sdk.plain_routes)


def build_app(services: Services, checks: Mapping[str, Check]) -> ASGIApp:
    """The ASGI application of the service; `checks` say whether it is ready."""
    app = FastAPIOffline(
        title="Evercart: cart",
        version=version(),
        description=DESCRIPTION,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.services = services
    app.router.routes[:0] = [*HOT, *PLAIN]
    # not by include_router: that has each application build the routes anew, and each call look through all routers
    routes = [route for router in ROUTERS for route in router.routes]
    app.router.routes.extend(routes)
    operational = [*health_routes(checks), *problem_routes(CATALOGUE)]
    app.router.routes.extend(operational)
    CATALOGUE.answer_errors(app, OUTAGES)
    app.add_exception_handler(Refusal, on_refusal)
    answer_bad_parameters(app, CATALOGUE)
    app.openapi = cache(lambda: document(app, ROUTERS))  # type: ignore[method-assign]  # FastAPI's documented way
    strict = KnownParameters(app, [*HOT, *streams.plain_routes, *routes], CATALOGUE)
    rest = ProviderLookup(Compressed(strict), services.authenticators)
    return EdgeMiddleware(
        Express(app, HOT, app.exception_handlers, rest),
        services.authenticators,
        {route.endpoint: route.path for route in (*HOT, *PLAIN, *operational)},
    )
