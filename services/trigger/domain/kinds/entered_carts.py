"""What campaigns on quiet carts have in common that say which carts they are for: `enter`, `continue`. Pure."""

from collections.abc import Collection, Hashable, Iterable
from functools import cached_property

from pydantic import Field

from services.trigger.domain.carts import CartState
from services.trigger.domain.conditions import Continue, Enter
from services.trigger.domain.kinds.campaign import Conditional, Planned, QuietCartCampaign


class EnteredCartCampaign(Conditional, QuietCartCampaign):
    """Reminds of quiet carts that are as `enter` says, as long as `continue` holds."""

    enter: Enter = Enter()
    continue_: Continue = Field(default=Continue(), alias="continue")

    @property
    def not_of_origin(self) -> Collection[str]:
        """Whose carts the campaign is not for."""
        return self.enter.origin.none

    @cached_property
    def _asks_whom(self) -> bool:
        """Whether `unmet` says anything of anybody."""
        return self.enter.guests == "none" or self.of_amounts

    def unmet_cart(self, cart: CartState) -> str | None:
        """Why a cart is not one that the campaign is for, or None."""
        return self.unmet(cart.customer_id, cart.total, cart.currency) if self._asks_whom else None

    def plan_episode(self, cart: CartState) -> Iterable[Planned]:
        """Every step, skipped where the cart is not one that the campaign is for."""
        return self.planned(cart, self.unmet_cart(cart))

    def plans_by(self, cart: CartState) -> Hashable | None:
        """Why none of its steps would be sent; nothing is said where they wait for windows, or count from elsewhere."""
        own = type(self).plan_episode is not EnteredCartCampaign.plan_episode
        if own or self._schedule.windows or self.since(cart) is not cart.quiet_since:
            return None
        return self.unmet_cart(cart), cart.origin
