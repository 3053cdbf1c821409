"""What goes for every operation of a kind: who may call, which headers it takes, what it may refuse."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SECURITY: Mapping[str, Any] = {
    "customer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A customer's token."},
    "guest": {"type": "apiKey", "in": "header", "name": "X-Cart-Token", "description": "A guest's cart token."},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-evercart-{store_id}",
        "description": "A guest's cart token, where the store has cookies on; changes take a page's Origin.",
    },
    "storefront": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Publishable-Key",
        "description": "The storefront's key, beside the shopper's credentials, where the store has such keys.",
    },
    "server": {"type": "http", "scheme": "bearer", "description": "A secret key with the scope."},
}


def _header(name: str, description: str, example: str, **rules: object) -> dict[str, Any]:
    head = {"name": name, "in": "header", "required": False, "description": description}
    return head | {"schema": {"type": "string", **rules}, "example": example}


HEADERS = {
    header["name"]: header
    for header in (
        _header(
            "Idempotency-Key",
            "Names this call: the first answer is given again for 24 hours.",
            "3f6c1c9e4b5a4f0e",
            pattern=r"^[\x21-\x7e]{1,255}$",
        ),
        _header("If-Match", "Entity tags of the cart's states on which to insist.", '"7-a4c987462688"'),
        _header("If-None-Match", "Entity tags of states that are known: 304 in one.", '"7-a4c987462688"'),
        _header("X-Device", "Names the device.", "phone", pattern=r"^[\x20-\x7e]{1,64}$"),
    )
}
"""Headers of requests, by name."""
STOREFRONT = ("publishable-key-required", "origin-not-allowed")
"""What any endpoint of storefronts may refuse."""
_WRITES = frozenset({"post", "put", "patch", "delete"})
_CHANGED = ("invalid-header", "request-in-flight", "idempotency-key-reused", "busy")


@dataclass(frozen=True)
class Operation:
    """One operation of the document, as its endpoint declared it."""

    path: str
    method: str
    declared: Mapping[str, Any]

    @property
    def for_shoppers(self) -> bool:
        """Whether it is a shopper's."""
        return "shoppers" in self.declared.get("tags", [])

    @property
    def open(self) -> bool:
        """Whether anybody may call it."""
        return self.path.endswith("/cart/token") or self.path.startswith(("/v1/recovery/", "/v1/shared/"))

    @property
    def writes(self) -> bool:
        """Whether it may change something, and takes an Idempotency-Key."""
        return self.method in _WRITES and not self.path.endswith(("/cart/token", "/cart/share"))

    def security(self) -> list[dict[str, list[str]]]:
        """Who may call."""
        if self.open:
            return [{}, {"storefront": []}] if self.for_shoppers and "{store_id}" in self.path else []
        if not self.for_shoppers:
            return [{"server": []}]
        log_in = self.path.endswith("/claim") or "/merges" in self.path
        who = ("customer",) if log_in else ("customer", "guest", "cookie")
        return [{scheme: [] for scheme in (one, *beside)} for beside in ((), ("storefront",)) for one in who]

    def headers(self) -> list[str]:
        """The names of the headers that it takes, of `HEADERS`."""
        found = ["Idempotency-Key"] if self.writes else []
        if self.for_shoppers and self.writes:
            found += ["If-Match", "X-Device"]
        if self.path.endswith("/stores/{store_id}") and self.writes:
            found += ["If-Match"]
        if self.method == "get" and self.path.endswith(("/cart", "/cart/stream")):
            found += ["X-Device"] if self.path.endswith("/stream") else ["X-Device", "If-None-Match"]
        return found

    def problems(self) -> list[str]:
        """The slugs of what any operation of its kind may refuse."""
        found = ["unavailable"]
        if "{store_id}" in self.path:
            found += ["unknown-store", "rate-limited"]
        if not self.open:
            found += (
                ["unauthorized", "forbidden", *STOREFRONT, "identity-provider-unavailable"]
                if self.for_shoppers
                else ["unauthorized", "forbidden", "insufficient-scope"]
            )
        if "requestBody" in self.declared:
            found += ["malformed-json", "incomplete-body", "body-too-large", "invalid-request"]
        if any(p["in"] == "query" or set(p["schema"]) - {"type", "title"} for p in self.declared.get("parameters", [])):
            found += ["invalid-request"]
        if self.headers():
            found += ["invalid-header"]
        if self.writes:
            found += [*_CHANGED, "version-conflict"] if self.for_shoppers else _CHANGED
        return list(dict.fromkeys(found))
