"""What can be sold."""

from typing import ClassVar

from pydantic import Field

from libs.contracts.events.base import Event, Units
from libs.contracts.topics import INVENTORY_LEVELS


class LevelSet(Event):
    """`available` units of a sku can be sold; `level_version` counts the changes of this sku's level."""

    type: ClassVar[str] = "inventory.level_set"
    topic: ClassVar[str] = INVENTORY_LEVELS.name

    store_id: str
    sku: str
    available: Units
    level_version: int = Field(ge=1)

    def key(self) -> str:
        """One item, one partition."""
        return f"{self.store_id}:{self.sku}"
