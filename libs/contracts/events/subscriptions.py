"""What somebody would like to have again and again."""

from typing import ClassVar

from pydantic import AwareDatetime, Field

from libs.contracts.events.base import Event, StoreId
from libs.contracts.topics import MESSAGE_EVENTS


class SubscriptionRequested(Event):
    """A customer would like to have a product again and again, and has confirmed it: told once, and of several of an
    order one by one. Nothing is ordered by it.

    The shop acts on it, or not; it asks for whatever a contract needs.
    """

    type: ClassVar[str] = "subscription.requested"
    topic: ClassVar[str] = MESSAGE_EVENTS.name

    store_id: StoreId
    customer_id: str = Field(description="Who would like to have it.")
    sku: str = Field(description="The product.")
    order_id: str = Field(description="The order that it was in, which had arrived.")
    every: str = Field(description="How often: `week`, `2 weeks`, `month`, `3 months`, or a later word.")
    wording: str = Field(description="The question that was answered last, word by word: the proof.")
    confirmed_at: AwareDatetime = Field(description="When it was answered.")

    def key(self) -> str:
        """One customer, one partition."""
        return self.customer_id
