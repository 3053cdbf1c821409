"""Who looked at what."""

from typing import Annotated, ClassVar

from pydantic import Field

from libs.contracts.events.base import Event, Sku, StoreId
from libs.contracts.topics import CART_EVENTS


class ProductViewed(Event):
    """A customer looked at products, all that one call told of. Told only by stores that say so.

    How a page called them is not told: whoever shows them asks the cart service.
    """

    type: ClassVar[str] = "product.viewed"
    topic: ClassVar[str] = CART_EVENTS.name

    store_id: StoreId
    customer_id: str = Field(description="Who looked at them: a customer who had logged in.")
    skus: Annotated[tuple[Sku, ...], Field(min_length=1)] = Field(
        description="The items, each once: the one that was looked at last comes last."
    )

    def key(self) -> str:
        """One customer, one partition."""
        return f"{self.store_id}:{self.customer_id}"
