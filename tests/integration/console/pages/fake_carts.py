"""A stand-in of the cart service as far as servers see and change a customer's carts."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

NOW = "2026-12-01T10:15:00+00:00"
CART_ID = "019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10"
TEA_LINE, JAM_LINE = "6f1b2a52-51b5-5e8d-9c0a-3f4f5a0b1c2d", "6f1b2a52-51b5-5e8d-9c0a-3f4f5a0b1c2e"
TEA = {"line_id": TEA_LINE, "sku": "tea", "title": "Green tea", "options": {}, "price": 450, "device": "phone"}
JAM = {"line_id": JAM_LINE, "sku": "jam", "title": "Plum jam", "options": {"size": "340 g"}, "price": 390}
BEFORE: dict[str, Any] = {
    "id": "019ab6f2-7c11-7d3e-9a55-0000000000be",
    "status": "ordered",
    "version": 3,
    "currency": "EUR",
    "lines": [JAM | {"quantity": 1, "total": 390, "device": None}],
    "units": 1,
    "total": 390,
    "saved": [],
    "created_at": "2026-11-20T10:15:00+00:00",
    "updated_at": "2026-11-20T10:15:00+00:00",
}


def problem(status: int, slug: str, **members: Any) -> httpx.Response:
    told = {"type": f"urn:evercart:problem:{slug}", "status": status, "detail": f"It is {slug}."}
    return httpx.Response(status, json=told | members)


@dataclass
class FakeCarts:
    """What is in a customer's open cart (None: there is none), by line. Each key is done once."""

    lines: dict[str, dict[str, Any]] | None = field(default_factory=lambda: {TEA_LINE: TEA | {"quantity": 2}})
    version: int = 7
    origins: list[str] = field(default_factory=list)
    bodies: dict[str, str] = field(default_factory=dict)
    under_way: int = 0
    """So many more calls come while the first is being done."""

    @property
    def etag(self) -> str:
        return '"0"' if self.lines is None else f'"{self.version}-{CART_ID.replace("-", "")[-12:]}"'

    def open_cart(self) -> list[dict[str, Any]]:
        if self.lines is None:
            return []
        lines = [line | {"total": line["price"] * line["quantity"]} for line in self.lines.values()]
        cart = {"id": CART_ID, "status": "active", "version": self.version, "currency": "EUR", "lines": lines}
        sums = {"units": sum(line["quantity"] for line in lines), "total": sum(line["total"] for line in lines)}
        return [cart | sums | {"saved": [], "created_at": NOW, "updated_at": NOW}]

    def answer(self, method: str, rest: str, request: httpx.Request) -> httpx.Response | None:
        if (method, rest) == ("GET", "/carts"):
            return httpx.Response(200, json={"carts": [*self.open_cart(), BEFORE], "next": None})
        if (method, rest) != ("POST", "/customers/anna/cart/actions"):
            return None
        if self.under_way:
            self.under_way -= 1
            return problem(409, "request-in-flight")
        self.origins.append(request.headers["x-origin"])
        key, body = request.headers["idempotency-key"], request.content.decode()
        if self.bodies.get(key, body) != body:
            return problem(422, "idempotency-key-reused")
        if key not in self.bodies:
            if request.headers["if-match"] != self.etag:
                return problem(412, "version-conflict", etag=self.etag)
            self.bodies[key] = body
            self._do(json.loads(body)["actions"][0])
        return httpx.Response(200, json=(self.open_cart() or [BEFORE])[0])

    def _do(self, action: dict[str, Any]) -> None:
        self.lines, self.version = dict(self.lines or {}), self.version + 1
        if action["action"] == "add":
            line_id = next((one for one, line in self.lines.items() if line["sku"] == action["sku"]), JAM_LINE)
            known = self.lines.get(
                line_id, {"options": {}} | action | {"line_id": line_id, "quantity": 0, "device": None}
            )
            self.lines[line_id] = known | {"quantity": known["quantity"] + action["quantity"]}
        elif action["action"] == "remove" or not action["quantity"]:
            self.lines.pop(action["line_id"], None)
        else:
            self.lines[action["line_id"]] |= {"quantity": action["quantity"]}
