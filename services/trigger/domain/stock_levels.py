"""An item's level as a campaign that watches it sees it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

SETTLING = timedelta(seconds=2)
"""So long after its crossing a fan-out begins: what runs low with the item is then known, and named with it."""
Item = tuple[str, str, str]
"""Store, sku, campaign."""


@dataclass(frozen=True, slots=True)
class StockState:
    """An item as one campaign sees it: `armed` while the next crossing is to be answered."""

    level: int
    version: int
    armed: bool


@dataclass(frozen=True, slots=True)
class Crossing:
    """A level that a campaign answers: `recipients` is how many people it justifies telling.

    `threshold` is the level that was crossed, None where there is no such level. People are told after `wait`.
    """

    crossing_id: UUID
    store_id: str
    campaign: str
    sku: str
    level: int
    level_version: int
    occurred_at: datetime
    recipients: int
    threshold: int | None
    wait: timedelta = SETTLING

    @property
    def begins_at(self) -> datetime:
        """When people begin to be told."""
        return self.occurred_at + self.wait
