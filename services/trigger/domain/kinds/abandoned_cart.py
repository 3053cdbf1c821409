"""`abandoned_cart`: reminds of a cart that went quiet."""

from collections.abc import Collection, Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from libs.money.currencies import CODES
from services.trigger.domain.carts import CartState
from services.trigger.domain.kinds.campaign import Planned, QuietCartCampaign
from services.trigger.domain.origins import NotOf
from services.trigger.domain.strict import Strict

GUEST = "guest"
"""The reason of steps for a guest who has left an address, where a campaign is for those who log in."""

_Minor = Annotated[int, Field(ge=0)]


def _known(code: str) -> str:
    if code not in CODES:
        raise ValueError(f"{code!r} is not a currency of ISO 4217 such as EUR")
    return code


def _range(value: Any) -> Any:  # noqa: ANN401 - pydantic hands in whatever the file holds
    """One number is the least, two are the least and the most."""
    return [value, None] if isinstance(value, int) else value


def _in_order(bounds: tuple[int, int | None]) -> tuple[int, int | None]:
    if bounds[1] is not None and bounds[1] < bounds[0]:
        raise ValueError("the most is less than the least")
    return bounds


_Currency = Annotated[str, AfterValidator(_known)]
_Range = Annotated[tuple[_Minor, _Minor | None], BeforeValidator(_range), AfterValidator(_in_order)]


class Conditions(Strict):
    """What a cart must be like. `minimum_total` is in minor units: one number, or one for each currency it is for."""

    minimum_total: _Minor | dict[_Currency, _Minor] = 0

    def unmet(self, total: int, currency: str | None) -> str | None:
        """Why a cart does not meet the conditions (`below_minimum`, `currency_not_listed`), or None when it does."""
        minimum = self.minimum_total
        if isinstance(minimum, dict):
            if currency not in minimum:
                return "currency_not_listed"
            minimum = minimum[currency]
        return "below_minimum" if total < minimum else None


class Enter(Strict):
    """Which carts a campaign is for: `total` in minor units for each currency, the least, or the least and the most."""

    total: dict[_Currency, _Range] | None = None
    guests: Literal["with_contact", "none"] = "with_contact"
    """Guests who have left an address take part, unless nobody does who has not logged in."""
    origin: NotOf = NotOf()
    """Bots, staff and imports are left out; with `none: [bot, import]` staff's carts are reminded of as well."""

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
