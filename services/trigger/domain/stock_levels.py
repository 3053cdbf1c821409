"""An item's level as a campaign that watches it sees it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

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

    `threshold` is the level that was crossed, None where there is no such level.
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
