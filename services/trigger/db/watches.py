"""Who asked to be told when an item is back, and who waits for it. Takes a connection, never commits."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.contracts.events import WatchCleared, WatchSet
from libs.postgres.pool import Connection
from services.trigger.db.columns import columns
from services.trigger.domain.saved_lines import SavedLines

# Told of in the transaction that ends it: nothing that is read again makes it wait anew, for it keeps its row.
SET = """
INSERT INTO watches AS known (watch_id, version, store_id, customer_id, sku, set_at)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
    AS t (watch_id, watch_version, store_id, customer_id, sku, set_at)
ORDER BY t.watch_id
ON CONFLICT (watch_id) DO UPDATE SET customer_id = excluded.customer_id, version = excluded.version
WHERE known.version < excluded.version
"""
CLEAR = """
UPDATE watches AS known SET ended = t.reason, ended_at = now(), version = t.watch_version
FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS t (watch_id, watch_version, reason)
WHERE known.watch_id = t.watch_id AND known.version < t.watch_version
"""
# What a cart no longer has aside is waited for no more.
TAKE_BACK = """
UPDATE watches AS known SET ended = t.reason, ended_at = now(), version = t.version
FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::uuid[])
    AS t (cart_id, version, reason, first, last)
WHERE known.watch_id BETWEEN t.first AND t.last AND known.saved_in = t.cart_id
  AND known.ended IS NULL AND known.version < t.version
  AND NOT EXISTS (
    SELECT FROM unnest($6::uuid[], $7::text[]) AS aside (cart_id, sku)
    WHERE aside.cart_id = known.saved_in AND aside.sku = known.sku
  )
"""
# Aside already is aside since then, told or not; set aside anew it waits anew.
SET_ASIDE = """
INSERT INTO watches AS known (watch_id, version, store_id, customer_id, sku, set_at, saved_in)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::uuid[])
    AS t (watch_id, version, store_id, customer_id, sku, set_at, saved_in)
ORDER BY t.watch_id
ON CONFLICT (watch_id) DO UPDATE SET
    customer_id = excluded.customer_id, version = excluded.version, set_at = excluded.set_at, told_by = NULL,
    ended = NULL, ended_at = NULL
WHERE known.version < excluded.version AND (known.ended IS NOT NULL OR known.customer_id <> excluded.customer_id)
"""
# Whoever is told of the item because they hold it is told of what they watch, too.
END_TOLD = """
UPDATE watches SET told_by = t.reminder_id
FROM unnest($3::text[], $4::uuid[]) AS t (customer_id, reminder_id)
WHERE store_id = $1 AND sku = $2 AND watches.customer_id = t.customer_id AND set_at <= $5
  AND ended IS NULL AND told_by IS NULL
"""
# A message that came to nothing has told nobody.
WAIT_AGAIN = "UPDATE watches SET told_by = NULL WHERE told_by = ANY ($1::uuid[])"
HOLD = "SELECT pg_advisory_xact_lock(hashtextextended('watches|' || $1 || '|' || $2, 0))"
OF_CUSTOMER = """
SELECT watch_id, sku, set_at, saved_in, ended, ended_at, told_by FROM watches
WHERE store_id = $1 AND customer_id = $2 ORDER BY set_at DESC, watch_id LIMIT $3
"""

# Those who held the item when it sold out, and those who watch it or have it aside: who waits longest first. Whoever
# was told of it since then waits no more. What somebody bought before they asked says nothing: they ask for another.
WAITING = """
WITH holding AS (
    SELECT h.cart_id, NULL::uuid AS watch_id, h.store_id, h.sku, h.customer_id, h.touched_at,
        c.goods_version AS cart_version, c.currency, c.total, c.origin,
        least(h.touched_at, $8::timestamptz - $11::interval) AS bought_since
    FROM holdings AS h
    CROSS JOIN LATERAL (
        SELECT coalesce(goods_version, version) AS goods_version, currency, total, origin
        FROM carts WHERE carts.cart_id = h.cart_id LIMIT 1
    ) AS c
    WHERE h.store_id = $1 AND h.sku = $2 AND h.touched_at >= $5 AND h.touched_at <= $9
      AND (h.touched_at, h.cart_id) > (CASE WHEN $3::timestamptz = 'infinity' THEN '-infinity' ELSE $3 END, $4::uuid)
      AND NOT EXISTS (
        SELECT FROM decisions AS d
        WHERE d.store_id = h.store_id AND d.customer_id = h.customer_id AND d.campaign = $7 AND d.sku = h.sku
          AND d.outcome = 'would_send' AND d.due_at >= $9
      )
    ORDER BY h.touched_at, h.cart_id
    LIMIT $6
), watching AS (
    SELECT NULL::uuid AS cart_id, w.watch_id, w.store_id, w.sku, w.customer_id, w.set_at AS touched_at,
        NULL::bigint AS cart_version, NULL::text AS currency, 0::bigint AS total, NULL::text AS origin,
        w.set_at AS bought_since
    FROM watches AS w
    WHERE w.store_id = $1 AND w.sku = $2 AND w.ended IS NULL AND w.told_by IS NULL AND w.set_at <= $8
      AND (w.set_at, w.watch_id) > (CASE WHEN $3::timestamptz = 'infinity' THEN '-infinity' ELSE $3 END, $4::uuid)
      AND NOT EXISTS (
        SELECT FROM decisions AS d
        WHERE d.store_id = w.store_id AND d.customer_id = w.customer_id AND d.campaign = $7 AND d.sku = w.sku
          AND d.outcome = 'would_send' AND d.due_at >= $9
      )
    ORDER BY w.set_at, w.watch_id
    LIMIT $6
), waiting AS (
    SELECT both_of.*, coalesce(cart_id, watch_id) AS place
    FROM (SELECT * FROM holding UNION ALL SELECT * FROM watching) AS both_of
    ORDER BY touched_at, place
    LIMIT $6
)
SELECT w.cart_id, w.watch_id, w.customer_id, w.touched_at, w.cart_version, w.watch_id IS NULL AND coalesce((
    SELECT true FROM decisions AS d
    WHERE d.store_id = w.store_id AND d.customer_id = w.customer_id AND d.campaign = $7 AND d.sku = w.sku
      AND d.outcome = 'would_send' AND d.came_to_nothing IS NULL
      AND d.due_at <= $8 AND d.due_at > $8::timestamptz - $10::interval
    LIMIT 1
), false) AS cooling_down, EXISTS (
    SELECT FROM customer_orders AS o
    WHERE o.store_id = w.store_id AND o.customer_id = w.customer_id AND w.sku = ANY (o.skus)
      AND o.placed_at >= w.bought_since AND o.status <> ALL ($12::text[])
) AS bought, w.currency, w.total, w.origin, r.email AS by_email, r.sms AS by_sms, r.timezone,
    r.channels AS by_channels
FROM waiting AS w
LEFT JOIN LATERAL (
    SELECT email, sms, timezone, channels FROM reach
    WHERE reach.store_id = w.store_id AND reach.customer_id = w.customer_id LIMIT 1
) AS r ON true
ORDER BY w.touched_at, w.place
"""
SET_COLUMNS = ("watch_id", "watch_version", "store_id", "customer_id", "sku", "set_at")


async def set_watches(connection: Connection, events: Collection[WatchSet]) -> None:
    """Notes who waits for what, each watch at most once; what is known newer stays."""
    await connection.execute(SET, *columns(list(events), *SET_COLUMNS))


async def clear_watches(connection: Connection, events: Collection[WatchCleared]) -> None:
    """Notes which watches are over."""
    await connection.execute(CLEAR, *columns(list(events), "watch_id", "watch_version", "reason"))


async def set_aside(connection: Connection, carts: Collection[SavedLines]) -> None:
    """Notes what waits in carts, each at most once, because it is set aside there; what is known newer stays."""
    aside = [(cart, sku) for cart in carts for sku in cart.skus]
    kept = [cart.cart_id for cart, _ in aside], [sku for _, sku in aside]
    named = columns(list(carts), "cart_id", "version", "ended", "first_id", "last_id")
    await connection.execute(TAKE_BACK, *named, *kept)
    if begun := [(cart.watch_id(sku), cart, sku) for cart, sku in aside if cart.begins]:
        ids, of, skus = zip(*begun, strict=True)
        version, store_id, customer_id, at, cart_id = columns(of, "version", "store_id", "customer_id", "at", "cart_id")
        await connection.execute(SET_ASIDE, ids, version, store_id, customer_id, skus, at, cart_id)


async def end_told(connection: Connection, store_id: str, sku: str, told: Mapping[str, UUID], until: datetime) -> None:
    """Customers are told of an item, each by a reminder: what they watched of it by then has been told."""
    await connection.execute(END_TOLD, store_id, sku, list(told), list(told.values()), until)


async def wait_again(connection: Connection, reminder_ids: Collection[UUID]) -> None:
    """These reminders came to nothing: whoever was to be told by them still waits."""
    await connection.execute(WAIT_AGAIN, list(reminder_ids))


async def of_customer(connection: Connection, store_id: str, customer_id: str, limit: int) -> list[dict[str, Any]]:
    """What a customer has watched or set aside, the newest first, and what became of it."""
    return [dict(row) for row in await connection.fetch(OF_CUSTOMER, store_id, customer_id, limit)]
