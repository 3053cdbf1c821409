"""`price_drop`: tells those who hold an item that it costs less than it did when it came into their cart.

The price of before is the one that the customer saw; where a cart tells none, it is what the store had told before it.
Nobody is told of a price twice, nor of one that is not lower than one that they were told of.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from libs.contracts.events import PriceSet, ToldPrice
from libs.money.currencies import CODES
from services.trigger.domain.decision import Decision, crossing_id
from services.trigger.domain.fan_outs import EVERYBODY, FanOut, Holder, decide
from services.trigger.domain.kinds.item_campaign import ItemCampaign
from services.trigger.domain.participation import Participants
from services.trigger.domain.stock_levels import Crossing

PERCENT = "percent"


def _said(value: Any) -> Any:  # noqa: ANN401 - pydantic hands in whatever the file holds
    if isinstance(value, Mapping) and PERCENT in value and len(value) > 1:
        raise ValueError("name a percent, or amounts by currency, not both")
    return value


def _known(by: dict[str, int]) -> dict[str, int]:
    if not by:
        raise ValueError("name a percent, or an amount in minor units for each currency")
    for name, least in by.items():
        if name == PERCENT and least > 99:
            raise ValueError("a price falls by at most 99 percent")
        if name != PERCENT and name not in CODES:
            raise ValueError(f"{name!r} is neither percent nor a currency of ISO 4217 such as EUR")
    return by


By = Annotated[dict[str, Annotated[int, Field(ge=1)]], BeforeValidator(_said), AfterValidator(_known)]
"""`{percent: 10}`, or minor units for each currency: `{EUR: 500}`."""


class PriceDrop(ItemCampaign):
    """Tells those who hold an item that it costs less than they saw, by a share or by an amount, or more.

    Of `max_recipients`, where it is given, those who touched it last are told.
    """

    kind: Literal["price_drop"]
    by: By = Field(default_factory=lambda: {PERCENT: 10})
    max_recipients: int | None = Field(default=None, ge=1)

    def apply_prices(self, event: PriceSet, fallen: tuple[ToldPrice, ...]) -> Crossing | None:
        """A crossing where any price of the item fell; by how much is asked of each holder."""
        if not fallen:
            return None
        return Crossing(
            crossing_id=crossing_id(self.kind, event.store_id, self.name, event.sku, event.price_version),
            store_id=event.store_id,
            campaign=self.name,
            sku=event.sku,
            level=min(told.price for told in fallen),
            level_version=event.price_version,
            occurred_at=event.occurred_at,
            recipients=self.max_recipients or EVERYBODY,
            threshold=None,
            fallen=fallen,
        )

    def why_over(self, fan_out: FanOut) -> str | None:
        """`superseded` when the item has another price by now, else as of every item."""
        return "superseded" if fan_out.superseded else super().why_over(fan_out)

    def decide(self, fan_out: FanOut, holder: Holder, participants: Participants) -> Iterator[Decision]:
        """Every step at once; what it says holds while the item costs no more."""
        told = min((t for t in fan_out.fallen if t.currency == holder.currency), key=lambda t: t.price, default=None)
        seen = holder.seen_price if holder.seen_price is not None or told is None else told.previous
        price = None if told is None else told.price
        skip = self.unmet_price(price, seen, holder)
        for planned in self.planned(fan_out):
            yield decide(fan_out, holder, planned._replace(skip=skip), participants, price=price)

    def unmet_price(self, price: int | None, seen: int | None, holder: Holder) -> str | None:
        """Why a holder is not told of a price, where it is that: `price_as_seen` (it didn't fall in their currency, or
        not for them), `currency_not_listed`, `fell_too_little`, `price_told_before`.
        """
        if price is None or seen is None or price >= seen:
            return "price_as_seen"
        if (percent := self.by.get(PERCENT)) is not None:
            enough = (seen - price) * 100 >= percent * seen
        elif holder.currency not in self.by:
            return "currency_not_listed"
        else:
            enough = seen - price >= self.by[holder.currency]
        if not enough:
            return "fell_too_little"
        return "price_told_before" if holder.told_price is not None and holder.told_price <= price else None
