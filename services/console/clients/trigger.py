"""What the console asks of the trigger."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.console.clients.backtests import Backtests
from services.console.clients.service import ServiceClient, ServiceError, quoted

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class InForce:
    """A store's campaigns as they are, and the entity tag by which they are replaced."""

    told: Json
    etag: str


class Trigger:
    """Campaigns, their versions, and why somebody was or was not to be told."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service
        self.backtests = Backtests(service)

    async def campaigns(self, store_id: str) -> InForce:
        """What is switched on."""
        answer = await self.service.call("GET", store_id, "/campaigns")
        return InForce(answer.json(), answer.headers.get("etag", ""))

    async def put(self, store_id: str, document: str, etag: str, *, dry_run: bool) -> Json:
        """Sets all campaigns of a store, or tells what that would change."""
        answer = await self.service.call(
            "PUT",
            store_id,
            "/campaigns",
            content=document.encode(),
            headers={"Content-Type": "application/yaml"},
            etag="" if dry_run else etag,
            dry_run=dry_run,
        )
        changes: Json = answer.json()
        return changes

    async def roll_back(self, store_id: str, version: int, etag: str, *, dry_run: bool) -> Json:
        """Puts an old version in force again."""
        answer = await self.service.call(
            "POST",
            store_id,
            "/campaigns/rollback",
            body={"version": version},
            etag="" if dry_run else etag,
            dry_run=dry_run,
        )
        changes: Json = answer.json()
        return changes

    async def versions(self, store_id: str) -> list[Json]:
        """Every version, the newest first."""
        found: list[Json] = (await self.service.get(store_id, "/campaigns/versions", limit=20))["versions"]
        return found

    async def version(self, store_id: str, number: int) -> Json:
        """One version, as it was said."""
        found: Json = await self.service.get(store_id, f"/campaigns/versions/{number}")
        return found

    async def explain(self, store_id: str, customer_id: str) -> Json:
        """Decisions on a customer, their carts, and what is ahead."""
        found: Json = await self.service.get(store_id, "/explain", customer=customer_id)
        return found

    async def items(self, store_id: str, skus: Collection[str]) -> dict[str, Json]:
        """Items that are named, by sku: what is left, in how many carts they are, how many wait for them."""
        if not skus:
            return {}
        told = (await self.service.call("GET", store_id, "/items", query={"sku": list(skus)})).json()
        return {one["sku"]: one for one in told["items"]}

    async def waited_items(self, store_id: str, begins: str, after: str, most: int) -> Json:
        """The items for which people wait, a page of them, and how much all of it is."""
        asked: dict[str, str | int] = {"begins": begins, "after": after, "limit": most}
        found: Json = await self.service.get(
            store_id, "/items/waited-for", **{name: value for name, value in asked.items() if value}
        )
        return found

    async def people_of_item(self, store_id: str, sku: str, after: str, most: int) -> Json:
        """Who has an item in a cart, and who waits for it, the newest first: by their ids."""
        asked: dict[str, str | int] = {"sku": sku, "after": after, "limit": most}
        found: Json = await self.service.get(
            store_id, "/items/people", **{name: value for name, value in asked.items() if value}
        )
        return found

    async def explain_cart(self, store_id: str, cart_id: UUID) -> Json:
        """Decisions on a cart, and what is ahead of it."""
        found: Json = await self.service.get(store_id, "/explain", cart=str(cart_id))
        return found

    async def cancel(self, store_id: str, cart_id: UUID, reminder_id: UUID) -> bool:
        """Cancels what is ahead of a cart; False where it was asked for before, so that it is the notifier's."""
        try:
            await self.service.call("POST", store_id, f"/carts/{cart_id}/reminders/{reminder_id}/cancel")
        except ServiceError as error:
            if error.status == 409 and error.members.get("outcome") == "would_send":
                return False
            raise
        return True

    async def export(self, store_id: str, customer_id: str) -> Json:
        """All that is held on a customer."""
        found: Json = await self.service.get(store_id, f"/customers/{quoted(customer_id)}/export")
        return found
