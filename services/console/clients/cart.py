"""What the console asks of the cart service."""

from typing import Any
from uuid import UUID

import stamina

from libs.runtime.ids import uuid7_text
from services.console.clients.service import ServiceClient, ServiceError, quoted
from services.console.clients.stores import Stores
from services.console.domain.cart_edits import CartEdit

Json = dict[str, Any]
UNDER_WAY = "urn:evercart:problem:request-in-flight"
LOOKS, PAUSE_S = 10, 0.2
"""How often, and how far apart, the second of two clicks asks what became of the first."""


class Cart:
    """Carts, and who their customers are. Names and addresses are asked here for the moment in which they are shown."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service
        self.stores = Stores(service)

    async def profile(self, store_id: str, customer_id: str) -> Json | None:
        """How a customer may be reached; None where nothing is known of them."""
        return await self.service.find(store_id, f"/customers/{quoted(customer_id)}/profile")

    async def consents(self, store_id: str, customer_id: str) -> list[Json]:
        """What a customer has agreed to, by channel, with what proves it; no address is among it."""
        found: list[Json] = (await self.service.get(store_id, f"/customers/{quoted(customer_id)}/consents"))["consents"]
        return found

    async def carts(self, store_id: str, customer_id: str) -> list[Json]:
        """The carts of a customer, the newest first."""
        found: list[Json] = (await self.service.get(store_id, "/carts", customer_id=customer_id, limit=20))["carts"]
        return found

    async def merges(self, store_id: str, customer_id: str) -> list[Json]:
        """What log-ins did to the carts of a customer, the newest first, and whether each can be undone."""
        found: list[Json] = (await self.service.get(store_id, f"/customers/{quoted(customer_id)}/merges"))["merges"]
        return found

    async def undo_merge(self, store_id: str, customer_id: str, merge_id: UUID) -> None:
        """Undoes a merge. Its own id is the key: a form that is sent twice is answered as the first time."""
        path = f"/customers/{quoted(customer_id)}/merges/{merge_id}/undo"
        await self.service.call("POST", store_id, path, headers={"Idempotency-Key": f"undo-{merge_id}"})

    async def change(self, store_id: str, customer_id: str, edit: CartEdit, key: str) -> None:
        """Changes a customer's open cart as staff, if it is still as it was seen. Sent twice it is done once, and the
        second waits for what became of the first. Raises `ServiceError`.
        """
        path = f"/customers/{quoted(customer_id)}/cart/actions"
        headers, body = {"Idempotency-Key": key, "X-Origin": "staff"}, {"actions": [edit.action]}
        looks = stamina.retry_context(
            on=_is_under_way, attempts=LOOKS, timeout=None, wait_initial=PAUSE_S, wait_max=PAUSE_S, wait_jitter=0
        )
        async for look in looks:
            with look:
                await self.service.call("POST", store_id, path, body=body, headers=headers, etag=edit.etag)

    async def customer_of_order(self, store_id: str, order_id: str) -> str | None:
        """Whose order it is; None where there is no such order, or nobody said whose it is."""
        try:
            found: Json = await self.service.get(store_id, f"/orders/{quoted(order_id)}")
        except ServiceError as error:
            if error.status in (404, 422):
                return None
            raise
        whose: str | None = found["customer_id"]
        return whose

    async def export(self, store_id: str, customer_id: str) -> Json:
        """All that is held on a customer."""
        found: Json = await self.service.get(store_id, f"/customers/{quoted(customer_id)}/export")
        return found

    async def erase(self, store_id: str, customer_id: str) -> str:
        """Erases a customer in every service; the id of the erasure."""
        answer = await self.service.call(
            "POST",
            store_id,
            f"/customers/{quoted(customer_id)}/erasure",
            headers={"Idempotency-Key": uuid7_text()},
        )
        return str(answer.json()["erasure_id"])


def _is_under_way(error: Exception) -> bool:
    return isinstance(error, ServiceError) and error.members.get("type") == UNDER_WAY
