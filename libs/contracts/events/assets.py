"""What a store's campaigns can make use of: names of templates and of pools of coupons, and nothing that they say."""

from typing import ClassVar

from pydantic import Field

from libs.contracts.events.base import Event, StoreId
from libs.contracts.topics import CAMPAIGN_ASSETS


class AssetsSet(Event):
    """These templates and pools of coupons there are for a store's campaigns now, those that ship among them."""

    type: ClassVar[str] = "campaign.assets_set"
    topic: ClassVar[str] = CAMPAIGN_ASSETS.name

    store_id: StoreId
    assets_version: int = Field(ge=1, description="Grows with every change: the higher one is newer.")
    templates: dict[str, tuple[str, ...]] | None = Field(
        default=None,
        description="By the name of a template the channels that it has words for; null: nothing is told of them.",
    )
    pools: tuple[str, ...] = Field(default=(), description="The names of its pools of coupons.")

    def key(self) -> str:
        """One store, one partition."""
        return self.store_id
