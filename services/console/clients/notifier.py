"""What the console asks of the notifier."""

from typing import Any
from uuid import UUID

from services.console.clients.service import ServiceClient, quoted
from services.console.clients.templates import Templates
from services.console.domain.pauses import Scope

Json = dict[str, Any]


class Notifier:
    """Messages, who may be written to, and what is held back."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service
        self.templates = Templates(service)

    async def messages_of(self, store_id: str, customer_id: str) -> list[Json]:
        """The newest messages of a customer."""
        told = await self.service.get(store_id, "/messages", customer_id=customer_id)
        found: list[Json] = told["messages"]
        return found

    async def preference_changes(self, store_id: str, customer_id: str) -> list[Json]:
        """What a customer has chosen to get and not to get, the newest first, with what the page said."""
        told = await self.service.get(store_id, f"/customers/{quoted(customer_id)}/preference-changes")
        found: list[Json] = told["changes"]
        return found

    async def callbacks(self, store_id: str) -> Json:
        """The addresses at which the store's providers call back, and when they last did."""
        found: Json = await self.service.get(store_id, "/callbacks")
        return found

    async def senders(self, store_id: str) -> list[Json]:
        """What the DNS says of who sends the store's e-mails, not older than some minutes."""
        found: list[Json] = (await self.service.get(store_id, "/senders"))["senders"]
        return found

    async def coupon_pools(self, store_id: str) -> Json:
        """Where the store's coupons come from."""
        found: Json = await self.service.get(store_id, "/coupons")
        return found

    async def copy(self, store_id: str, reminder_id: UUID) -> Json | None:
        """What exactly was sent; None where nothing was, or it is not kept any more."""
        return await self.service.find(store_id, f"/messages/{reminder_id}/content")

    async def message(self, store_id: str, reminder_id: UUID) -> Json | None:
        """How one message stands; None where nothing was heard of it."""
        return await self.service.find(store_id, f"/messages/{reminder_id}")

    async def cancel(self, store_id: str, reminder_id: UUID) -> None:
        """Cancels a message that waits, or that has not come yet."""
        await self.service.call("POST", store_id, f"/messages/{reminder_id}/cancel")

    async def customers_at(self, store_id: str, address: str) -> list[str]:
        """The customers who may be reached at an address: asked by POST, so that it stands in no log."""
        answer = await self.service.call("POST", store_id, "/customers/find", body={"address": address})
        found: list[str] = answer.json()["customer_ids"]
        return found

    async def replies(self, store_id: str) -> list[Json]:
        """Replies that a person has to read."""
        found: list[Json] = (await self.service.get(store_id, "/replies"))["replies"]
        return found

    async def read_reply(self, store_id: str, message_sid: str, read_as: str, by: str) -> None:
        """Says what a person has read in a reply; a stop is done at once."""
        body = {"read_as": read_as, "by": by}
        await self.service.call("POST", store_id, f"/replies/{quoted(message_sid)}/read", body=body)

    async def suppressions(self, store_id: str, customer_id: str | None = None, after: str = "") -> Json:
        """What is closed: a page, or all that is closed to one customer."""
        asked: dict[str, str | int] = {"customer_id": customer_id} if customer_id else {"limit": 50}
        if after:
            asked["after"] = after
        page: Json = await self.service.get(store_id, "/suppressions", **asked)
        return page

    async def lift(self, store_id: str, channel: str, subject: str, reasons: list[str], by: str, why: str) -> int:
        """Lifts what is closed; how much it was."""
        body = {"channel": channel, "subject": subject, "reasons": reasons, "by": by, "why": why}
        answer = await self.service.call("POST", store_id, "/suppressions/lift", body=body)
        return len(answer.json()["suppressions"])

    async def pauses(self, store_id: str) -> list[Json]:
        """What is held back."""
        found: list[Json] = (await self.service.get(store_id, "/pauses"))["pauses"]
        return found

    async def pause(self, store_id: str, scope: Scope, why: str) -> list[Json]:
        """Holds messages back from now on; what is held back then."""
        body = {"campaign": scope.campaign, "step": scope.step, "channel": scope.channel, "why": why}
        found: list[Json] = (await self.service.call("PUT", store_id, "/pauses", body=body)).json()["pauses"]
        return found

    async def resume(self, store_id: str, scope: Scope) -> int:
        """Lets go what a pause holds back; how many messages that are."""
        query: dict[str, str | int] = {"campaign": scope.campaign, "step": scope.step, "channel": scope.channel}
        return int((await self.service.call("DELETE", store_id, "/pauses", query=query)).json()["released"])

    async def preview(self, store_id: str, template: str, language: str, channel: str, customer: str = "") -> Json:
        """A template with sample goods; with the name of a customer, where one is named."""
        query = {"template": template, "channel": channel, "language": language, "customer": customer}
        shown: Json = await self.service.get(
            store_id, "/preview", **{name: value for name, value in query.items() if value}
        )
        return shown

    async def send_test(self, store_id: str, test: Json) -> Json:
        """Sends a test of a template to one of the store's own addresses; what the provider said."""
        said: Json = (await self.service.call("POST", store_id, "/preview/send", body=test)).json()
        return said

    async def export(self, store_id: str, customer_id: str) -> Json:
        """All that is held on a customer."""
        found: Json = await self.service.get(store_id, f"/customers/{quoted(customer_id)}/export")
        return found
