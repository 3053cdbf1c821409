"""Asks the cart service what is true now."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self
from urllib.parse import quote
from uuid import UUID

import httpx
from pydantic import SecretStr, ValidationError

from services.notifier.domain.snapshot import CartSnapshot


class CartUnavailableError(Exception):
    """The cart service could not be asked. Whoever asked waits; nobody guesses."""


class CartClient:
    """The last look at any store's carts and customers, over kept connections. `key` has the scope `looks:read`."""

    def __init__(self, base_url: str, key: SecretStr, timeout_s: float) -> None:
        headers = {"Authorization": f"Bearer {key.get_secret_value()}"}
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=16)
        self._http = httpx.AsyncClient(base_url=base_url, headers=headers, timeout=timeout_s, limits=limits)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def look(self, store_id: str, cart_id: UUID) -> CartSnapshot | None:
        """The cart with its stock levels and recovery link, or None where there is no such cart.

        Raises `CartUnavailableError` when the answer is neither: no connection, a timeout, a refusal, nonsense.
        """
        return await self._ask(f"/v1/stores/{store_id}/carts/{cart_id}", {})

    async def look_at_customer(
        self,
        store_id: str,
        customer_id: str,
        order_id: str | None,
        sku: str | None,
        viewed: Sequence[str] = (),
    ) -> CartSnapshot | None:
        """A customer with their active cart or an empty one, that order of theirs, the level of that item, and what of
        those `viewed` they looked at.

        Raises as `look`. None where there is no such store.
        """
        about: dict[str, str | list[str]] = {"viewed": list(viewed)} if viewed else {}
        about |= {name: value for name, value in (("order_id", order_id), ("sku", sku)) if value is not None}
        return await self._ask(f"/v1/stores/{store_id}/customers/{quote(customer_id, safe='')}/look", about)

    async def _ask(self, path: str, about: Mapping[str, str | list[str]]) -> CartSnapshot | None:
        try:
            answer = await self._http.get(path, params=about)
        except httpx.HTTPError as error:
            raise CartUnavailableError(type(error).__name__) from error
        if answer.status_code == httpx.codes.NOT_FOUND and _is_problem(answer):
            return None
        if answer.status_code != httpx.codes.OK:
            raise CartUnavailableError(f"status {answer.status_code}")
        try:
            return CartSnapshot.model_validate_json(answer.content)
        except ValidationError as error:
            raise CartUnavailableError(f"unreadable answer: {error.error_count()} faults") from None


def _is_problem(answer: httpx.Response) -> bool:
    """A 404 of a proxy, or of a wrong URL, says nothing about the cart."""
    return str(answer.headers.get("Content-Type", "")).startswith("application/problem+json")
