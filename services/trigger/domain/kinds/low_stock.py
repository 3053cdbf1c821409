"""`low_stock`: tells those who hold an item that it runs low.

Armed while there is plenty; the fall to the threshold or below it fires once; only the step up to `threshold +
rearm_above` arms again, so that a level that trembles around the threshold tells nobody twice. A level that rises is no
fall, wherever its threshold has gone meanwhile: it stays armed, and the next fall is told.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Annotated, Literal, Self
from unicodedata import normalize

from pydantic import AfterValidator, Field, model_validator

from libs.contracts.events import LevelSet, LowItem
from services.trigger.domain.decision import Decision, crossing_id
from services.trigger.domain.fan_outs import TOGETHER, FanOut, Holder, decide
from services.trigger.domain.kinds.item_campaign import ItemCampaign
from services.trigger.domain.participation import Participants
from services.trigger.domain.stock_levels import SETTLING, Crossing, StockState
from services.trigger.domain.timing.durations import Duration

Beginning = Annotated[str, AfterValidator(partial(normalize, "NFC")), Field(min_length=1)]
"""Of a sku, with its letters as the cart service writes them."""
THRESHOLD, REARM_ABOVE = 5, 3
"""Where neither the campaign nor the store says anything: a cart service of an older release."""


class LowStock(ItemCampaign):
    """Tells those who hold an item that it runs low.

    Fires once when the level falls to the threshold, and again after it has been `rearm_above` units above that.
    `thresholds` are those of items whose sku begins so; the longest beginning counts, `threshold` is for all others.
    What the campaign does not name is as the store says, per category, sku and location; it comes with the level.
    With a `group` the message waits so long for other items of the customer to run low, and names them all.
    """

    kind: Literal["low_stock"]
    threshold: int | None = Field(default=None, ge=1, le=1_000_000)
    thresholds: dict[Beginning, Annotated[int, Field(ge=1, le=1_000_000)]] = Field(default_factory=dict)
    rearm_above: int | None = Field(default=None, ge=1, le=1_000_000)
    group: Duration | None = Field(default=None, gt=timedelta(0))
    recipients_per_unit: int = Field(default=10, ge=1, le=100_000)

    @model_validator(mode="after")
    def _is_told_after_its_group(self) -> Self:
        shortest = min(step.lateness for step in self.steps)
        if self.group is not None and self.group >= shortest:
            raise ValueError(f"group has to be shorter than the lateness of each step, here {shortest}")
        return self

    @property
    def together(self) -> timedelta:
        """Items that run low within this time are one message to whoever holds several of them."""
        return self.group or TOGETHER

    def threshold_of(self, sku: str, of_store: int | None = None) -> int:
        """The level at which an item runs low; `of_store` is what the store says of it."""
        begins = [prefix for prefix in self.thresholds if sku.startswith(prefix)]
        if begins:
            return self.thresholds[max(begins, key=len)]
        told = (self.threshold, of_store, THRESHOLD)
        return next(threshold for threshold in told if threshold is not None)

    def rearmed_from(self, sku: str, of_store: int | None = None, margin: int | None = None) -> int:
        """The level from which an item may run low again; `margin` is how far above the store says."""
        return self.threshold_of(sku, of_store) + (self.rearm_above or margin or REARM_ABOVE)

    def apply_level(self, item: StockState | None, event: LevelSet) -> tuple[StockState, Crossing | None]:
        """The item after a level was set, and the crossing if it was one.

        What is not newer changes nothing. The first level ever seen is no crossing: nobody saw it fall.
        """
        if item is not None and event.level_version <= item.version:
            return item, None
        threshold = self.threshold_of(event.sku, event.threshold)
        low = event.available <= threshold
        if item is None:
            return StockState(event.available, event.level_version, not low), None
        if item.armed and low and event.available < item.level:
            return StockState(event.available, event.level_version, False), self._crossing(event, threshold)
        armed = item.armed or event.available >= self.rearmed_from(event.sku, event.threshold, event.rearm_above)
        return StockState(event.available, event.level_version, armed), None

    def _crossing(self, event: LevelSet, threshold: int) -> Crossing:
        return Crossing(
            crossing_id=crossing_id(self.kind, event.store_id, self.name, event.sku, event.level_version),
            store_id=event.store_id,
            campaign=self.name,
            sku=event.sku,
            level=event.available,
            level_version=event.level_version,
            occurred_at=event.occurred_at,
            recipients=event.available * self.recipients_per_unit,
            threshold=threshold,
            wait=self.group or SETTLING,
        )

    def why_over(self, fan_out: FanOut) -> str | None:
        """`restocked`, `expired` when no step may be sent any more, `done` when enough people were told, or None."""
        return "restocked" if fan_out.rearmed else super().why_over(fan_out)

    def decide(self, fan_out: FanOut, holder: Holder, participants: Participants) -> Iterator[Decision]:
        """Every step at once; what it says of an item holds up to the threshold that was crossed."""
        if holder.also_low:
            also = (LowItem(sku=i.sku, threshold=self._crossed(i.sku, i.threshold)) for i in holder.also_low)
            holder = holder._replace(also_low=tuple(also))
        threshold = self._crossed(fan_out.sku, fan_out.threshold)
        for planned in self.planned(fan_out):
            yield decide(fan_out, holder, planned, participants, threshold)

    def _crossed(self, sku: str, kept: int | None) -> int:
        """The threshold that was kept with a crossing; a release of before kept none."""
        return self.threshold_of(sku) if kept is None else kept
