"""What can be sold."""

from typing import ClassVar

from pydantic import Field

from libs.contracts.events.base import Event, Sku, StoreId, Units
from libs.contracts.topics import INVENTORY_CROSSINGS, INVENTORY_LEVELS


class LevelSet(Event):
    """`available` units of a sku can be sold, over all locations; `level_version` counts the changes of this level.

    The store calls it low from `threshold` units down, and over that again from `rearm_above` units above it.
    """

    type: ClassVar[str] = "inventory.level_set"
    topic: ClassVar[str] = INVENTORY_LEVELS.name

    store_id: StoreId
    sku: Sku
    available: Units = Field(description="Units that can be sold, over all locations.")
    level_version: int = Field(ge=1, description="Counts the changes of this level.")
    threshold: Units | None = Field(default=None, description="So many or fewer are low.")
    rearm_above: Units | None = Field(default=None, description="So many over the threshold, it is low no more.")
    category: str | None = Field(default=None, description="Of the item, as the shop calls it.")
    backorder: bool | None = Field(default=None, description="True where it may be ordered though none is left.")

    def key(self) -> str:
        """One item, one partition."""
        return f"{self.store_id}:{self.sku}"


class LevelCrossed(Event):
    """The level of a sku crossed its threshold, at `location` or (None) over all; told once for each crossing.

    `level_version` counts the changes of that level; the level is low at `threshold` or less, until it is
    `rearm_above` units above that.
    """

    topic: ClassVar[str] = INVENTORY_CROSSINGS.name

    store_id: StoreId
    sku: Sku
    location: str | None = Field(default=None, description="Where; none: over all locations.")
    category: str | None = Field(default=None, description="Of the item, as the shop calls it.")
    available: Units = Field(description="Units that can be sold there.")
    level_version: int = Field(ge=1, description="Counts the changes of this level.")
    threshold: Units = Field(description="So many or fewer are low.")
    rearm_above: Units = Field(description="So many over the threshold, it is low no more.")

    def key(self) -> str:
        """One item, one partition."""
        return f"{self.store_id}:{self.sku}"


class LevelLow(LevelCrossed):
    """The level fell to its threshold."""

    type: ClassVar[str] = "inventory.level_low"


class LevelRecovered(LevelCrossed):
    """The level, once low, rose clear of its threshold."""

    type: ClassVar[str] = "inventory.level_recovered"
