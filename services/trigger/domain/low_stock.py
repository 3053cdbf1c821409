"""What an item's level means for a low-stock campaign. Pure.

Armed while there is plenty; the step down to the threshold fires once; only the step up to `threshold + rearm_above`
arms again, so that a level that trembles around the threshold tells nobody twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.contracts.events import LevelSet
from services.trigger.domain.campaigns import LowStock
from services.trigger.domain.decision import crossing_id


@dataclass(frozen=True, slots=True)
class StockState:
    """An item as one campaign sees it."""

    level: int
    version: int
    armed: bool


@dataclass(frozen=True, slots=True)
class Crossing:
    """A level that fell to the threshold: `recipients` is how many people the units left justify telling."""

    crossing_id: UUID
    store_id: str
    campaign: str
    sku: str
    level: int
    level_version: int
    occurred_at: datetime
    recipients: int
    threshold: int


def apply_level(state: StockState | None, event: LevelSet, campaign: LowStock) -> tuple[StockState, Crossing | None]:
    """The item after a level was set, and the crossing if it was one.

    What is not newer changes nothing. The first level ever seen is no crossing: nobody saw it fall.
    """
    if state is not None and event.level_version <= state.version:
        return state, None
    threshold = campaign.threshold_of(event.sku, event.threshold)
    low = event.available <= threshold
    if state is None:
        return StockState(event.available, event.level_version, not low), None
    if state.armed and low:
        return StockState(event.available, event.level_version, False), _crossing(event, campaign, threshold)
    armed = state.armed or event.available >= campaign.rearmed_from(event.sku, event.threshold, event.rearm_above)
    return StockState(event.available, event.level_version, armed), None


def _crossing(event: LevelSet, campaign: LowStock, threshold: int) -> Crossing:
    return Crossing(
        crossing_id=crossing_id(event.store_id, campaign.name, event.sku, event.level_version),
        store_id=event.store_id,
        campaign=campaign.name,
        sku=event.sku,
        level=event.available,
        level_version=event.level_version,
        occurred_at=event.occurred_at,
        recipients=event.available * campaign.recipients_per_unit,
        threshold=threshold,
    )


def held_since(
    before: Mapping[str, tuple[int, datetime]], holds: Mapping[str, int], at: datetime
) -> dict[str, tuple[int, datetime]]:
    """sku → units and when they last changed, after a change of the cart at `at` that left it with `holds`."""
    return {
        sku: before[sku] if sku in before and before[sku][0] == units else (units, at)
        for sku, units in holds.items()
        if units > 0
    }
