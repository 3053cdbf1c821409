"""What prices mean for the campaigns that watch them is written, with the fan-outs, in the caller's transaction."""

from collections.abc import Sequence

from libs.contracts.events import PriceSet
from libs.postgres.pool import Connection
from services.trigger import metrics
from services.trigger.db import fan_outs, price_levels
from services.trigger.domain.batch import CampaignsOf
from services.trigger.domain.price_levels import Priced, PriceState, apply_prices
from services.trigger.domain.stock_levels import Crossing


async def keep_prices(connection: Connection, events: Sequence[PriceSet], campaigns: CampaignsOf) -> None:
    """Applies prices, in order. They are kept also where no campaign watches them: one that is switched on later goes
    by what they were; of prices that fell before it was it tells nobody.
    """
    if not events:
        return
    known = await price_levels.known_prices(connection, [(event.store_id, event.sku) for event in events])
    changed: dict[Priced, PriceState] = {}
    crossings: list[Crossing] = []
    for event in events:
        item = (event.store_id, event.sku)
        before = known.get(item)
        state, fallen = apply_prices(before, event)
        if state is before:
            continue
        known[item] = changed[item] = state
        for campaign, since in campaigns(event.store_id).on_prices:
            crossing = campaign.apply_prices(event, fallen)
            if crossing is not None and crossing.occurred_at >= since:
                crossings.append(crossing)
    await price_levels.save_prices(connection, changed)
    await fan_outs.open_fan_outs(connection, crossings)
    metrics.CROSSINGS.inc(len(crossings))
