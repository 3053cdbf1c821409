"""What is told of stores is kept, in the caller's transaction."""

from collections.abc import Sequence

from libs.contracts.by_type import of_types
from libs.contracts.events import Event, StoreClosed, StoreDescribed
from libs.postgres.pool import Connection
from services.trigger.db import stores


async def apply_stores(connection: Connection, events: Sequence[Event]) -> None:
    """Takes over what a batch says, in its order."""
    told: list[StoreDescribed | StoreClosed] = of_types(events, StoreDescribed, StoreClosed)
    for event in told:
        if isinstance(event, StoreDescribed):
            await stores.keep(connection, event)
        else:
            await stores.forget(connection, event.store_id)
