"""The storefront's backend: it knows who is logged in, and holds the secret key that the browser never sees."""

from __future__ import annotations

import hashlib
import re
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.playground import tokens
from deploy.playground.cart_api import CartApi
from deploy.playground.catalogue import CUSTOMERS, PRODUCTS, customer_id
from deploy.playground.http import ProblemError, read_json
from deploy.playground.settings import Settings
from deploy.playground.stock import Stock

KEY = re.compile(r"[!-~]{8,128}")
PROFILE_FIELDS = {"email", "phone", "name", "locale", "timezone", "country", "region", "email_consent", "sms_consent"}
ORDERED = ("line_id", "sku", "quantity", "price")
"""Of a line; by its id, because lines of one sku differ by what was chosen."""
HIGHEST_LEVEL, REMEMBERED_ORDERS = 1_000_000, 1000


class Shop:
    """Routes under ``/shop/api``."""

    def __init__(self, settings: Settings, carts: CartApi, stock: Stock) -> None:
        self._settings = settings
        self._carts = carts
        self._stock = stock
        self._orders: dict[str, dict[str, object]] = {}

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/shop/api/store", self.store, methods=["GET"]),
            Route("/shop/api/login", self.login, methods=["POST"]),
            Route("/shop/api/profile", self.profile, methods=["GET"]),
            Route("/shop/api/profile", self.set_profile, methods=["PUT"]),
            Route("/shop/api/orders", self.order, methods=["POST"]),
            Route("/shop/api/stock/{sku}", self.set_stock, methods=["PUT"]),
        ]

    async def store(self, _: Request) -> Response:
        """What the page needs to show the shop."""
        return _json(
            {
                "store": self._settings.store,
                "name": self._settings.store_name,
                "currency": self._settings.currency,
                "cart_url": self._settings.cart_url,
                "customers": [{"id": customer.id, "name": customer.name} for customer in CUSTOMERS],
                "products": [
                    {
                        "sku": product.sku,
                        "title": product.title,
                        "description": product.description,
                        "price": product.price,
                        "picture": f"/static/pictures/{product.sku}.svg",
                        "stock": self._stock.levels[product.sku],
                        "choices": [{"name": one.name, "extra": dict(one.extra)} for one in product.choices],
                    }
                    for product in PRODUCTS
                ],
            }
        )

    async def login(self, request: Request) -> Response:
        """``{"name"}``: anybody may say who he is here; a regular customer's contact data is told at the first time."""
        name = (await read_json(request)).get("name")
        customer = customer_id(name) if isinstance(name, str) else None
        if not isinstance(name, str) or customer is None:
            raise ProblemError(422, "invalid-name", "say your name with at least one letter from a to z")
        regular = next((known for known in CUSTOMERS if customer in (known.id, customer_id(known.name))), None)
        if regular is not None:
            customer, name = regular.id, regular.name
            if await self._carts.profile(customer) is None:
                await self._carts.set_profile(customer, regular.profile())
        token = tokens.mint(customer, self._settings.store_jwt_key, time.time())
        return _json({"customer_id": customer, "name": " ".join(name.split())[:80], "token": token})

    async def profile(self, request: Request) -> Response:
        """The contact data of whoever is logged in; empty where there is none."""
        return _json(await self._carts.profile(self._customer(request)) or {})

    async def set_profile(self, request: Request) -> Response:
        """Replaces the contact data of whoever is logged in."""
        body = await read_json(request)
        if unknown := set(body) - PROFILE_FIELDS:
            raise ProblemError(422, "invalid-profile", f"unknown: {', '.join(sorted(unknown))}")
        await self._carts.set_profile(self._customer(request), body)
        return Response(status_code=204)

    async def order(self, request: Request) -> Response:
        """Orders the shopper's whole cart, as the cart service knows it; once for each ``Idempotency-Key``."""
        key = request.headers.get("idempotency-key", "")
        if not KEY.fullmatch(key):
            raise ProblemError(400, "idempotency-key-missing", "send an Idempotency-Key of 8 to 128 characters")
        order_id = "W-" + hashlib.blake2b(key.encode(), digest_size=5).hexdigest().upper()
        if order_id not in self._orders:
            self._remember(order_id, await self._place(order_id, request))
        return _json(self._orders[order_id], 201)

    async def set_stock(self, request: Request) -> Response:
        """``{"available"}``: the shop keeper has counted."""
        level = (await read_json(request)).get("available")
        sku = str(request.path_params["sku"])
        if sku not in self._stock.levels:
            raise ProblemError(404, "no-such-product", "the shop has no such product")
        if not isinstance(level, int) or isinstance(level, bool) or not 0 <= level <= HIGHEST_LEVEL:
            raise ProblemError(422, "invalid-level", f"available is a whole number from 0 to {HIGHEST_LEVEL}")
        await self._stock.set(sku, level)
        return _json({"sku": sku, "available": level})

    async def _place(self, order_id: str, request: Request) -> dict[str, object]:
        shopper = {name: request.headers[name] for name in ("authorization", "x-cart-token") if name in request.headers}
        cart: dict[str, Any] = await self._carts.cart_of(shopper)
        if not cart.get("lines"):
            raise ProblemError(409, "empty-cart", "there is nothing in the cart to order")
        order = {
            "order_id": order_id,
            "cart_id": cart["id"],
            "cart_version": cart["version"],
            "currency": cart["currency"],
            "total": cart["total"],
            "lines": [{name: line[name] for name in ORDERED} for line in cart["lines"]],
        }
        if cart["customer_id"] is not None:
            order["customer_id"] = cart["customer_id"]
        await self._carts.order(order)
        quantities: dict[str, int] = {}
        for line in cart["lines"]:
            quantities[line["sku"]] = quantities.get(line["sku"], 0) + line["quantity"]
        await self._stock.take(quantities)
        return {"order_id": order_id, "total": cart["total"], "currency": cart["currency"], "units": cart["units"]}

    def _remember(self, order_id: str, answer: dict[str, object]) -> None:
        self._orders[order_id] = answer
        if len(self._orders) > REMEMBERED_ORDERS:
            del self._orders[next(iter(self._orders))]

    def _customer(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        customer = tokens.verify(token, self._settings.store_jwt_key, time.time()) if scheme == "Bearer" else None
        if customer is None:
            raise ProblemError(401, "not-logged-in", "log in first")
        return customer


def _json(body: object, status: int = 200) -> Response:
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"})
