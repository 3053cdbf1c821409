"""Just enough of the cart API for a browser to shop at: carts in memory, nothing of their rules."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from services.cart.api.routes.sdk import plain_routes as sdk_routes

Cart = dict[str, Any]


class FakeCart:
    """Carts by owner; what the store's server said is kept to be looked at."""

    def __init__(self):
        self.carts: dict[str, Cart] = {}
        self.recoverable: dict[str, Cart] = {}
        self.profiles: dict[str, Cart] = {}
        self.levels: dict[str, int] = {}
        self.orders: list[Cart] = []
        self.reachable = True
        self.claims = True
        self.announced = asyncio.Event()
        self.changed = asyncio.Event()

    def app(self) -> Starlette:
        store = "/v1/stores/{store}"
        routes = [
            Route(f"{store}/cart/token", self.token, methods=["POST"]),
            Route(f"{store}/cart/claim", self.claim, methods=["POST"]),
            Route(f"{store}/cart/lines", self.add, methods=["POST"]),
            Route(f"{store}/cart/lines", self.clear, methods=["DELETE"]),
            Route(f"{store}/cart/lines/{{line}}", self.set, methods=["PUT", "DELETE"]),
            Route(f"{store}/cart", self.read, methods=["GET"]),
            Route(f"{store}/cart/stream", self.stream, methods=["GET"]),
            *sdk_routes,
            Route(f"{store}/orders", self.order, methods=["POST"]),
            Route(f"{store}/inventory", self.inventory, methods=["POST"]),
            Route(f"{store}/customers/{{customer}}/profile", self.profile, methods=["GET", "PUT"]),
            Route("/v1/recovery/{token}", self.recover, methods=["GET"]),
        ]
        cors = Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
        return Starlette(routes=routes, middleware=[cors])

    def owner(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer":
            return str(json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["sub"])
        return request.headers["x-cart-token"]

    def cart(self, owner: str) -> Cart:
        empty: Cart = {
            "id": None,
            "status": "active",
            "version": 0,
            "currency": None,
            "lines": [],
            "units": 0,
            "total": 0,
        }
        return self.carts.get(owner) or empty | {"customer_id": None if owner.startswith("g1_") else owner}

    def save(self, owner: str, lines: list[Cart]) -> Response:
        cart = self.cart(owner)
        for line in lines:
            line["total"] = line["quantity"] * line["price"]
        changes = {
            "id": cart["id"] or str(uuid4()),
            "version": cart["version"] + 1,
            "currency": "EUR",
            "lines": lines,
            "units": sum(line["quantity"] for line in lines),
            "total": sum(line["total"] for line in lines),
        }
        self.carts[owner] = cart | changes
        self.tell()
        return JSONResponse(self.carts[owner])

    async def token(self, _: Request) -> Response:
        return JSONResponse({"cart_token": f"g1_{uuid4().hex}"}, 201)

    def tell(self) -> None:
        """Something has changed: every stream looks."""
        self.changed.set()
        self.changed = asyncio.Event()

    async def stream(self, request: Request) -> Response:
        owner = self.owner(request)

        async def events() -> AsyncIterator[bytes]:
            while True:
                changed = self.changed
                yield f"event: cart\nid: {uuid4().hex}\ndata: {json.dumps(self.cart(owner))}\n\n".encode()
                await changed.wait()

        return StreamingResponse(events(), media_type="text/event-stream")

    async def read(self, request: Request) -> Response:
        return JSONResponse(self.cart(self.owner(request)))

    async def add(self, request: Request) -> Response:
        owner, body = self.owner(request), await request.json()
        lines = [dict(line) for line in self.cart(owner)["lines"]]
        for line in lines:
            if (line["sku"], line["options"]) == (body["sku"], body.get("options", {})):
                line["quantity"] += body["quantity"]
                return self.save(owner, lines)
        fields = {name: body.get(name) for name in ("sku", "title", "price", "quantity", "image_url", "url")}
        fields["options"] = body.get("options", {})
        return self.save(owner, [*lines, fields | {"line_id": uuid4().hex, "device": request.headers.get("x-device")}])

    async def set(self, request: Request) -> Response:
        owner = self.owner(request)
        quantity = (await request.json())["quantity"] if request.method == "PUT" else 0
        lines = [dict(line) for line in self.cart(owner)["lines"]]
        for line in lines:
            if line["line_id"] == request.path_params["line"]:
                line["quantity"] = quantity
        return self.save(owner, [line for line in lines if line["quantity"] > 0])

    async def clear(self, request: Request) -> Response:
        return self.save(self.owner(request), [])

    async def claim(self, request: Request) -> Response:
        if not self.claims:
            return JSONResponse({"type": "urn:evercart:problem:unavailable", "detail": "Not now."}, 503)
        owner, token = self.owner(request), (await request.json())["cart_token"]
        guest = self.carts.pop(token, {"lines": []})
        own = self.cart(owner)["lines"]
        skus = {line["sku"] for line in own}
        self.save(owner, [*own, *(line for line in guest["lines"] if line["sku"] not in skus)])
        merge = {"mode": "max", "from_cart_id": guest.get("id"), "claimed": not own and bool(guest["lines"])}
        return JSONResponse({"cart": self.carts[owner], "merge": merge | {"lines": []}})

    async def order(self, request: Request) -> Response:
        order = await request.json()
        self.orders.append(order)
        self.carts = {owner: cart for owner, cart in self.carts.items() if cart["id"] != order["cart_id"]}
        self.tell()
        return JSONResponse({"order_id": order["order_id"], "closed_carts": [order["cart_id"]]}, 201)

    async def inventory(self, request: Request) -> Response:
        if not self.reachable:
            return JSONResponse({"type": "urn:evercart:problem:unavailable"}, 503)
        body = await request.json()
        self.levels |= {level["sku"]: level["available"] for level in body["levels"]}
        self.announced.set()
        return JSONResponse({})

    async def profile(self, request: Request) -> Response:
        customer = request.path_params["customer"]
        if request.method == "PUT":
            self.profiles[customer] = await request.json()
        elif customer not in self.profiles:
            return JSONResponse({"type": "urn:evercart:problem:unknown-customer"}, 404)
        return JSONResponse(self.profiles[customer])

    async def recover(self, request: Request) -> Response:
        cart = self.recoverable.get(request.path_params["token"])
        if cart is None:
            return JSONResponse({"type": "urn:evercart:problem:link-expired", "detail": "expired"}, 410)
        return JSONResponse(cart | {"recovered": True})
