"""Who followed the links of messages. Takes a connection, never commits."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from libs.contracts.events import MessageClicked
from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.trigger.db.columns import columns
from services.trigger.domain.facts import Click
from services.trigger.domain.orders import Customer

KEEP = """
INSERT INTO clicks (reminder_id, store_id, customer_id, campaign, clicked_at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
ON CONFLICT (reminder_id) DO NOTHING
"""
OF_CUSTOMERS = """
SELECT store_id, customer_id, campaign, clicked_at
FROM clicks JOIN unnest($1::text[], $2::text[]) AS t(store_id, customer_id) USING (store_id, customer_id)
"""
FORGET = """
DELETE FROM clicks WHERE reminder_id = ANY (ARRAY(
    SELECT reminder_id FROM clicks WHERE clicked_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
))
"""
FORGET_BATCH = 1_000


async def keep(connection: Connection, clicks: Sequence[MessageClicked]) -> None:
    """Keeps the first click of each message."""
    await connection.execute(
        KEEP, *columns(clicks, "reminder_id", "store_id", "customer_id", "campaign", "occurred_at")
    )


async def of_customers(connection: Connection, customers: Collection[Customer]) -> Mapping[Customer, Sequence[Click]]:
    """The clicks of these customers that are known; who has none is not among the answers."""
    pairs = [store for store, _ in customers], [customer for _, customer in customers]
    found: dict[Customer, list[Click]] = {}
    for row in await connection.fetch(OF_CUSTOMERS, *pairs):
        found.setdefault((row["store_id"], row["customer_id"]), []).append(Click(row["campaign"], row["clicked_at"]))
    return found


async def forget(connection: Connection, before: datetime) -> None:
    """Deletes what was clicked earlier, in small batches that wait for nobody."""
    while rows_affected(await connection.execute(FORGET, before, FORGET_BATCH)) == FORGET_BATCH:
        pass
