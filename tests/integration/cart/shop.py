"""A shop as its customers, guests and servers meet it over HTTP, and what it told the others."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

import httpx
import jwt
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.contracts.codec import decode
from libs.contracts.events import Event
from libs.postgres.pool import Pool
from services.cart.auth.authenticators import Authenticators
from services.cart.domain.store import Store
from services.cart.main import application, authenticators
from services.cart.settings import CartSettings
from services.cart.stores.registry import StoreRegistry
from tests.integration.cart.documented import undocumented
from tests.support.settings import settings_of

JWT_KEY = "customers-of-the-shop-0123456789-abcdef"
SECRET_KEY = "sk_test_0123456789abcdef0123"
OTHER_KEY = "sk_test_of_the_other_store_0123"
TOKEN_SECRET = "t" * 32
YEAR_S = 365 * 86_400
LINE = {"sku": "tea", "title": "Tea", "price": 500, "currency": "EUR"}


def settings(store: dict[str, Any] | None = None, **more: Any) -> CartSettings:
    """Two stores, so that one can try to reach into the other; `store` says what is different about the first."""
    plain = {
        "name": "Shop",
        "currency": "EUR",
        "jwt_key": JWT_KEY,
        "secret_keys": [SECRET_KEY],
        "recovery_url": "https://shop.test/cart/{token}",
        "origins": ["https://shop.test"],
    }
    shop = Store.model_validate(plain | (store or {}))
    other = Store.model_validate(plain).model_copy(
        update={"secret_keys": (SecretStr(OTHER_KEY),), "origins": ("https://other.test",), "merge": "sum"}
    )
    plainly: dict[str, Any] = {"token_secret": SecretStr(TOKEN_SECRET), **more}
    return settings_of(
        CartSettings,
        mode="local",
        database_url=SecretStr("postgresql://unused"),
        stores={"shop": shop, "other": other},
        **plainly,
    )


class Hands:
    """A clock that tests move by hand."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


@dataclass
class Visitor:
    """Somebody with credentials and a device, in one store, at one replica."""

    http: httpx.AsyncClient
    headers: dict[str, str]
    path: str = "/v1/stores/shop"

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Any call; header names come with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, (bytes, str)) or body is None else json.dumps(body)
        url = path if path.startswith("/v1/recovery") else self.path + path
        return await self.http.request(method, url, content=content, headers=self.headers | named)

    async def add(
        self, sku: str = "tea", quantity: int = 1, *, more: dict[str, Any] | None = None, **headers: str
    ) -> Any:
        """Adds a line; gives the cart."""
        body = LINE | {"sku": sku, "quantity": quantity} | (more or {})
        return done(await self.ask("POST", "/cart/lines", body, **headers))

    async def cart(self) -> Any:
        return done(await self.ask("GET", "/cart"))

    async def claim(self, guest: "Visitor", mode: str | None = None, **headers: str) -> Any:
        body = {"cart_token": guest.headers["X-Cart-Token"]} | ({"mode": mode} if mode else {})
        return done(await self.ask("POST", "/cart/claim", body, **headers))

    async def undo(self, receipt: Any, **headers: str) -> httpx.Response:
        """Undoes a merge, given its receipt."""
        return await self.ask("POST", f"/cart/merges/{receipt['merge_id']}/undo", **headers)

    async def order(self, order_id: str, status: int = 201, **fields: Any) -> Any:
        return done(await self.ask("POST", "/orders", {"order_id": order_id} | fields), status)

    async def level(self, sku: str, available: int) -> Any:
        return done(await self.ask("PUT", f"/inventory/{sku}", {"available": available}))

    async def look(self, cart_id: str) -> Any:
        return done(await self.ask("GET", f"/carts/{cart_id}"))


def done(answer: httpx.Response, status: int = 200) -> Any:
    """What a call that must succeed was answered."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    return answer.json() if answer.content else None


def refused(answer: httpx.Response, status: int, slug: str) -> Any:
    """The problem document of a call that must be refused."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"urn:evercart:problem:{slug}", problem
    assert problem["status"] == status
    assert not undocumented(answer, slug), f"{answer.request.method} {answer.request.url.path} does not name {slug}"
    return problem


def customer_token(customer_id: str, key: str = JWT_KEY, **claims: Any) -> str:
    """A token that also holds for a shop whose clock a test moves by years."""
    return jwt.encode({"sub": customer_id, "exp": int(time.time()) + 10 * YEAR_S} | claims, key)


def held(cart: Any) -> dict[str, int]:
    """Units by sku."""
    return {line["sku"]: line["quantity"] for line in cart["lines"]}


def lazily(build: Callable[[], ASGIApp]) -> ASGIApp:
    """An application that is built when the first call comes: that takes FastAPI longer than most tests take."""
    built = cache(build)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await built()(scope, receive, send)

    return app


@dataclass
class Shop:
    """Replicas of the API on one database."""

    pool: Pool
    clock: Hands
    apps: list[ASGIApp]
    clients: list[httpx.AsyncClient]
    touched: list[int] = field(default_factory=list)
    callers: list[Authenticators] = field(default_factory=list)

    @classmethod
    def open(cls, pool: Pool, replicas: int = 2, **more: Any) -> "Shop":
        clock, touched = Hands(), list[int]()
        said = settings(**more)
        callers = [authenticators(said) for _ in range(replicas)]
        parts = (said, pool, clock, lambda *_: touched.append(1))
        apps = [lazily(partial(application, *parts, callers=one)) for one in callers]
        clients = [httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://cart.test") for app in apps]
        return cls(pool, clock, apps, clients, touched, callers)

    @property
    def books(self) -> list[StoreRegistry]:
        """The stores, as each replica knows them."""
        return [callers.stores for callers in self.callers]

    def change_store(self, store_id: str = "shop", **settings: Any) -> None:
        """The store has other settings from now on, at every replica."""
        for book in self.books:
            known = book.said("environment")
            book.put("environment", {**known, store_id: known[store_id].model_copy(update=settings)})

    async def close(self) -> None:
        for client in self.clients:
            await client.aclose()

    def customer(self, customer_id: str = "anna", replica: int = 0, store: str = "shop", **claims: Any) -> Visitor:
        token = customer_token(customer_id, **claims)
        return Visitor(self.clients[replica], {"Authorization": f"Bearer {token}"}, f"/v1/stores/{store}")

    async def guest(self, replica: int = 0, store: str = "shop") -> Visitor:
        visitor = Visitor(self.clients[replica], {}, f"/v1/stores/{store}")
        token = done(await visitor.ask("POST", "/cart/token"), 201)["cart_token"]
        return Visitor(self.clients[replica], {"X-Cart-Token": token}, f"/v1/stores/{store}")

    def server(self, key: str = SECRET_KEY, store: str = "shop", replica: int = 0) -> Visitor:
        return Visitor(self.clients[replica], {"Authorization": f"Bearer {key}"}, f"/v1/stores/{store}")

    def elsewhere(self, visitor: Visitor, replica: int = 1) -> Visitor:
        """The same person at another replica."""
        return Visitor(self.clients[replica], dict(visitor.headers), visitor.path)

    async def events(self) -> list[Event]:
        """All that waits in the outbox, in its order, as consumers will read it."""
        rows = await self.pool.fetch("SELECT key, headers, value FROM outbox WHERE topic NOT LIKE '%.dlq' ORDER BY id")
        return [decode(row["key"], json.loads(row["headers"]), row["value"]) for row in rows]

    async def told(self) -> list[str]:
        """The types of those events."""
        return [event.type for event in await self.events()]

    async def count(self, table: str) -> int:
        found = {
            "carts": "SELECT count(*) FROM carts",
            "active": "SELECT count(*) FROM carts WHERE status = 'active'",
            "outbox": "SELECT count(*) FROM outbox",
            "keys": "SELECT count(*) FROM idempotency_keys",
            "orders": "SELECT count(*) FROM orders",
            "profiles": "SELECT count(*) FROM profiles",
            "views": "SELECT count(*) FROM views",
        }
        return int(await self.pool.fetchval(found[table]))
