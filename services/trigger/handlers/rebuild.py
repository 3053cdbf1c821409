"""What topics tell is taken in anew, beside the tables in use: the ordinary handlers, with nothing decided."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from libs.contracts.events import CartEvent, Event, LevelSet, OrderEvent, OrderPlaced, PriceSet
from libs.inbox.records import Received
from libs.postgres.clock import database_now
from libs.postgres.pool import Connection
from services.trigger.domain.batch import CampaignsOf
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.handlers.carts import apply_cart_events
from services.trigger.handlers.occasions import apply_changes, changes_of_batch
from services.trigger.handlers.orders import apply_orders
from services.trigger.handlers.price_levels import keep_prices
from services.trigger.handlers.reach import apply_reach
from services.trigger.handlers.stock_levels import apply_levels


@dataclass(frozen=True)
class Silent(StoreCampaigns):
    """No campaign, of a store that has some: what those go by is kept, and nothing is planned or decided."""

    real: StoreCampaigns = field(default_factory=StoreCampaigns)

    @property
    def subjects(self) -> frozenset[str]:
        """What is kept of what happened."""
        return self.real.subjects

    def is_held(self, origin: str | None) -> bool:
        """Whether what is in carts of this origin is kept."""
        return self.real.is_held(origin)


def silent(campaigns: CampaignsOf) -> CampaignsOf:
    """The campaigns of stores, none of which answers anything."""
    return lambda store_id: Silent(real=campaigns(store_id))


async def take_in(connection: Connection, received: Sequence[Received[Event]], campaigns: CampaignsOf) -> None:
    """Takes in a batch, in the order of its records, in the caller's transaction. Erasures are passed over: whoever was
    erased is known, and what they did before it changes nothing.
    """
    now, quiet = await database_now(connection), silent(campaigns)
    events = [r.event for r in received]
    await apply_orders(connection, [event for event in events if isinstance(event, OrderPlaced | OrderEvent)])
    await apply_reach(connection, events)
    carts = [(r.event, r.partition) for r in received if isinstance(r.event, CartEvent)]
    await apply_cart_events(connection, carts, quiet, now)
    await apply_changes(connection, changes_of_batch(received, quiet), quiet, now)
    await apply_levels(connection, [event for event in events if isinstance(event, LevelSet)], quiet)
    await keep_prices(connection, [event for event in events if isinstance(event, PriceSet)], quiet)
