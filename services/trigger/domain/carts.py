"""A cart as its newest event tells it. Pure."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from libs.contracts.events import GUESTS, CartEvent, CartOrdered, CartReopened, CartSilenced, CheckoutStarted
from services.trigger.domain.exits import ORDER_PLACED, Exits
from services.trigger.domain.reach import Reach


class CartState(NamedTuple):
    """A cart as the newest event tells it: all that a decision needs.

    `goods_version` is its version when goods or quantities last changed, `quiet_since` when that was. What was due
    before `decided_until` has been decided. `total` is in minor units of `currency`. A `silent` cart is one whose
    customer has ordered since. Where it `heeds_orders` that ends every campaign's reminders, whatever the campaign
    says: the cart is the rest of an order, or holds goods given back that may have been bought after all. `origin` is
    who changed the goods last where that was no shopper: `staff`, `bot`, `import`. `checkout_since` is when its shopper
    began to pay for these goods.
    """

    cart_id: UUID
    store_id: str
    customer_id: str | None
    version: int
    goods_version: int
    quiet_since: datetime
    units: int
    total: int
    currency: str | None
    closed: bool
    decided_until: datetime
    silent: bool = False
    heeds_orders: bool = False
    origin: str | None = None
    checkout_since: datetime | None = None
    reach: Reach | None = None
    """How its customer can be reached, as far as that is known; kept beside the cart, not with it."""

    @property
    def of_guest(self) -> bool:
        """Whether it is a guest's: one who has left an address, or one of whom nothing is known."""
        return self.customer_id is None or self.customer_id.startswith(GUESTS)

    @property
    def idle(self) -> bool:
        """Whether there is anything to remind of."""
        return not self.closed and self.units > 0

    def ended_by_order(self, exit_on: Exits) -> bool:
        """Whether what its customer ordered elsewhere ended the reminders of a campaign with such an `exit_on`."""
        return self.silent and (self.heeds_orders or ORDER_PLACED in exit_on)


def apply(state: CartState | None, event: CartEvent) -> CartState:
    """The cart after an event; the very same object when the event is older than what is known, or the cart closed."""
    if state is not None and not _is_news(state, event):
        return state
    as_quiet = state if state is not None and goes_on(state, event) else None
    customer_id = event.recipient or None
    return tuple.__new__(  # by its name a named tuple costs twice as much
        CartState,
        (
            event.cart_id,
            event.store_id,
            customer_id,
            event.cart_version,
            event.goods,
            as_quiet.quiet_since if as_quiet else event.occurred_at,
            sum(event.holds.values()),
            event.total,
            event.currency,
            event.closes,
            max(as_quiet.decided_until, event.occurred_at) if as_quiet else event.occurred_at,
            bool(event.silent or (as_quiet and as_quiet.silent)),
            as_quiet.heeds_orders if as_quiet else _heeds_orders(state, event),
            as_quiet.origin if as_quiet else event.origin,
            _checkout_since(as_quiet, event),
            state.reach if state is not None and state.customer_id == customer_id else None,
        ),
    )


def _checkout_since(as_quiet: CartState | None, event: CartEvent) -> datetime | None:
    """Of goods as they are: other goods are another checkout. What staff, a bot or an import begins is none."""
    since = as_quiet.checkout_since if as_quiet else None
    begun = event.type == CheckoutStarted.type and event.origin is None
    return event.occurred_at if begun and since is None else since


def _heeds_orders(state: CartState | None, event: CartEvent) -> bool:
    """Of goods that have changed. What was given back stays in the cart until an order ends its reminders."""
    born_silent = bool(event.silent) and event.type != CartSilenced.type
    given_back = event.type == CartReopened.type or (state is not None and state.heeds_orders and not state.silent)
    return born_silent or given_back


def _is_news(state: CartState, event: CartEvent) -> bool:
    """An order silences a cart without giving it a version."""
    if state.closed or event.cart_version < state.version:
        return False
    return event.cart_version > state.version or (bool(event.silent) and not state.silent)


def goes_on(state: CartState, event: CartEvent) -> bool:
    """Whether an event leaves the goods as they were, so that the wait for the cart goes on: a note, a new owner."""
    return event.goods == state.goods_version and not event.closes


def why_voided(event: CartEvent) -> str:
    """What an event that leaves the goods not as they were does to the episode before it, as a reason."""
    if event.closes:
        return "ordered" if isinstance(event, CartOrdered) else "cart_gone"
    return "cart_changed" if event.holds else "emptied"
