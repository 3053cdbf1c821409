"""What is told of clicks is kept, in the caller's transaction."""

from collections.abc import Sequence

from libs.contracts.by_type import of_types
from libs.contracts.events import Event, MessageClicked
from libs.erasure import store as erasure
from libs.postgres.pool import Connection
from services.trigger.db import clicks


async def apply_clicks(connection: Connection, events: Sequence[Event]) -> None:
    """Keeps people's clicks; of who was erased since none. One that may be a machine's must end no campaign."""
    told = [event for event in of_types(events, MessageClicked) if event.suspected is None]
    if not told:
        return
    erased = await erasure.among(connection, [(event.store_id, event.customer_id) for event in told])
    gone = {who: one.until for who, one in erased.items()}
    living = [e for e in told if (until := gone.get((e.store_id, e.customer_id))) is None or e.occurred_at > until]
    if living:
        await clicks.keep(connection, living)
