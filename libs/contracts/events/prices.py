"""What goods cost."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from libs.contracts.events.base import Event, Minor, Sku, StoreId
from libs.contracts.topics import PRICE_LEVELS


class ToldPrice(BaseModel):
    """What a unit costs with some choice of options, or (without any) whatever is chosen."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    currency: str = Field(description="ISO 4217.")
    price: Minor = Field(description="Of one unit, in minor units of the currency.")
    options: dict[str, str] = Field(
        default_factory=dict, description="The choice; of the prices that fit, the one that names most options counts."
    )
    previous: Minor | None = Field(default=None, description="What it was before, where it is this that has changed.")


class PriceSet(Event):
    """What a sku costs now: all prices that its store has told of it. `price_version` counts their changes."""

    type: ClassVar[str] = "price.set"
    topic: ClassVar[str] = PRICE_LEVELS.name

    store_id: StoreId
    sku: Sku
    price_version: int = Field(ge=1, description="Counts the changes of the sku's prices.")
    prices: tuple[ToldPrice, ...] = Field(description="Each choice of options in each currency.")

    def key(self) -> str:
        """One item, one partition."""
        return f"{self.store_id}:{self.sku}"
