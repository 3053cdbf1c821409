"""Since when each campaign is switched on. Takes a connection, never commits."""

from collections.abc import Collection
from datetime import datetime

from libs.postgres.pool import Connection

# What a campaign was already doing for all stores it goes on doing for a store that gets a file of its own.
ACTIVATE = """
INSERT INTO campaign_activations (store_id, campaign, active_since)
SELECT t.store_id, t.campaign, coalesce(a.active_since, $3)
FROM unnest($1::text[], $2::text[]) AS t(store_id, campaign)
LEFT JOIN campaign_activations AS a ON a.store_id = '*' AND a.campaign = t.campaign
ORDER BY t.store_id, t.campaign
ON CONFLICT DO NOTHING
"""

DEACTIVATE = """
DELETE FROM campaign_activations AS a
WHERE NOT EXISTS (
    SELECT FROM unnest($1::text[], $2::text[]) AS t(store_id, campaign)
    WHERE t.store_id = a.store_id AND t.campaign = a.campaign
)
"""

ACTIVATIONS = "SELECT store_id, campaign, active_since FROM campaign_activations"

Activations = dict[tuple[str, str], datetime]


async def sync_activations(
    connection: Connection, campaigns: Collection[tuple[str, str]], now: datetime
) -> Activations:
    """Switches on what is new at `now`, forgets what is gone.

    Returns since when each campaign (store or `*`, name) is on.
    """
    ordered = sorted(campaigns)
    stores, names = [store for store, _ in ordered], [name for _, name in ordered]
    await connection.execute(DEACTIVATE, stores, names)
    await connection.execute(ACTIVATE, stores, names, now)
    rows = await connection.fetch(ACTIVATIONS)
    return {(r["store_id"], r["campaign"]): r["active_since"] for r in rows}
