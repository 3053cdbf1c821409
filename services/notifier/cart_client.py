"""Asks the cart service what is true now."""

import asyncio
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from types import TracebackType
from typing import Final, Literal, Self
from urllib.parse import quote
from uuid import UUID, uuid5

import httpx
from pydantic import SecretStr, TypeAdapter, ValidationError

from libs.runtime.together import Together
from services.notifier.domain.snapshot import CartSnapshot

_TIES: Final = UUID("8a3c1f60-2d0b-5c5e-9d3f-6f0a4b7e5c11")


class CartUnavailableError(Exception):
    """The cart service could not be asked. Whoever asked waits; nobody guesses."""


_Answer = CartSnapshot | CartUnavailableError | None
"""What is told of one cart; None where there is no such cart."""
_LOOKS = TypeAdapter(dict[Literal["looks"], list[CartSnapshot]])


class CartClient:
    """The last look at any store's carts and customers, over kept connections. `key` has the scope `looks:read`."""

    def __init__(self, base_url: str, key: SecretStr, timeout_s: float) -> None:
        headers = {"Authorization": f"Bearer {key.get_secret_value()}"}
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=16)
        self._http = httpx.AsyncClient(base_url=base_url, headers=headers, timeout=timeout_s, limits=limits)
        self._looks = Together(self._look_at_all)

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
        return await self._looks((store_id, cart_id))

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

    async def _look_at_all(self, carts: Sequence[tuple[str, UUID]]) -> Sequence[_Answer]:
        """A call for each store, all at once."""
        stores: dict[str, list[UUID]] = {}
        for store_id, cart_id in carts:
            stores.setdefault(store_id, []).append(cart_id)
        told = await asyncio.gather(*(self._look_at(store_id, set(ids)) for store_id, ids in stores.items()))
        found = dict(zip(stores, told, strict=True))
        return [found[store_id][cart_id] for store_id, cart_id in carts]

    async def _look_at(self, store_id: str, cart_ids: Set[UUID]) -> Mapping[UUID, _Answer]:
        """In one call, where there are several; else one by one."""
        if len(cart_ids) > 1:
            told = await self._look_together(store_id, cart_ids)
            if told is not None:
                return told
        answers = await asyncio.gather(*(self._look_at_one(store_id, one) for one in cart_ids))
        return dict(zip(cart_ids, answers, strict=True))

    async def _look_together(self, store_id: str, cart_ids: Set[UUID]) -> Mapping[UUID, _Answer] | None:
        """None where each has to be asked for alone: a cart service of before knows nothing else, and a cart that can't
        be read must not stand before the others.
        """
        body = {"cart_ids": [str(one) for one in cart_ids]}
        try:
            answer = await self._http.post(f"/v1/stores/{store_id}/carts:look", json=body)
        except httpx.HTTPError as error:
            return dict.fromkeys(cart_ids, CartUnavailableError(type(error).__name__))
        if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED):
            return None
        if answer.status_code != httpx.codes.OK:
            return dict.fromkeys(cart_ids, CartUnavailableError(f"status {answer.status_code}"))
        try:
            looks = {look.cart.id: look for look in _LOOKS.validate_json(answer.content)["looks"]}
        except (ValidationError, KeyError):
            return None
        return {one: looks.get(one) for one in cart_ids}

    async def _look_at_one(self, store_id: str, cart_id: UUID) -> _Answer:
        try:
            return await self._ask(f"/v1/stores/{store_id}/carts/{cart_id}", {})
        except CartUnavailableError as error:
            return error

    async def tie(self, store_id: str, customer_id: str, channel: str, handle: str, agreed_at: datetime) -> bool:
        """Has a customer reached by a further channel, which they agreed to; False where nobody knows them any more.

        The same again changes nothing. Raises as `look`, also where the key may not (scope `customers:write`).
        """
        body = {"handle": handle, "consent": True, "consent_at": agreed_at.isoformat()}
        key = uuid5(_TIES, f"{store_id} {customer_id} {channel} {handle} {agreed_at.isoformat()}")
        path = f"/v1/stores/{store_id}/customers/{quote(customer_id, safe='')}/handles/{channel}"
        try:
            answer = await self._http.put(path, json=body, headers={"Idempotency-Key": str(key)})
        except httpx.HTTPError as error:
            raise CartUnavailableError(type(error).__name__) from error
        if answer.status_code == httpx.codes.NOT_FOUND and _is_problem(answer):
            return False
        if answer.status_code != httpx.codes.OK:
            raise CartUnavailableError(f"status {answer.status_code}")
        return True

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
