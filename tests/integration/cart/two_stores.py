"""Two stores in one installation: what each holds, who belongs to which, and all rows of one of them."""

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from libs.postgres.pool import Pool
from services.cart.domain.api_keys import SCOPES
from services.cart.main import application
from services.cart.settings import CartSettings
from tests.integration.cart.shop import TOKEN_SECRET, Hands, Visitor, customer_token, done

MARK = "zephyr"
"""Stands in everything that is told of the far store, and nowhere else."""
KEY_OF_FAR = "a-key-that-the-far-store-has-used"
JWT_KEYS = {"near": "customers-of-the-near-store-0123456789-ab", "far": f"customers-of-the-{MARK}-store-0123456789"}
SECRET_KEYS = {"near": "sk_of_the_near_store_0123456789", "far": f"sk_of_the_{MARK}_store_0123456789"}
STORES: dict[str, dict[str, Any]] = {
    store_id: {
        "name": name,
        "currency": "EUR",
        "jwt_key": JWT_KEYS[store_id],
        "secret_keys": [SECRET_KEYS[store_id]],
        "recovery_url": f"https://{name}.test/cart/{{token}}",
        "share_url": f"https://{name}.test/shared/{{token}}",
        "origins": [f"https://{name}.test"],
        "reservation_minutes": 15,
        "views": "kept",
    }
    for store_id, name in (("near", "near"), ("far", MARK))
}
# rows of no store: who may call how often, which files were applied, how far feeds are read, and what waits for Kafka
# (that is looked at below)
OF_NO_STORE = {"rate_levels", "schema_migrations", "feed_progress", "outbox"}


def settings() -> CartSettings:
    return CartSettings.model_validate(
        {
            "mode": "local",
            "database_url": "postgresql://unused",
            "token_secret": TOKEN_SECRET,
            "stores": STORES,
            "rate_limits": False,
        }
    )


@dataclass
class Place:
    """One store with its people, and the ids of what it holds."""

    http: httpx.AsyncClient
    store_id: str
    key: str = ""
    guest_token: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    def visitor(self, **headers: str) -> Visitor:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Visitor(self.http, named, f"/v1/stores/{self.store_id}")

    def customer(self, customer_id: str = "anna") -> Visitor:
        return self.visitor(Authorization=f"Bearer {customer_token(customer_id, JWT_KEYS[self.store_id])}")

    def guest(self) -> Visitor:
        return self.visitor(X_Cart_Token=self.guest_token)

    def server(self) -> Visitor:
        return self.visitor(Authorization=f"Bearer {SECRET_KEYS[self.store_id]}")

    def program(self) -> Visitor:
        """A server that goes by a key made in this store, for everything."""
        return self.visitor(Authorization=f"Bearer {self.key}")

    async def fill(self, word: str) -> None:
        """Something of every kind; `word` stands in whatever people would read."""
        server, anna = self.server(), self.customer()
        done(await server.ask("PUT", "/customers/anna/profile", _profile(word)))
        await server.level("tea", 100)
        done(await server.ask("PUT", "/prices/tea", {"price": 500, "currency": "EUR"}))
        await self._merged(word)
        cart = await anna.add("jam", 9, more={"title": f"{word} jam"}, X_Device=f"{word} phone")
        line = cart["lines"][-1]["line_id"]
        done(await anna.ask("PATCH", f"/cart/lines/{line}", {"note": f"{word} note"}))
        done(await anna.ask("PATCH", "/cart", {"attributes": {"campaign": word}}))
        saved = (await anna.add("salt", more={"title": f"{word} salt"}))["lines"][-1]["line_id"]
        done(await anna.ask("POST", f"/cart/lines/{saved}/save"))
        await server.level("jam", 3)
        notice = (await anna.cart())["notices"][0]["notice_id"]
        shared = done(await anna.ask("POST", "/cart/share"), 201)["share_token"]
        look = await server.look(cart["id"])
        done(await server.ask("PUT", "/customers/anna/identities/loyal-7"))
        self.ids |= {"cart_id": cart["id"], "line_id": line, "saved_id": saved, "notice_id": notice}
        watch = done(await anna.ask("POST", "/watches", {"sku": f"{word} rug"}), 201)
        self.ids |= {"watch_id": watch["watch_id"]}
        looked = {"sku": f"{word} rug", "title": f"{word} rug", "url": f"https://{word}.test/rug"}
        done(await anna.ask("POST", "/views", {"views": [looked]}), 204)
        self.ids |= {"share_token": shared, "token": look["recovery_url"].rpartition("/")[2]}
        await self._guest(word)
        await self._served(server)

    async def _merged(self, word: str) -> None:
        self.guest_token = done(await self.visitor().ask("POST", "/cart/token"), 201)["cart_token"]
        await self.guest().add("tea", 2, more={"title": f"{word} tea"})
        done(await self.customer().ask("POST", "/cart/claim", {"cart_token": self.guest_token}))
        merges = done(await self.customer().ask("GET", "/cart/merges"))["merges"]
        self.ids["merge_id"] = merges[0]["merge_id"]

    async def _guest(self, word: str) -> None:
        self.guest_token = done(await self.visitor().ask("POST", "/cart/token"), 201)["cart_token"]
        self.ids["guest_cart_id"] = (await self.guest().add("tea", more={"title": f"{word} tea"}))["id"]

    async def _served(self, server: Visitor) -> None:
        """What servers told of: an order, a key, an erasure, and answers kept under a key of a call."""
        key = KEY_OF_FAR if self.store_id == "far" else "another"
        await self.customer("carl").add("tea")
        done(
            await server.ask(
                "POST",
                "/orders",
                ORDER | {"customer_id": "carl"},
                Idempotency_Key=key,
            ),
            201,
        )
        self.ids["order_id"] = f"only-in-{self.store_id}"
        await server.order(self.ids["order_id"], customer_id="carl")
        body = {"name": f"erp of {self.store_id}", "scopes": sorted(SCOPES)}
        made = done(await server.ask("POST", "/keys", body), 201)
        self.key, self.ids["key_id"] = made["secret"], made["key_id"]
        erased = done(await server.ask("POST", "/customers/dora/erasure"), 202)
        self.ids["erasure_id"] = erased["erasure_id"]
        done(await self.customer().ask("POST", "/cart/reservation"))
        done(await self.customer().ask("POST", "/cart/lines", LINE, Idempotency_Key=key))


LINE = {"sku": "tea", "title": "Tea", "price": 500, "currency": "EUR"}
ORDER: dict[str, Any] = {"order_id": "10042", "total": 500, "currency": "EUR", "lines": [{"sku": "tea", "quantity": 1}]}


def _profile(word: str) -> dict[str, Any]:
    return {"email": f"anna@{word}.test", "name": f"Anna {word}", "email_consent": True, "sms_consent": False}


@dataclass
class World:
    """The near store, whose people try to reach into the far one."""

    pool: Pool
    near: Place
    far: Place

    @classmethod
    async def begun(cls, pool: Pool) -> "World":
        """Both stores, filled in an empty database."""
        http = _served(pool)
        world = cls(pool, Place(http, "near"), Place(http, "far"))
        await world.near.fill("near")
        await world.far.fill(MARK)
        return world

    def copied(self, pool: Pool) -> "World":
        """The same over a copy of the database, served by another process."""
        http = _served(pool)
        return World(pool, *(replace(place, http=http, ids=dict(place.ids)) for place in (self.near, self.far)))

    async def rows_of_far(self) -> dict[str, list[Any]]:
        """Every row of the far store, by table. Fails for a table of which nobody has said whose its rows are."""
        tables: dict[str, set[str]] = {}
        for row in await self.pool.fetch(COLUMNS):
            tables.setdefault(row["table_name"], set()).add(row["column_name"])
        rows = {}
        for name, columns in tables.items():
            if name not in OF_NO_STORE:
                rows[name] = [row[0] for row in await self.pool.fetch(_query(name, columns))]
        return rows

    async def told_of_near(self) -> str:
        """What the near store told others, as text."""
        rows = await self.pool.fetch("SELECT key, value FROM outbox ORDER BY id")
        values = [(row["key"], json.loads(row["value"])) for row in rows if row["value"] is not None]
        return str([(key, value) for key, value in values if value["store_id"] == "near"])


def _served(pool: Pool) -> httpx.AsyncClient:
    app = application(settings(), pool, Hands(), lambda *_: None)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://cart.test")


COLUMNS = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"


def _query(table: str, columns: set[str]) -> str:
    if "store_id" in columns:
        whose = "store_id = 'far'"
    elif "cart_id" in columns:
        whose = "cart_id IN (SELECT cart_id FROM carts WHERE store_id = 'far')"
    elif "erasure_id" in columns:
        whose = "erasure_id IN (SELECT erasure_id FROM erasures WHERE store_id = 'far')"
    else:
        raise AssertionError(f"whose are the rows of {table}? Say so here, or in OF_NO_STORE")
    return f"SELECT to_jsonb(t)::text FROM {table} AS t WHERE {whose} ORDER BY 1"


def secrets_in(text: str, place: Place, sent: str) -> set[str]:
    """What of the far store stands in an answer, unless the caller has sent it."""
    known = {*place.ids.values(), place.guest_token, place.key, SECRET_KEYS["far"], JWT_KEYS["far"]} - {""}
    goods = {place.ids["line_id"], place.ids["saved_id"]}  # named after sku and options, the same in every cart
    found = {one for one in known - goods if one in text and one not in sent}
    return found | set(re.findall(MARK, text))
