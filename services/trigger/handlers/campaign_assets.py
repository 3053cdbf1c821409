"""What is told that there is for campaigns is kept, in the caller's transaction."""

from collections.abc import Sequence

from libs.contracts.by_type import of_types
from libs.contracts.events import AssetsSet, Event
from libs.postgres.pool import Connection
from services.trigger.db import campaign_assets


async def apply_assets(connection: Connection, events: Sequence[Event]) -> None:
    """Takes over what a batch says, in its order."""
    for event in of_types(events, AssetsSet):
        await campaign_assets.keep(connection, event)
