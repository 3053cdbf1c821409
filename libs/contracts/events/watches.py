"""Who waits for an item that is not there."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.contracts.events.base import Event, Sku, StoreId
from libs.contracts.topics import CART_EVENTS


class WatchEvent(Event):
    """Somebody asked to be told when an item is back, or does not wait any more.

    What was chosen of the item is not told: stock is of skus, and people write into options. A watch keeps its id when
    it goes over to another customer, so that it is told once.
    """

    topic: ClassVar[str] = CART_EVENTS.name

    watch_id: UUID = Field(description="The watch.")
    watch_version: int = Field(ge=1, description="Counts what became of the watch: the higher one is newer.")
    store_id: StoreId
    customer_id: str | None = Field(
        default=None, description="Who waits: a customer, or a guest who left an address; none where they were erased."
    )
    sku: Sku
    set_at: AwareDatetime = Field(description="Since when they wait: who has waited longest is told first.")

    def key(self) -> str:
        """One watch, one partition."""
        return str(self.watch_id)


class WatchSet(WatchEvent):
    """Somebody waits for an item from now on, or instead of whoever waited before."""

    type: ClassVar[str] = "watch.set"


class WatchCleared(WatchEvent):
    """Nobody waits any more. `reason` is a stable word."""

    type: ClassVar[str] = "watch.cleared"

    reason: str = Field(
        description="`asked`, `told`, `ordered`, `expired`, `watched_already` (by the customer to whom it would have "
        "gone), `erased`, or a new one."
    )
