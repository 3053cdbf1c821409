"""Two kinds of campaign as somebody would add them: one answers carts, one answers stock. Nobody ships them."""

from collections.abc import Iterator
from typing import Literal

from libs.contracts.events import LevelSet
from services.trigger.domain.carts import CartState
from services.trigger.domain.decision import Decision, crossing_id
from services.trigger.domain.fan_outs import FanOut, Holder, decide
from services.trigger.domain.kinds.campaign import Planned, QuietCartCampaign
from services.trigger.domain.kinds.item_campaign import ItemCampaign
from services.trigger.domain.participation import Participants
from services.trigger.domain.stock_levels import Crossing, StockState


class FirstLine(QuietCartCampaign):
    """Reminds after the first line was put into a cart, unless anything else happened to the cart."""

    kind: Literal["first_line"]

    def plan_episode(self, cart: CartState) -> Iterator[Planned]:
        """Every step of a cart that is as its first line made it."""
        if cart.version == 1:
            yield from self.planned(cart)


class SoldAgain(ItemCampaign):
    """Tells those who hold an item that it was sold out and is there again, as many of them as there are units."""

    kind: Literal["sold_again"]

    def apply_level(self, item: StockState | None, event: LevelSet) -> tuple[StockState, Crossing | None]:
        """Armed while it is sold out."""
        if item is not None and event.level_version <= item.version:
            return item, None
        after = StockState(event.available, event.level_version, armed=event.available == 0)
        if item is None or not item.armed or after.armed:
            return after, None
        return after, Crossing(
            crossing_id=crossing_id(self.kind, event.store_id, self.name, event.sku, event.level_version),
            store_id=event.store_id,
            campaign=self.name,
            sku=event.sku,
            level=event.available,
            level_version=event.level_version,
            occurred_at=event.occurred_at,
            recipients=event.available,
            threshold=None,
        )

    def why_over(self, fan_out: FanOut) -> str | None:
        """When enough people were told, or it is sold out again."""
        return "done" if fan_out.rearmed or not fan_out.remaining else None

    def decide(self, fan_out: FanOut, holder: Holder, participants: Participants) -> Iterator[Decision]:
        """Every step at once."""
        for planned in self.planned(fan_out):
            yield decide(fan_out, holder, planned, participants)


CAMPAIGNS = """
campaigns:
  - name: first
    kind: first_line
    steps: [{delay: 15m, channel: email, template: welcome, variants: [{name: plain, weight: 1}]}]
  - name: again
    kind: sold_again
    steps: [{channel: sms, template: again}]
  - name: abandoned_cart
    kind: abandoned_cart
    steps: [{delay: 1h, channel: email, template: abandoned_cart}]
"""
