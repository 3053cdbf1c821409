"""The cart service's API as its callers use it: a guest, a customer who is logged in, the store's servers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import jwt

from libs.http.client import Answer, HttpClient

Caller = dict[str, str]
"""Headers that say who calls."""
Cart = dict[str, Any]
"""The cart's JSON document."""

LOGIN_VALIDITY = timedelta(hours=12)


class RefusedError(Exception):
    """The API answered with a problem (RFC 9457); `errors` are its faults, each with a `pointer` and a `detail`."""

    def __init__(
        self, what: str, status: int, problem: str, detail: str, errors: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        super().__init__(f"{what} was answered {status} {problem}" + (f": {detail}" if detail else ""))
        self.status, self.problem, self.errors = status, problem, errors


@dataclass(frozen=True, slots=True)
class Store:
    """A store and the keys with which one acts for it; `jwt_key` signs log-ins with HS256."""

    store_id: str
    jwt_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    currency: str = "EUR"

    def server(self) -> Caller:
        """The store's own servers."""
        return {"Authorization": f"Bearer {self.secret_key}"}

    def customer(self, customer_id: str, device: str | None = None) -> Caller:
        """A customer who has logged in on a device."""
        now = datetime.now(UTC)
        claims = {"sub": customer_id, "iat": now, "exp": now + LOGIN_VALIDITY}
        token = jwt.encode(claims, self.jwt_key, algorithm="HS256")
        return {"Authorization": f"Bearer {token}"} | ({"X-Device": device} if device else {})


def guest(token: str, device: str | None = None) -> Caller:
    """Somebody who has not logged in."""
    return {"X-Cart-Token": token} | ({"X-Device": device} if device else {})


def occurred_at(moment: datetime) -> dict[str, str]:
    """The header that says when a replayed change really happened."""
    return {"X-Occurred-At": moment.astimezone(UTC).isoformat(timespec="microseconds")}


@dataclass(frozen=True, slots=True)
class Item:
    """Something to buy; `price` in minor units of the store's currency."""

    sku: str
    title: str
    price: int
    url: str | None = None


class CartApi:
    """Calls for one store. They raise `RefusedError` for a problem and `HttpError` where there is no answer."""

    def __init__(self, http: HttpClient, store: Store) -> None:
        self.http, self.store = http, store
        self._base = f"/v1/stores/{store.store_id}"

    async def guest_token(self) -> str:
        """A token for a new anonymous cart."""
        answer = await self._call("POST", "/cart/token", {})
        return str(answer.json()["cart_token"])

    async def cart(self, caller: Caller) -> Cart:
        """The caller's active cart; id null where there is none."""
        return _object(await self._call("GET", "/cart", caller))

    async def add(self, caller: Caller, item: Item, quantity: int = 1) -> Cart:
        """Adds units of an item."""
        line: dict[str, object] = {
            "sku": item.sku,
            "title": item.title,
            "price": item.price,
            "currency": self.store.currency,
            "quantity": quantity,
        }
        if item.url:
            line["url"] = item.url
        return _object(await self._call("POST", "/cart/lines", caller, line))

    async def remove(self, caller: Caller, line_id: str) -> Cart:
        """Takes a line out; one that is not there changes nothing."""
        return _object(await self._call("DELETE", f"/cart/lines/{line_id}", caller))

    async def claim(self, caller: Caller, cart_token: str) -> dict[str, Any]:
        """Brings the guest's cart to the customer who logs in: `cart` and the `merge` receipt."""
        return _object(await self._call("POST", "/cart/claim", caller, {"cart_token": cart_token}))

    async def leave_contact(self, caller: Caller, contact: dict[str, object]) -> None:
        """A guest leaves where to write to about the cart."""
        await self._call("PUT", "/cart/contact", caller, contact)

    async def recover(self, token: str) -> tuple[Cart, Answer]:
        """What a recovery link opens, without any log-in."""
        answer = await self.http.request("GET", f"/v1/recovery/{token}")
        return _object(accepted(answer, "opening the recovery link")), answer

    async def order(self, order_id: str, customer_id: str, headers: Caller | None = None, **rest: object) -> list[str]:
        """The store has taken an order; gives the ids of the carts that it closed."""
        body = {"order_id": order_id, "customer_id": customer_id} | rest
        answer = await self._call("POST", "/orders", self.store.server() | (headers or {}), body)
        return [str(closed) for closed in answer.json()["closed_carts"]]

    async def set_stock(self, sku: str, available: int) -> None:
        """The store has so many units to sell."""
        await self._call("PUT", f"/inventory/{quote(sku, safe='')}", self.store.server(), {"available": available})

    async def set_profile(self, customer_id: str, profile: dict[str, object]) -> None:
        """How a customer may be reached, and consent."""
        await self._call("PUT", f"/customers/{quote(customer_id, safe='')}/profile", self.store.server(), profile)

    async def last_look(self, cart_id: str) -> dict[str, Any]:
        """A cart with stock levels and recovery link."""
        return _object(await self._call("GET", f"/carts/{quote(cart_id)}", self.store.server()))

    async def carts_of(self, customer_id: str) -> list[Cart]:
        """A customer's carts, newest first."""
        answer = _object(await self._call("GET", f"/carts?customer_id={quote(customer_id)}", self.store.server()))
        carts = answer.get("carts")
        return carts if isinstance(carts, list) else []

    async def _call(self, method: str, path: str, caller: Caller, body: object = None) -> Answer:
        answer = await self.http.request(method, self._base + path, headers=caller, body=body)
        return accepted(answer, f"{method} {path.partition('?')[0]}")


def accepted(answer: Answer, what: str) -> Answer:
    """The answer, unless it is a problem. Raises `RefusedError`."""
    if answer.status < 300:
        return answer
    problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    slug = str(problem.get("type", "")).removeprefix("urn:evercart:problem:")
    detail, errors = str(problem.get("detail") or ""), problem.get("errors") or ()
    raise RefusedError(what, answer.status, slug or "without a problem document", detail, errors)


def _object(answer: Answer) -> dict[str, Any]:
    found = answer.json()
    if not isinstance(found, dict):
        raise TypeError("the answer is not a JSON object")
    return found
