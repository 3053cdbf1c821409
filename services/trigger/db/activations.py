"""Since when each campaign is switched on. Takes a connection, never commits."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from libs.postgres.pool import Connection
from services.trigger.domain.activations import EVERY_STORE, Activations, switch

# Processes that read the same change at once come to the same; readers are not kept out.
ONE_AT_A_TIME = "LOCK TABLE campaign_activations, campaign_files IN SHARE ROW EXCLUSIVE MODE"
ACTIVATIONS = "SELECT store_id, campaign, active_since FROM campaign_activations"
FILES = "SELECT store_id FROM campaign_files"

ACTIVATE = """
INSERT INTO campaign_activations (store_id, campaign, active_since)
SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[])
ON CONFLICT (store_id, campaign) DO NOTHING
"""
DEACTIVATE = """
DELETE FROM campaign_activations AS a
WHERE NOT EXISTS (
    SELECT FROM unnest($1::text[], $2::text[]) AS t(store_id, campaign)
    WHERE t.store_id = a.store_id AND t.campaign = a.campaign
)
"""
NOTE_FILES = "INSERT INTO campaign_files (store_id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING"
FORGET_FILES = "DELETE FROM campaign_files WHERE store_id <> ALL ($1::text[])"

# What was seen before a campaign went out says nothing of what fell while it was.
FORGET_LEVELS = """
DELETE FROM stock_levels AS s
USING unnest($1::text[], $2::text[]) AS t(store_id, campaign)
WHERE s.campaign = t.campaign AND (s.store_id = t.store_id OR t.store_id = '*' AND s.store_id <> ALL ($3::text[]))
"""


class Known(NamedTuple):
    """Since when each campaign is on, and which stores have campaigns of their own."""

    on: Activations
    own: frozenset[str]


async def lock_activations(connection: Connection) -> Known:
    """What is switched on; nobody else switches anything, nor says new campaigns, until the transaction ends."""
    await connection.execute(ONE_AT_A_TIME)
    on = {(r["store_id"], r["campaign"]): r["active_since"] for r in await connection.fetch(ACTIVATIONS)}
    return Known(on, frozenset(row["store_id"] for row in await connection.fetch(FILES)))


async def sync_activations(
    connection: Connection, before: Known, files: Mapping[str, Collection[str]], now: datetime
) -> Activations:
    """Switches on at `now` what is new in `files` (store or `*` → names of its campaigns), and forgets what is gone.

    The caller holds the lock. Returns since when each campaign is on.
    """
    after = switch(before.on, before.own, files, now)
    own = sorted(files.keys() - {EVERY_STORE})
    ordered = sorted(after)
    stores, names = [store for store, _ in ordered], [name for _, name in ordered]
    await connection.execute(DEACTIVATE, stores, names)
    await connection.execute(ACTIVATE, stores, names, [after[key] for key in ordered])
    await connection.execute(FORGET_FILES, own)
    await connection.execute(NOTE_FILES, own)
    if new := sorted(key for key, since in after.items() if since == now):
        await connection.execute(FORGET_LEVELS, [store for store, _ in new], [name for _, name in new], own)
    return after
