"""Endpoints by which a store's servers tell of levels and prices."""

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from services.cart.api.deps import Services
from services.cart.api.openapi.answers import answers, takes
from services.cart.api.replies import reply
from services.cart.api.request import parsed, rows_of
from services.cart.api.schemas.stock import BulkAnswer, LevelsAnswer, PricesAnswer
from services.cart.domain.limits import MAX_SERVER_BODY
from services.cart.domain.stock.commands import Available, Costs, Level, Levels, Price, Prices

STORE = "/v1/stores/{store_id}"
# `:path`, because a sku may hold an (encoded) slash
Sku = Path(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")


def inventory_routes(services: Services) -> APIRouter:
    """Levels of stock."""
    router = APIRouter(tags=["servers"])

    @router.put(
        STORE + "/inventory/{sku:path}",
        responses=answers(LevelsAnswer, 200),
        openapi_extra=takes(Available),
    )
    async def set_level(request: Request, store_id: str, sku: str = Sku) -> Response:
        """Sets the units of one sku that can be sold, at one location or altogether."""
        caller = services.server(request, store_id, "inventory:write")
        body = await parsed(request, Available, MAX_SERVER_BODY)
        intent = services.intents.of(request, store_id, caller, body)
        level = Level(sku=sku, **body.model_dump())
        return reply(await services.stocking.set_level(store_id, level, services.store(store_id).thresholds, intent))

    @router.post(
        STORE + "/inventory",
        responses=answers(BulkAnswer, 200),
        openapi_extra=takes(Levels),
    )
    async def set_levels(request: Request, store_id: str) -> Response:
        """Sets up to 10,000 levels at once. Rows that are wrong or late are told one by one, all others are taken."""
        caller = services.server(request, store_id, "inventory:write")
        rows, body = await rows_of(request, Levels, Level, "levels")
        intent = services.intents.of(request, store_id, caller, body)
        return reply(await services.stocking.set_levels(store_id, rows, services.store(store_id).thresholds, intent))

    return router


def price_routes(services: Services) -> APIRouter:
    """Prices."""
    router = APIRouter(tags=["servers"])

    @router.put(
        STORE + "/prices/{sku:path}",
        responses=answers(PricesAnswer, 200),
        openapi_extra=takes(Costs),
    )
    async def set_price(request: Request, store_id: str, sku: str = Sku) -> Response:
        """Sets what one sku costs in one currency. Carts keep the price that was seen, and tell that it moved."""
        caller = services.server(request, store_id, "prices:write")
        body = await parsed(request, Costs, MAX_SERVER_BODY)
        intent = services.intents.of(request, store_id, caller, body)
        return reply(await services.stocking.set_price(store_id, Price(sku=sku, **body.model_dump()), intent))

    @router.post(
        STORE + "/prices",
        responses=answers(BulkAnswer, 200),
        openapi_extra=takes(Prices),
    )
    async def set_prices(request: Request, store_id: str) -> Response:
        """Sets up to 10,000 prices at once. Rows that are wrong or late are told one by one, all others are taken."""
        caller = services.server(request, store_id, "prices:write")
        rows, body = await rows_of(request, Prices, Price, "prices")
        intent = services.intents.of(request, store_id, caller, body)
        return reply(await services.stocking.set_prices(store_id, rows, intent))

    return router
