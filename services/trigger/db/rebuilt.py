"""The tables that topics can tell anew, made beside those in use. Takes a connection, never commits.

They stand in the schema `rebuilt`. Who looks into `rebuilt, public` finds those there, and all others (decisions,
participants, activations, erasures, the outbox) where they always are.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from libs.postgres.pool import Connection

SCHEMA = "rebuilt"
LOCK = 0x72_62_6C_64  # any constant of our own: "rbld"
ALONE = "SELECT pg_try_advisory_lock($1)"
PLACE = "SELECT current_schema() = 'public'"

EMPTY = "DROP SCHEMA IF EXISTS rebuilt CASCADE; CREATE SCHEMA rebuilt"
LOOK = "SET search_path = rebuilt, public; SET statement_timeout = 0; SET jit = off"
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '10s'"

# All that the topics don't tell, whatever later releases add to it.
LEAVE = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN
        SELECT tablename FROM pg_tables
        WHERE schemaname = 'rebuilt' AND tablename <> ALL (ARRAY[
            'carts', 'holdings', 'customer_orders', 'occasions', 'reach', 'stock_items', 'price_levels'
        ])
    LOOP
        EXECUTE format('DROP TABLE rebuilt.%I CASCADE', one.tablename);
    END LOOP;
END $$
"""

# What is older than a partition holds. Where a cart has changed since, the change comes over it by its version.
SEED_CARTS = """
INSERT INTO rebuilt.carts
SELECT c.* FROM public.carts AS c
JOIN unnest($1::integer[], $2::timestamptz[]) AS b(partition, begins_at) USING (partition)
WHERE c.quiet_since < b.begins_at
"""
SEED_HOLDINGS = """
INSERT INTO rebuilt.holdings
SELECT h.* FROM public.holdings AS h WHERE EXISTS (SELECT FROM rebuilt.carts AS c WHERE c.cart_id = h.cart_id)
"""
SEED_OCCASIONS = """
INSERT INTO rebuilt.occasions
SELECT o.* FROM public.occasions AS o
JOIN unnest($1::integer[], $2::timestamptz[]) AS b(partition, begins_at) USING (partition)
WHERE o.since < b.begins_at
"""
SEED_ORDERS = """
INSERT INTO rebuilt.customer_orders SELECT * FROM public.customer_orders WHERE first_told_at < $1
"""

# A cart that went quiet as it is known was decided on up to some moment, and so was what happened; all others are
# decided on from their beginning, whether they were lost or nobody has read them yet. All is
# looked at once more: that finds what is next, and asks for nothing twice. Done again it writes only what has changed.
DECIDED_CARTS = """
UPDATE rebuilt.carts AS c SET decided_until = d.decided_until, due_at = c.quiet_since
FROM (
    SELECT n.cart_id, greatest(n.quiet_since, coalesce(p.decided_until, n.quiet_since)) AS decided_until
    FROM rebuilt.carts AS n LEFT JOIN public.carts AS p
        ON p.cart_id = n.cart_id AND p.quiet_since = n.quiet_since
            AND coalesce(p.goods_version, p.version) = coalesce(n.goods_version, n.version)
    WHERE n.closed_at IS NULL AND n.units > 0 AND n.customer_id IS NOT NULL
) AS d
WHERE c.cart_id = d.cart_id AND (c.decided_until, c.due_at) IS DISTINCT FROM (d.decided_until, c.quiet_since)
"""
DECIDED_OCCASIONS = """
UPDATE rebuilt.occasions AS o SET decided_until = d.decided_until, due_at = o.since
FROM (
    SELECT n.store_id, n.subject, n.subject_id,
           greatest(n.since, coalesce(p.decided_until, n.since)) AS decided_until
    FROM rebuilt.occasions AS n LEFT JOIN public.occasions AS p USING (store_id, subject, subject_id, since)
    WHERE n.ended IS NULL
) AS d
WHERE (o.store_id, o.subject, o.subject_id) = (d.store_id, d.subject, d.subject_id)
  AND (o.decided_until, o.due_at) IS DISTINCT FROM (d.decided_until, o.since)
"""

# Who was erased while this went on. As `erase_customer`: the carts stay, closed and nobody's.
ERASED_CARTS = """
UPDATE rebuilt.carts AS c
SET customer_id = NULL, units = 0, total = 0, currency = NULL, due_at = NULL,
    closed_at = coalesce(closed_at, erased_until)
FROM public.erased_customers AS e
WHERE e.noted_at >= $1 AND e.mark = customer_mark(c.store_id, c.customer_id) AND c.quiet_since <= e.erased_until
"""
ERASED_HOLDINGS = """
DELETE FROM rebuilt.holdings AS h USING public.erased_customers AS e, rebuilt.carts AS c
WHERE e.noted_at >= $1 AND c.cart_id = h.cart_id AND c.customer_id IS NULL
"""
ERASED_OCCASIONS = """
DELETE FROM rebuilt.occasions AS o USING public.erased_customers AS e
WHERE e.noted_at >= $1 AND e.mark = customer_mark(o.store_id, o.customer_id) AND o.since <= e.erased_until
"""
ERASED_ORDERS = """
DELETE FROM rebuilt.customer_orders AS o USING public.erased_customers AS e
WHERE e.noted_at >= $1 AND e.mark = customer_mark(o.store_id, o.customer_id) AND o.first_told_at <= e.erased_until
"""
ERASED_REACH = """
DELETE FROM rebuilt.reach AS r USING public.erased_customers AS e
WHERE e.noted_at >= $1 AND e.mark = customer_mark(r.store_id, r.customer_id)
"""
ERASED = (ERASED_CARTS, ERASED_HOLDINGS, ERASED_OCCASIONS, ERASED_ORDERS, ERASED_REACH)

COMPARE = """
SELECT
    (SELECT count(*) FROM rebuilt.carts) AS carts,
    (SELECT count(*) FROM rebuilt.carts AS c LEFT JOIN public.carts AS p USING (cart_id)
     WHERE p.cart_id IS NULL) AS new,
    (SELECT count(*) FROM public.carts AS p LEFT JOIN rebuilt.carts AS c USING (cart_id)
     WHERE c.cart_id IS NULL AND p.closed_at IS NULL) AS gone,
    (SELECT count(*) FROM rebuilt.carts AS c JOIN public.carts AS p USING (cart_id)
     WHERE (c.version, c.customer_id, c.units, c.total, c.closed_at, c.silent)
        IS DISTINCT FROM (p.version, p.customer_id, p.units, p.total, p.closed_at, p.silent)) AS differing,
    (SELECT count(*) FROM rebuilt.holdings) AS holdings,
    (SELECT count(*) FROM rebuilt.customer_orders) AS orders,
    (SELECT count(*) FROM rebuilt.occasions) AS occasions
"""

SWAP = """
DROP TABLE public.carts, public.holdings, public.customer_orders, public.occasions, public.reach, public.stock_items,
           public.price_levels;
ALTER TABLE rebuilt.carts SET SCHEMA public;
ALTER TABLE rebuilt.holdings SET SCHEMA public;
ALTER TABLE rebuilt.customer_orders SET SCHEMA public;
ALTER TABLE rebuilt.occasions SET SCHEMA public;
ALTER TABLE rebuilt.reach SET SCHEMA public;
ALTER TABLE rebuilt.stock_items SET SCHEMA public;
ALTER TABLE rebuilt.price_levels SET SCHEMA public;
DROP SCHEMA rebuilt CASCADE
"""


class Rebuilt(NamedTuple):
    """How many rows there are anew; of carts also how many were not known, would be gone though open, or differ."""

    carts: int
    new: int
    gone: int
    differing: int
    holdings: int
    orders: int
    occasions: int


async def take_lock(connection: Connection) -> bool:
    """Whether nobody else makes the tables anew; held for as long as the connection lasts."""
    return bool(await connection.fetchval(ALONE, LOCK))


async def in_public(connection: Connection) -> bool:
    """Whether the tables in use stand where they are replaced."""
    return bool(await connection.fetchval(PLACE))


async def begin(connection: Connection) -> None:
    """An empty place beside the tables in use; what another attempt left there is gone."""
    await connection.execute(EMPTY)


async def look(connection: Connection) -> None:
    """From now on the connection finds the new tables; all others are those in use."""
    await connection.execute(LEAVE)
    await connection.execute(LOOK)


async def seed(connection: Connection, begins: Mapping[int, datetime]) -> None:
    """Takes over what is older than the topic holds: `begins` is from when on partitions of it do, those that have lost
    something.
    """
    if not begins:
        return
    partitions, moments = list(begins), list(begins.values())
    await connection.execute(SEED_CARTS, partitions, moments)
    await connection.execute(SEED_HOLDINGS)
    await connection.execute(SEED_OCCASIONS, partitions, moments)
    await connection.execute(SEED_ORDERS, max(moments))


async def note_decided(connection: Connection, begun: datetime) -> None:
    """Takes over until when was decided, and who was erased since it was `begun`; sets all timers."""
    for statement in ERASED:
        await connection.execute(statement, begun)
    await connection.execute(DECIDED_CARTS)
    await connection.execute(DECIDED_OCCASIONS)


async def compare(connection: Connection) -> Rebuilt:
    """What there is anew, beside what is in use."""
    row = await connection.fetchrow(COMPARE)
    assert row is not None
    return Rebuilt(*row.values())


async def swap(connection: Connection) -> None:
    """The new tables take the place of those in use."""
    await connection.execute(LOCK_TIMEOUT)
    await connection.execute(SWAP)
