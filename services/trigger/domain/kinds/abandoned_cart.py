"""`abandoned_cart`: reminds of a cart that went quiet."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Literal

from pydantic import Field

from services.trigger.domain.amounts import Currency, Minor, Range
from services.trigger.domain.carts import CartState
from services.trigger.domain.conditions import Categories, Continue, InSegments
from services.trigger.domain.facts import Facts
from services.trigger.domain.kinds.campaign import Planned, QuietCartCampaign
from services.trigger.domain.origins import NotOf
from services.trigger.domain.strict import Strict

GUEST = "guest"
"""The reason of steps for a guest who has left an address, where a campaign is for those who log in."""


class Conditions(Strict):
    """What a cart must be like. `minimum_total` is in minor units: one number, or one for each currency it is for."""

    minimum_total: Minor | dict[Currency, Minor] = 0

    def unmet(self, total: int, currency: str | None) -> str | None:
        """Why a cart does not meet the conditions (`below_minimum`, `currency_not_listed`), or None when it does."""
        minimum = self.minimum_total
        if isinstance(minimum, dict):
            if currency not in minimum:
                return "currency_not_listed"
            minimum = minimum[currency]
        return "below_minimum" if total < minimum else None


class Enter(InSegments):
    """Which carts a campaign is for: `total` in minor units for each currency, the least, or the least and the most; of
    which `category`, `origin` and segments.
    """

    total: dict[Currency, Range] | None = None
    guests: Literal["with_contact", "none"] = "with_contact"
    """Guests who have left an address take part, unless nobody does who has not logged in."""
    origin: NotOf = NotOf()
    """Bots, staff and imports are left out; with `none: [bot, import]` staff's carts are reminded of as well."""

    category: Categories | None = None

    def unmet(self, total: int, currency: str | None) -> str | None:
        """Why a cart is not for it (`below_minimum`, `above_maximum`, `currency_not_listed`), or None when it is."""
        if self.total is None:
            return None
        if currency not in self.total:
            return "currency_not_listed"
        least, most = self.total[currency]
        if total < least:
            return "below_minimum"
        return "above_maximum" if most is not None and total > most else None


class AbandonedCart(QuietCartCampaign):
    """Reminds of a cart that went quiet. Delays count from the cart's last change."""

    kind: Literal["abandoned_cart"]
    enter: Enter = Enter()
    continue_: Continue = Field(default=Continue(), alias="continue")
    conditions: Conditions = Conditions()
    """As releases before `enter` said it; what both say must hold."""

    @property
    def not_of_origin(self) -> Collection[str]:
        """Whose carts the campaign is not for."""
        return self.enter.origin.none

    def plan_episode(self, cart: CartState) -> Iterator[Planned]:
        """Every step, skipped where the cart is not one that the campaign is for."""
        if self.enter.guests == "none" and cart.of_guest:
            return self.planned(cart, GUEST)
        rules = (self.enter, self.conditions)
        return self.planned(cart, next(filter(None, (rule.unmet(cart.total, cart.currency) for rule in rules)), None))

    @property
    def of_items(self) -> bool:
        """Whether it goes by what is known of goods."""
        return self.enter.category is not None or self.continue_.in_stock is not None

    @property
    def segments_named(self) -> tuple[tuple[str, str, str], ...]:
        """The segments that it goes by, each with where it is named."""
        parts = (("enter", self.enter), ("continue", self.continue_))
        return tuple((where, field, name) for where, part in parts for field, name in part.named)

    def why_not(self, cart: CartState, facts: Facts, due_at: datetime) -> str | None:
        """Why a step that is due is not sent, by facts beside the cart."""
        return (
            (self.enter.category.unmet(facts.goods(cart)) if self.enter.category else None)
            or self.enter.unmet_segments(cart, facts, cart.quiet_since)
            or self.continue_.unmet(cart, facts, due_at)
        )
