"""The server's side of the cart API, as a storefront's backend calls it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from deploy.playground.http import ProblemError
from deploy.playground.outgoing import Answer, UnreachableError, call_json
from deploy.playground.settings import Settings


class CartApi:
    """Paths are relative to the store; errors of the API pass through as `ProblemError`."""

    def __init__(self, settings: Settings) -> None:
        self._base = f"{settings.cart_backend_url}/v1/stores/{quote(settings.store, safe='')}"
        self._server = {"Authorization": f"Bearer {settings.store_secret_key}"}

    async def cart_of(self, shopper: Mapping[str, str]) -> dict[str, object]:
        """The cart of whoever these headers (``Authorization`` or ``X-Cart-Token``) belong to."""
        return _body(await self._call("GET", "/cart", None, shopper))

    async def order(self, order: Mapping[str, object]) -> dict[str, object]:
        """Places an order; the same order again is answered the same."""
        return _body(await self._call("POST", "/orders", order, self._server))

    async def set_levels(self, levels: Mapping[str, int]) -> None:
        """Says how many of each item are left."""
        body = {"levels": [{"sku": sku, "available": level} for sku, level in levels.items()]}
        _body(await self._call("POST", "/inventory", body, self._server))

    async def profile(self, customer: str) -> dict[str, object] | None:
        """The customer's contact data and consents, or None where there are none."""
        answer = await self._call("GET", f"/customers/{quote(customer, safe='')}/profile", None, self._server)
        return None if answer.status == 404 else _body(answer)

    async def set_profile(self, customer: str, profile: Mapping[str, object]) -> None:
        """Replaces the customer's contact data and consents."""
        _body(await self._call("PUT", f"/customers/{quote(customer, safe='')}/profile", profile, self._server))

    async def _call(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> Answer:
        try:
            return await asyncio.to_thread(call_json, method, self._base + path, body, headers)
        except UnreachableError:
            raise ProblemError(502, "cart-unreachable", "the cart service does not answer") from None


def _body(answer: Answer) -> dict[str, object]:
    body = answer.body if isinstance(answer.body, dict) else {}
    if answer.status >= 400:
        slug = str(body.get("type", "")).rpartition(":")[2] or "cart-refused"
        raise ProblemError(answer.status, slug, _reason(body))
    return body


def _reason(problem: Mapping[str, Any]) -> str:
    faults = problem.get("errors") or []
    fields = [f"{str(fault['pointer']).strip('/#')}: {fault['detail']}" for fault in faults]
    return "; ".join(fields) or str(problem.get("detail") or problem.get("title") or "the cart refused")
