"""Endpoints by which a store's servers tell of levels and prices."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from services.cart.api.body import Bulk, bulk_body, json_body
from services.cart.api.deps import CalledStore, ServerCall, server
from services.cart.api.handler_deps import Stock
from services.cart.api.openapi.answers import answers
from services.cart.api.paths import STORE, Sku
from services.cart.api.replies import reply
from services.cart.api.schemas.stock import BulkReport, LevelsResult, PricesResult
from services.cart.domain.limits import MAX_SERVER_BODY
from services.cart.domain.stock.commands import Level, Levels, NewLevel, NewPrice, Price, Prices

SOME_PRICES = {
    "accepted": 1,
    "changed": 1,
    "stale": 1,
    "invalid": 0,
    "rows": [
        {
            "index": 1,
            "status": "stale",
            "pointer": "/prices/1/sequence",
            "detail": "The sequence is not newer than the one that is known.",
        }
    ],
}

router = APIRouter(prefix=STORE, tags=["servers"])


@router.put("/inventory/{sku:path}", responses=answers(LevelsResult, 200))
async def set_level(
    store_id: str,
    sku: Sku,
    caller: Annotated[str, server("inventory:write")],
    body: Annotated[NewLevel, json_body(NewLevel, MAX_SERVER_BODY)],
    call: ServerCall,
    store: CalledStore,
    stock: Stock,
) -> Response:
    """Sets the units of one sku that can be sold, at one location or altogether."""
    level = Level(sku=sku, **body.model_dump())
    return reply(await stock.set_level(store_id, level, store.thresholds, call.write_request(caller, body)))


@router.post("/inventory", responses=answers(BulkReport, 200))
async def set_levels(
    store_id: str,
    caller: Annotated[str, server("inventory:write")],
    bulk: Annotated[Bulk[Level], bulk_body(Levels, Level, "levels")],
    call: ServerCall,
    store: CalledStore,
    stock: Stock,
) -> Response:
    """Sets up to 10,000 levels at once. Rows that are wrong or late are told one by one, all others are taken."""
    write = call.write_request(caller, bulk.body)
    return reply(await stock.set_levels(store_id, bulk.rows, store.thresholds, write))


@router.put("/prices/{sku:path}", responses=answers(PricesResult, 200))
async def set_price(
    store_id: str,
    sku: Sku,
    caller: Annotated[str, server("prices:write")],
    body: Annotated[NewPrice, json_body(NewPrice, MAX_SERVER_BODY)],
    call: ServerCall,
    stock: Stock,
) -> Response:
    """Sets what one sku, or one choice of its options, costs in one currency. Carts keep the price that was seen, and
    tell that it moved; in a store whose prices are `told`, what is added from then on costs this.
    """
    price = Price(sku=sku, **body.model_dump())
    return reply(await stock.set_price(store_id, price, call.write_request(caller, body)))


@router.post("/prices", responses=answers(BulkReport, 200, example=SOME_PRICES))
async def set_prices(
    store_id: str,
    caller: Annotated[str, server("prices:write")],
    bulk: Annotated[Bulk[Price], bulk_body(Prices, Price, "prices")],
    call: ServerCall,
    stock: Stock,
) -> Response:
    """Sets up to 10,000 prices at once. Rows that are wrong or late are told one by one, all others are taken."""
    return reply(await stock.set_prices(store_id, bulk.rows, call.write_request(caller, bulk.body)))
