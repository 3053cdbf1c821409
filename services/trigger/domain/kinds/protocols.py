"""What a kind of campaign answers: a cart that went quiet, something that happened, an item's level. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from libs.contracts.events import LevelSet, PriceSet, ToldPrice
from services.trigger.domain.carts import CartState
from services.trigger.domain.decision import Decision
from services.trigger.domain.facts import Facts
from services.trigger.domain.fan_outs import FanOut, Holder
from services.trigger.domain.kinds.campaign import Planned
from services.trigger.domain.participation import Participants
from services.trigger.domain.stock_levels import Crossing, StockState
from services.trigger.domain.timing.steps import Step


@runtime_checkable
class CartCampaign(Protocol):
    """Answers carts that went quiet. Changes void what was planned, guests are skipped: a kind has no part in that."""

    @property
    def name(self) -> str:
        """The campaign's name."""

    @property
    def steps(self) -> Sequence[Step]:
        """In order of their delays."""

    def since(self, cart: CartState) -> datetime | None:
        """When that began in a quiet cart from which its steps count, such as the quiet; None where it has not."""

    def plan_episode(self, cart: CartState) -> Iterable[Planned]:
        """The steps for a cart that is idle, none due before its delay has passed since the cart went quiet."""


@runtime_checkable
class OccasionCampaign(Protocol):
    """Follows something that happened. That it happens again or comes to nothing voids what was planned."""

    @property
    def name(self) -> str:
        """The campaign's name."""

    @property
    def subject(self) -> str:
        """What it follows, such as `order.shipped` (`domain/occasion_changes.py`)."""

    def plan_occasion(self, since: datetime, facts: Mapping[str, Any], zone: str | None = None) -> Iterable[Planned]:
        """The steps of what happened at `since`, with what is known of it, to a customer in `zone`."""


class TellingCampaign(Protocol):
    """Answers what becomes of an item by telling people of it."""

    @property
    def name(self) -> str:
        """The campaign's name."""

    @property
    def look_back(self) -> timedelta:
        """Who put the item into the cart longer ago is not told."""

    @property
    def cool_down(self) -> timedelta:
        """Who was told of the item more recently is not told again."""

    @property
    def bought_within(self) -> timedelta:
        """Who ordered the item more recently, or since they put it into the cart, is not told."""

    @property
    def together(self) -> timedelta | None:
        """Items of which there is something to tell within this time are one message; None where each is its own."""

    def why_over(self, fan_out: FanOut) -> str | None:
        """Why a fan-out is over before its next page (one of the states that `fan_outs` may have), if it is."""

    def judge(self, fan_out: FanOut, holder: Holder, facts: Facts) -> Holder:
        """A holder with why the campaign is not for them, if it isn't."""

    def decide(self, fan_out: FanOut, holder: Holder, participants: Participants) -> Iterable[Decision]:
        """A decision for each step on somebody who holds the item (made by `fan_outs.decide`)."""


@runtime_checkable
class StockCampaign(TellingCampaign, Protocol):
    """Answers levels of items."""

    def apply_level(self, item: StockState | None, event: LevelSet) -> tuple[StockState, Crossing | None]:
        """The item after a level was set, and the crossing if that is one; the very same item if it changes nothing."""


@runtime_checkable
class PriceCampaign(TellingCampaign, Protocol):
    """Answers prices of items."""

    def apply_prices(self, event: PriceSet, fallen: tuple[ToldPrice, ...]) -> Crossing | None:
        """The crossing, if it is one that the prices of an item were set, of which some have `fallen`."""
