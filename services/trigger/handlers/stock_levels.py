"""What levels mean for the campaigns that watch them is written, with the fan-outs, in the caller's transaction."""

from collections.abc import Sequence

from libs.contracts.events import LevelSet
from libs.postgres.pool import Connection
from services.trigger import metrics
from services.trigger.db import facts, fan_outs, stock_levels
from services.trigger.domain.batch import CampaignsOf
from services.trigger.domain.stock_levels import Crossing, Item, StockState


async def apply_levels(connection: Connection, events: Sequence[LevelSet], campaigns: CampaignsOf) -> None:
    """Applies levels, in order; a crossing from before its campaign was switched on starts no fan-out."""
    if events:
        await facts.save_items(connection, events)
    watched = [(event, campaign, since) for event in events for campaign, since in campaigns(event.store_id).on_stock]
    if not watched:
        return
    known = await stock_levels.known_levels(connection, [(e.store_id, e.sku, c.name) for e, c, _ in watched])
    changed: dict[Item, StockState] = {}
    crossings: list[Crossing] = []
    for event, campaign, since in watched:
        item = (event.store_id, event.sku, campaign.name)
        before = known.get(item)
        state, crossing = campaign.apply_level(before, event)
        if state is not before:
            known[item] = changed[item] = state
        if crossing is not None and crossing.occurred_at >= since:
            crossings.append(crossing)
    await stock_levels.save_levels(connection, changed)
    await fan_outs.open_fan_outs(connection, crossings)
    metrics.CROSSINGS.inc(len(crossings))
