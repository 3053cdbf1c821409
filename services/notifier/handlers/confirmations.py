"""An address says yes: the cart service is told for all who have left it, in the transaction that writes it down."""

from datetime import datetime

from libs.contracts.events import ConsentConfirmed
from libs.outbox import store as outbox
from libs.postgres.pool import Connection
from libs.runtime.ids import uuid7
from services.notifier.db import confirmations
from services.notifier.handlers.source import SOURCE


async def confirm(connection: Connection, asking: confirmations.Question, wording: str, now: datetime) -> int:
    """Takes a yes, once for each who has left the address; how many have, also of those who had it already."""
    left = await confirmations.asked(connection, asking)
    told = [
        ConsentConfirmed(
            event_id=uuid7(),
            occurred_at=now,
            store_id=asking.store_id,
            customer_id=one.customer_id,
            channel=asking.channel,
            profile_version=one.profile_version,
            wording=wording,
            confirmed_at=now,
        )
        for one in left
        if not one.confirmed
    ]
    if told:
        await confirmations.confirm(connection, asking, [one.customer_id for one in told])
        await outbox.append(connection, told, SOURCE)
    return len(left)
