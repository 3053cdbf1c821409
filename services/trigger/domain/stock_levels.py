"""An item's level as a campaign that watches it sees it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from libs.contracts.events import ToldPrice

SETTLING = timedelta(seconds=2)
"""So long after its crossing a fan-out begins: what runs low with the item is then known, and named with it."""
Item = tuple[str, str, str]
"""Store, sku, campaign."""


@dataclass(frozen=True, slots=True)
class StockState:
    """An item as one campaign sees it: `armed` while the next crossing is to be answered.

    `sold_out_at` is when it sold out last, for campaigns that go by that.
    """

    level: int
    version: int
    armed: bool
    sold_out_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Crossing:
    """A level that a campaign answers: `recipients` is how many people it justifies telling.

    `threshold` is the level that was crossed, None where there is no such level. People are told after `wait`.
    Where it is about prices, `fallen` are those that fell, and `level` is the lowest of them. Where it is about
    those who wait for the item, `waiting_since` is when it sold out.
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
    fallen: tuple[ToldPrice, ...] = ()
    waiting_since: datetime | None = None

    @property
    def begins_at(self) -> datetime:
        """When people begin to be told."""
        return self.occurred_at + self.wait
