"""What a store's campaign file may say. Pure: text in, validated campaigns out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from services.trigger.domain.durations import Duration

NAME = r"^[a-z][a-z0-9_-]{0,49}$"
PLANNED_KINDS = ("back_in_stock", "price_drop")
THRESHOLD, REARM_ABOVE = 5, 3
"""Where neither the campaign nor the store says anything: a cart service of an older release."""
DEFAULT_LATENESS = timedelta(hours=12)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Variant(_Strict):
    """One arm of an A/B test: `weight` is its share, its template and coupon stand for the step's own."""

    name: str = Field(pattern=NAME)
    weight: int = Field(ge=1, le=1_000_000)
    template: str | None = Field(default=None, pattern=NAME)
    coupon: str | None = Field(default=None, min_length=1, max_length=64)


class _Message(_Strict):
    channel: Literal["email", "sms"]
    template: str = Field(pattern=NAME)
    variants: tuple[Variant, ...] = ()
    coupon: str | None = Field(default=None, min_length=1, max_length=64)

    @field_validator("variants")
    @classmethod
    def _names_differ(cls, variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
        if len({v.name for v in variants}) < len(variants):
            raise ValueError("two variants have the same name")
        return variants


class Step(_Message):
    """A message `delay` after the last change; one that is later than `lateness` is not sent.

    Where no lateness is given it is 12 hours, or the time to the next step if that is less.
    """

    delay: Duration = Field(gt=timedelta(0))
    lateness: Duration | None = Field(default=None, gt=timedelta(0))


class StockStep(_Message):
    """A message as soon as the stock is low; one that is later than `lateness` is not sent."""

    lateness: Duration = Field(default=timedelta(hours=6), gt=timedelta(0))


class Conditions(_Strict):
    """What a cart must be like. `minimum_total` is in minor units: one number, or one for each currency it is for."""

    minimum_total: Annotated[int, Field(ge=0)] | dict[str, Annotated[int, Field(ge=0)]] = 0

    @field_validator("minimum_total")
    @classmethod
    def _currencies(cls, value: int | dict[str, int]) -> int | dict[str, int]:
        for code in value if isinstance(value, dict) else ():
            if not (len(code) == 3 and code.isascii() and code.isupper()):
                raise ValueError(f"{code!r} is not a currency code such as EUR")
        return value

    def unmet(self, total: int, currency: str | None) -> str | None:
        """Why a cart does not meet the conditions (`below_minimum`, `currency_not_listed`), or None when it does."""
        minimum = self.minimum_total
        if isinstance(minimum, dict):
            if currency not in minimum:
                return "currency_not_listed"
            minimum = minimum[currency]
        return "below_minimum" if total < minimum else None


class AbandonedCart(_Strict):
    """Reminds of a cart that went quiet. Delays count from the cart's last change."""

    kind: Literal["abandoned_cart"]
    name: str = Field(pattern=NAME)
    conditions: Conditions = Conditions()
    steps: tuple[Step, ...] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _steps_follow(self) -> Self:
        """A step expires before the next is due, so that no outage makes two of them go out together."""
        for number, (step, following) in enumerate(pairwise(self.steps), start=1):
            gap = following.delay - step.delay
            if gap <= timedelta(0):
                raise ValueError(f"step {number + 1} is not later than step {number}")
            if step.lateness is not None and step.lateness > gap:
                raise ValueError(f"the lateness of step {number} reaches past step {number + 1}: at most {gap}")
        return self

    def lateness(self, number: int) -> timedelta:
        """How late the step `number` (from 1) may be."""
        return self._budgets[number - 1]

    @cached_property
    def _budgets(self) -> tuple[timedelta, ...]:
        gaps = [following.delay - step.delay for step, following in pairwise(self.steps)] + [timedelta.max]
        return tuple(step.lateness or min(gap, DEFAULT_LATENESS) for step, gap in zip(self.steps, gaps, strict=True))


class LowStock(_Strict):
    """Tells those who hold an item that it runs low.

    Fires once when the level falls to the threshold, and again after it has been `rearm_above` units above that.
    `thresholds` are those of items whose sku begins so; the longest beginning counts, `threshold` is for all others.
    What the campaign does not name is as the store says, per category, sku and location; it comes with the level.
    """

    kind: Literal["low_stock"]
    name: str = Field(pattern=NAME)
    threshold: int | None = Field(default=None, ge=1, le=1_000_000)
    thresholds: dict[Annotated[str, Field(min_length=1)], Annotated[int, Field(ge=1, le=1_000_000)]] = Field(
        default_factory=dict
    )
    rearm_above: int | None = Field(default=None, ge=1, le=1_000_000)
    look_back: Duration = Field(default=timedelta(days=30), gt=timedelta(0))
    recipients_per_unit: int = Field(default=10, ge=1, le=100_000)
    steps: tuple[StockStep, ...] = Field(min_length=1, max_length=5)

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


Campaign = Annotated[AbandonedCart | LowStock, Field(discriminator="kind")]


class CampaignFile(_Strict):
    """A whole file: campaigns with names of their own."""

    campaigns: tuple[Campaign, ...]

    @model_validator(mode="before")
    @classmethod
    def _kinds(cls, value: Any) -> Any:  # noqa: ANN401 - pydantic hands in whatever the file holds
        listed = value.get("campaigns") if isinstance(value, Mapping) else None
        for one in listed if isinstance(listed, list) else ():
            kind = one.get("kind") if isinstance(one, Mapping) else None
            if kind in PLANNED_KINDS:
                raise ValueError(f"kind {kind} is not supported yet: use abandoned_cart or low_stock")
        return value

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [c.name for c in self.campaigns]
        if twice := sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"two campaigns are named {twice[0]}")
        return self


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ActiveCampaign:
    """A campaign of a store and since when it has been switched on (aware, UTC)."""

    campaign: AbandonedCart | LowStock
    since: datetime = LONG_AGO


@dataclass(frozen=True)
class StoreCampaigns:
    """What is switched on for one store."""

    active: tuple[ActiveCampaign, ...] = ()

    @classmethod
    def always(cls, file: CampaignFile) -> Self:
        """A file's campaigns as if they had been on for ever, as a backtest wants them."""
        return cls(tuple(ActiveCampaign(c) for c in file.campaigns))

    @cached_property
    def abandoned(self) -> tuple[tuple[AbandonedCart, datetime], ...]:
        """Abandoned-cart campaigns, each with since when it is on."""
        return tuple((a.campaign, a.since) for a in self.active if isinstance(a.campaign, AbandonedCart))

    @cached_property
    def low_stock(self) -> tuple[tuple[LowStock, datetime], ...]:
        """Low-stock campaigns, each with since when it is on."""
        return tuple((a.campaign, a.since) for a in self.active if isinstance(a.campaign, LowStock))

    @cached_property
    def shortest_delay(self) -> timedelta:
        """Before this has passed since a cart's last change nothing can be due."""
        return min((campaign.steps[0].delay for campaign, _ in self.abandoned), default=timedelta.max)
