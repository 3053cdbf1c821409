"""Every query about carts, their timers and how far was read. Takes a connection, never commits."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.trigger.domain.abandonment import CartState
from services.trigger.domain.decision import Decision

LOCK_CARTS = """
SELECT cart_id, store_id, customer_id, version, quiet_since, units, total, currency, closed_at IS NOT NULL AS closed,
       decided_until
FROM carts
WHERE cart_id = ANY($1::uuid[])
ORDER BY cart_id
FOR UPDATE
"""

# The guards are those of `abandonment.apply`: older is dropped, closed stays closed. LEAST passes over NULL: a timer
# that is armed earlier than needed stays, so that the update touches no index.
SAVE_CARTS = """
WITH changed AS (
    INSERT INTO carts AS c (cart_id, store_id, customer_id, version, quiet_since, units, total, currency, closed_at,
                            decided_until, due_at, partition)
    SELECT t.cart_id, t.store_id, t.customer_id, t.version, t.quiet_since, t.units, t.total, t.currency,
           CASE WHEN t.closed THEN t.quiet_since END, t.quiet_since, t.due_at, t.partition
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[], $6::bigint[], $7::bigint[],
                $8::text[], $9::boolean[], $10::timestamptz[], $11::integer[])
        AS t(cart_id, store_id, customer_id, version, quiet_since, units, total, currency, closed, due_at, partition)
    ORDER BY t.cart_id
    ON CONFLICT (cart_id) DO UPDATE SET
        customer_id = excluded.customer_id, version = excluded.version, quiet_since = excluded.quiet_since,
        units = excluded.units, total = excluded.total, currency = excluded.currency, closed_at = excluded.closed_at,
        decided_until = excluded.quiet_since, due_at = least(c.due_at, excluded.due_at), partition = excluded.partition
    WHERE c.version < excluded.version AND c.closed_at IS NULL
    RETURNING c.cart_id, c.store_id, c.customer_id, c.due_at
), held AS (
    SELECT changed.cart_id, changed.store_id, changed.customer_id, h.sku, h.units, h.touched_at
    FROM unnest($12::uuid[], $13::text[], $14::bigint[], $15::timestamptz[]) AS h(cart_id, sku, units, touched_at)
    JOIN changed USING (cart_id)
    WHERE changed.customer_id IS NOT NULL
), dropped AS (
    DELETE FROM holdings USING changed
    WHERE holdings.cart_id = changed.cart_id
      AND NOT EXISTS (SELECT FROM held WHERE held.cart_id = holdings.cart_id AND held.sku = holdings.sku)
), kept AS (
    INSERT INTO holdings AS h (cart_id, sku, store_id, customer_id, units, touched_at)
    SELECT cart_id, sku, store_id, customer_id, units, touched_at FROM held
    ON CONFLICT (cart_id, sku) DO UPDATE SET
        customer_id = excluded.customer_id, units = excluded.units, touched_at = excluded.touched_at
    WHERE h.units <> excluded.units OR h.customer_id <> excluded.customer_id
)
SELECT count(*) AS changed, count(due_at) AS armed FROM changed
"""

# A timer waits for the facts: it is due only before the moment up to which its partition has been read, and never
# before the database's own clock. The order is random so that no partition starves the others when all are busy.
CLAIM = """
SELECT c.*, p.read_until, statement_timestamp() AS now
FROM (
    SELECT partition, least(read_until, statement_timestamp()) AS read_until
    FROM partition_progress ORDER BY random()
) AS p
CROSS JOIN LATERAL (
    SELECT cart_id, store_id, customer_id, version, quiet_since, units, total, currency,
           closed_at IS NOT NULL AS closed, decided_until
    FROM carts
    WHERE carts.partition = p.partition AND carts.due_at < p.read_until
    ORDER BY carts.due_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
) AS c
LIMIT $1
"""

REARM = """
UPDATE carts SET due_at = t.due_at, decided_until = t.decided_until
FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS t(cart_id, due_at, decided_until)
WHERE carts.cart_id = t.cart_id
"""

RECORD_DECISIONS = """
INSERT INTO decisions (reminder_id, store_id, customer_id, campaign, step, channel, cart_id, cart_version, sku, due_at,
                       outcome, reason)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::uuid[],
                     $8::bigint[], $9::text[], $10::timestamptz[], $11::text[], $12::text[])
ON CONFLICT (reminder_id) DO NOTHING
RETURNING reminder_id
"""

ADVANCE = """
INSERT INTO partition_progress AS p (partition, read_until)
SELECT * FROM unnest($1::integer[], $2::timestamptz[])
ON CONFLICT (partition) DO UPDATE SET read_until = excluded.read_until
WHERE p.read_until < excluded.read_until
"""

LAG = "SELECT extract(epoch FROM clock_timestamp() - min(read_until))::float8 FROM partition_progress"

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

# In small batches that wait for nobody.
FORGET_DECISIONS = """
DELETE FROM decisions WHERE reminder_id = ANY (ARRAY(
    SELECT reminder_id FROM decisions WHERE decided_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
))
"""
FORGET_CARTS = """
DELETE FROM carts WHERE cart_id = ANY (ARRAY(
    SELECT cart_id FROM carts WHERE closed_at < $1 AND due_at IS NULL LIMIT $2 FOR UPDATE SKIP LOCKED
))
"""
FORGET_BATCH = 1_000

Activations = dict[tuple[str, str], datetime]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A cart whose timer is due: decide on it with what was read up to `read_until`; `now` is the database's clock."""

    state: CartState
    read_until: datetime
    now: datetime


async def lock_carts(connection: Connection, cart_ids: Iterable[UUID]) -> dict[UUID, CartState]:
    """Those of the carts that are known, as they are, locked until the caller's transaction ends."""
    rows = await connection.fetch(LOCK_CARTS, sorted(cart_ids))
    return {row["cart_id"]: _state(row) for row in rows}


async def save_carts(
    connection: Connection,
    carts: Iterable[tuple[CartState, datetime | None, int]],
    holdings: Mapping[UUID, Mapping[str, tuple[int, datetime]]],
) -> tuple[int, int]:
    """Writes the carts (state, when to look, partition), each at most once, and what they hold, in one statement.

    Returns how many were news, and how many of those have a timer.
    """
    ordered = sorted(carts, key=lambda c: c[0].cart_id)
    states = [state for state, _, _ in ordered]
    held = [(cart, sku, *one) for cart, skus in holdings.items() for sku, one in skus.items()]
    row = await connection.fetchrow(
        SAVE_CARTS,
        [s.cart_id for s in states],
        [s.store_id for s in states],
        [s.customer_id for s in states],
        [s.version for s in states],
        [s.quiet_since for s in states],
        [s.units for s in states],
        [s.total for s in states],
        [s.currency for s in states],
        [s.closed for s in states],
        [due_at for _, due_at, _ in ordered],
        [partition for _, _, partition in ordered],
        *([h[column] for h in held] for column in range(4)),
    )
    assert row is not None
    return row["changed"], row["armed"]


async def claim(connection: Connection, limit: int) -> list[Claimed]:
    """Up to `limit` carts whose timer is due, locked until the caller's transaction ends; locked ones are left out."""
    return [_claimed(row) for row in await connection.fetch(CLAIM, limit)]


def _claimed(row: asyncpg.Record) -> Claimed:
    return Claimed(_state(row), row["read_until"], row["now"])


def _state(row: asyncpg.Record) -> CartState:
    return CartState(**{name: row[name] for name in CartState.__slots__})


async def rearm(connection: Connection, carts: Sequence[tuple[CartState, datetime | None]]) -> None:
    """Notes how far carts were decided, and when to look again (None: not before their next change)."""
    await connection.execute(
        REARM,
        [state.cart_id for state, _ in carts],
        [due_at for _, due_at in carts],
        [state.decided_until for state, _ in carts],
    )


async def record_decisions(connection: Connection, decisions: Sequence[Decision]) -> set[UUID]:
    """Records decisions; returns the ids of those that are news."""
    if not decisions:
        return set()
    rows = await connection.fetch(
        RECORD_DECISIONS,
        [d.reminder_id for d in decisions],
        [d.store_id for d in decisions],
        [d.customer_id for d in decisions],
        [d.campaign for d in decisions],
        [d.step for d in decisions],
        [d.channel for d in decisions],
        [d.cart_id for d in decisions],
        [d.cart_version for d in decisions],
        [d.sku for d in decisions],
        [d.due_at for d in decisions],
        [d.outcome for d in decisions],
        [d.reason for d in decisions],
    )
    return {row["reminder_id"] for row in rows}


async def advance(connection: Connection, read_until: Mapping[int, datetime]) -> None:
    """Moves partitions forward to the moment up to which they were read; never backwards."""
    if read_until:
        ordered = sorted(read_until.items())
        await connection.execute(ADVANCE, [p for p, _ in ordered], [moment for _, moment in ordered])


async def lag_seconds(connection: Connection) -> float | None:
    """How far the partition that was read least is behind the database's clock."""
    lag: float | None = await connection.fetchval(LAG)
    return lag


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


async def forget(connection: Connection, decisions_before: datetime, carts_before: datetime) -> None:
    """Deletes decisions and closed carts that are too old to matter."""
    for query, before in ((FORGET_DECISIONS, decisions_before), (FORGET_CARTS, carts_before)):
        while rows_affected(await connection.execute(query, before, FORGET_BATCH)) == FORGET_BATCH:
            pass
