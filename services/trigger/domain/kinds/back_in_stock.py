"""`back_in_stock`: tells those who held an item when it sold out, or asked for it, that there is some again.

First come, first served: whoever has waited longest is told first, of each unit that came as many as the campaign says.
The rest waits, and is told when more come. Nobody is told twice of one time that it was sold out.
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from libs.contracts.events import LevelSet
from services.trigger.domain.decision import Decision, crossing_id
from services.trigger.domain.fan_outs import FanOut, Holder, decide
from services.trigger.domain.kinds.item_campaign import ItemCampaign
from services.trigger.domain.participation import Participants
from services.trigger.domain.stock_levels import Crossing, StockState


class BackInStock(ItemCampaign):
    """Tells those who held an item when it sold out, or watch it, that it is there again: no more people than units
    came, or `recipients_per_unit` for each of them.
    """

    kind: Literal["back_in_stock"]
    recipients_per_unit: int = Field(default=1, ge=1, le=100_000)

    def apply_level(self, item: StockState | None, event: LevelSet) -> tuple[StockState, Crossing | None]:
        """The item after a level was set, armed from when it is sold out; a crossing where units came since then."""
        if item is not None and event.level_version <= item.version:
            return item, None
        if event.available <= 0:
            goes_on = item is not None and item.level <= 0 and item.sold_out_at is not None
            sold_out_at = item.sold_out_at if item is not None and goes_on else event.occurred_at
            return StockState(event.available, event.level_version, True, sold_out_at), None
        sold_out_at = item.sold_out_at if item is not None else None
        state = StockState(event.available, event.level_version, sold_out_at is not None, sold_out_at)
        if item is None or sold_out_at is None or event.available <= item.level:
            return state, None
        return state, Crossing(
            crossing_id=crossing_id(self.kind, event.store_id, self.name, event.sku, event.level_version),
            store_id=event.store_id,
            campaign=self.name,
            sku=event.sku,
            level=event.available,
            level_version=event.level_version,
            occurred_at=event.occurred_at,
            recipients=(event.available - item.level) * self.recipients_per_unit,
            threshold=None,
            waiting_since=sold_out_at,
        )

    def why_over(self, fan_out: FanOut) -> str | None:
        """`sold_out` when nothing is left by now, else as of every item."""
        return "sold_out" if fan_out.level_now == 0 else super().why_over(fan_out)

    def decide(self, fan_out: FanOut, holder: Holder, participants: Participants) -> Iterator[Decision]:
        """Every step at once; whoever watches it gets one message, the first that may be sent."""
        for planned in self.planned(fan_out):
            yield (decided := decide(fan_out, holder, planned, participants))
            if holder.watch_id is not None and decided.outcome == "would_send":
                return
