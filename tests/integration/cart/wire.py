"""The service as a place to shop in: every call goes over HTTP, to one of two replicas, on a good line or a bad one."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal, TypeVar
from uuid import UUID

import httpx

from services.cart.domain.commands import (
    AddLine,
    Clear,
    Command,
    DiscardSaved,
    RemoveLine,
    RestoreLine,
    SaveLine,
    SetQuantity,
    line_id,
)
from services.cart.domain.merge.receipt import Mode
from tests.integration.cart.shop import LINE, Shop, Visitor, done, held
from tests.unit.cart.ledger import Held, sku_of

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, T]], T]
_TAG = re.compile(r';etag=(".*")')
Luck = Literal["answers come", "answers are lost", "calls go out twice at once"]


@dataclass
class Sent:
    """A write that the shop has taken."""

    visitor: Visitor
    method: str
    path: str
    body: Any
    key: str
    answer: httpx.Response


class Api:
    """One customer, one guest and their devices, at two replicas; `number` tells them from all others."""

    def __init__(self, run: Run[Any], shop: Shop, number: int) -> None:
        self.run, self.shop, self.number = run, shop, number
        self.luck: Luck = "answers come"
        self.sent: list[Sent] = []
        self.open: list[str] = []
        self.over: list[tuple[str, str]] = []
        self.keys = count()
        self.guest: Visitor = run(shop.guest())
        self.anna = shop.customer(f"anna-{number}")

    def asked(self, who: str, device: str, command: Command) -> str | None:
        answer = self.write(self.at(who, device), *self.call(command), X_Device=device)
        return slug_of(answer)

    def at(self, who: str, device: str) -> Visitor:
        return self.shop.elsewhere(self.guest if who == "guest" else self.anna, int(device == "laptop"))

    def held(self, who: str) -> Held:
        cart = self.run(self.at(who, "laptop" if next(self.keys) % 2 else "phone").cart())
        units = sum(held(cart).values())
        assert (cart["units"], cart["total"]) == (units, 500 * units)
        return Held(_bare(cart["lines"]), _bare(cart["saved"]))

    def restocked(self, sku: str, units: int) -> None:
        self.run(self.shop.server(replica=1).level(self.sku(sku), units))

    def logged_in(self, mode: Mode) -> str | None:
        body = {"cart_token": self.guest.headers["X-Cart-Token"], "mode": mode}
        merge = done(self.write(self.anna, "POST", "/cart/claim", body))["merge"]
        if merge["claimed"]:
            self.open.append(merge["merge_id"])
        return str(merge["merge_id"]) if merge["claimed"] else None

    def undone(self, receipt: str) -> None:
        done(self.write(self.anna, "POST", f"/cart/merges/{receipt}/undo", None))
        self.open.remove(receipt)
        self.over.append((receipt, "merge-undone"))

    def priced(self) -> Any:
        cart = self.run(self.at("anna", "laptop").cart())
        return {"cart_id": cart["id"], "cart_version": cart["version"]}

    def ordered(self, priced: Any, *, guest_too: bool) -> None:
        order = {"order_id": f"{self.number}-{next(self.keys)}", "customer_id": f"anna-{self.number}"} | (priced or {})
        if guest_too:
            order["cart_token"] = self.guest.headers["X-Cart-Token"]
        assert not done(self.write(self.shop.server(), "POST", "/orders", order), 201)["mismatches"]
        self.over += [(receipt, "merge-settled") for receipt in self.open]
        self.open = []

    def write(self, visitor: Visitor, method: str, path: str, body: Any, **headers: str) -> httpx.Response:
        """One write over the line as it is now; whatever happens on it, the answer is one."""
        key = f"{self.number}-{next(self.keys)}"
        answer: httpx.Response = self.run(self._delivered(visitor, method, path, body, Idempotency_Key=key, **headers))
        if answer.is_success:
            self.sent.append(Sent(visitor, method, path, body, key, answer))
        return answer

    async def _delivered(self, visitor: Visitor, *call: Any, **headers: str) -> httpx.Response:
        twice = [self.shop.elsewhere(visitor, replica).ask(*call, **headers) for replica in (0, 1)]
        if self.luck == "answers come":
            twice.pop().close()
            return await twice.pop()
        if self.luck == "calls go out twice at once":
            answers = await asyncio.gather(*twice)
        else:
            answers = [await call for call in twice]
        while any(slug_of(answer) == "request-in-flight" for answer in answers):
            answers = [await self.shop.elsewhere(visitor, replica).ask(*call, **headers) for replica in (0, 1)]
        assert same(*answers)
        return answers[0]

    def sku(self, sku: str) -> str:
        return f"{self.number}-{sku}"

    def call(self, command: Command) -> tuple[str, str, Any]:
        """The command on the wire."""
        match command:
            case AddLine():
                return "POST", "/cart/lines", LINE | {"sku": self.sku(command.sku), "quantity": command.quantity}
            case Clear():
                return "DELETE", "/cart/lines", None
            case SetQuantity():
                return "PUT", f"/cart/lines/{self.line(command.line_id)}", {"quantity": command.quantity}
            case RemoveLine():
                return "DELETE", f"/cart/lines/{self.line(command.line_id)}", None
            case SaveLine():
                return "POST", f"/cart/lines/{self.line(command.line_id)}/save", None
            case RestoreLine():
                return "POST", f"/cart/saved/{self.line(command.line_id)}/restore", None
            case DiscardSaved():
                return "DELETE", f"/cart/saved/{self.line(command.line_id)}", None
        raise AssertionError(command)

    def line(self, id_: UUID) -> UUID:
        """The line of the ledger as it is called in this shop."""
        return line_id(self.sku(sku_of(id_)), {})


def same(one: httpx.Response, other: httpx.Response) -> bool:
    """Whether two answers are of one call. That to a command shows the cart as it is, and names the first one's tag."""
    if any(_TAG.search(answer.headers.get("Idempotency-Replayed", "")) for answer in (one, other)):
        return (one.status_code, first_tag(one)) == (other.status_code, first_tag(other))
    return (one.status_code, one.content) == (other.status_code, other.content)


def first_tag(answer: httpx.Response) -> str:
    """The tag of the first answer to a command, whether this is it or a later one."""
    found = _TAG.search(answer.headers.get("Idempotency-Replayed", ""))
    return found[1] if found else answer.headers["ETag"]


def slug_of(answer: httpx.Response) -> str | None:
    """Why it was refused, if it was."""
    return None if answer.is_success else str(answer.json()["type"]).rpartition(":")[2]


def _bare(lines: list[Any]) -> Counter[str]:
    return Counter({line["sku"].partition("-")[2]: line["quantity"] for line in lines})
