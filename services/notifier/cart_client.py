"""Asks the cart service what is true now."""

import asyncio
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from http import HTTPStatus
from types import TracebackType
from typing import Final, Literal, Self
from urllib.parse import quote, urlencode
from uuid import UUID, uuid5

import httpx
from pydantic import SecretStr, TypeAdapter, ValidationError

from libs.http.client import Answer, HttpClient, HttpError
from libs.runtime.together import Together
from services.notifier.domain.snapshot import CartSnapshot

CONNECTIONS: Final = 64
_TIES: Final = UUID("8a3c1f60-2d0b-5c5e-9d3f-6f0a4b7e5c11")


class CartUnavailableError(Exception):
    """The cart service could not be asked. Whoever asked waits; nobody guesses."""


_Answer = CartSnapshot | CartUnavailableError | None
"""What is told of one cart; None where there is no such cart."""
_LOOKS = TypeAdapter(dict[Literal["looks"], list[CartSnapshot]])


class CartClient:
    """The last look at any store's carts and customers, over kept connections. `key` has the scope `looks:read`."""

    def __init__(self, base_url: str, key: SecretStr, timeout_s: float) -> None:
        tls = httpx.create_ssl_context() if base_url.startswith("https:") else None
        self._http = HttpClient(base_url, size=CONNECTIONS, timeout_s=timeout_s, tls=tls)
        self._headers = {"Authorization": f"Bearer {key.get_secret_value()}"}
        self._looks = Together(self._look_at_all)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

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
        path = f"{_store(store_id)}/customers/{quote(customer_id, safe='')}/look"
        return await self._ask(f"{path}?{urlencode(about, doseq=True)}" if about else path)

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
            answer = await self._request("POST", f"{_store(store_id)}/carts:look", body)
        except CartUnavailableError as error:
            return dict.fromkeys(cart_ids, error)
        if answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
            return None
        if answer.status != HTTPStatus.OK:
            return dict.fromkeys(cart_ids, CartUnavailableError(f"status {answer.status}"))
        try:
            looks = {look.cart.id: look for look in _LOOKS.validate_json(answer.body)["looks"]}
        except (ValidationError, KeyError):
            return None
        return {one: looks.get(one) for one in cart_ids}

    async def _look_at_one(self, store_id: str, cart_id: UUID) -> _Answer:
        try:
            return await self._ask(f"{_store(store_id)}/carts/{cart_id}")
        except CartUnavailableError as error:
            return error

    async def tie(self, store_id: str, customer_id: str, channel: str, handle: str, agreed_at: datetime) -> bool:
        """Has a customer reached by a further channel, which they agreed to; False where nobody knows them any more.

        The same again changes nothing. Raises as `look`, also where the key may not (scope `customers:write`).
        """
        body = {"handle": handle, "consent": True, "consent_at": agreed_at.isoformat()}
        key = uuid5(_TIES, f"{store_id} {customer_id} {channel} {handle} {agreed_at.isoformat()}")
        path = f"{_store(store_id)}/customers/{quote(customer_id, safe='')}/handles/{channel}"
        answer = await self._request("PUT", path, body, {"Idempotency-Key": str(key)})
        if answer.status == HTTPStatus.NOT_FOUND and _is_problem(answer):
            return False
        if answer.status != HTTPStatus.OK:
            raise CartUnavailableError(f"status {answer.status}")
        return True

    async def _request(
        self, method: str, path: str, body: object = None, more: Mapping[str, str] | None = None
    ) -> Answer:
        try:
            return await self._http.request(method, path, headers=self._headers | dict(more or {}), body=body)
        except HttpError as error:
            raise CartUnavailableError(str(error)) from error

    async def _ask(self, path: str) -> CartSnapshot | None:
        answer = await self._request("GET", path)
        if answer.status == HTTPStatus.NOT_FOUND and _is_problem(answer):
            return None
        if answer.status != HTTPStatus.OK:
            raise CartUnavailableError(f"status {answer.status}")
        try:
            return CartSnapshot.model_validate_json(answer.body)
        except ValidationError as error:
            raise CartUnavailableError(f"unreadable answer: {error.error_count()} faults") from None


def _store(store_id: str) -> str:
    return f"/v1/stores/{quote(store_id, safe='')}"


def _is_problem(answer: Answer) -> bool:
    """A 404 of a proxy, or of a wrong URL, says nothing about the cart."""
    return answer.headers.get("content-type", "").startswith("application/problem+json")
