"""What a message to a customer has to be true to. Takes a connection; whoever asks holds one snapshot for all of it."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from libs.postgres.pool import Connection
from services.cart.domain.cart import Line
from services.cart.domain.cart_json import read_lines

# Without an active cart its columns are NULL. Of the recipient yes and no, as in the look at a cart. A guest who has
# left an address is asked for by the name under which that is kept, and nobody else finds a cart by it.
LOOK = """
SELECT c.cart_id, c.store_id, $2::text AS customer_id, status, c.version, currency, units, total, lines, saved,
    attributes, recovery_epoch, merged_into, created_at, c.updated_at,
    coalesce(goods_version, c.version) AS goods_version, silent_since, now() AS as_of,
    (SELECT coalesce(jsonb_object_agg(held.sku, (
        SELECT available FROM stock_left($1, held.sku, ARRAY[c.cart_id])
     )), '{}')::text
     FROM (SELECT line ->> 'sku' AS sku FROM jsonb_array_elements(c.lines || c.saved) AS line
           UNION SELECT $3::text WHERE $3::text IS NOT NULL
           UNION SELECT unnest($4::text[])) AS held) AS inventory,
    (SELECT jsonb_build_object(
        'profile_version', version,
        'reach', jsonb_build_object('email', email IS NOT NULL, 'sms', phone IS NOT NULL)
            || handles_say(handles, false),
        'consent', jsonb_build_object('email', email_consent, 'sms', sms_consent) || handles_say(handles, true),
        'unconfirmed', (SELECT coalesce(jsonb_agg(channel ORDER BY channel), '[]') FROM consents AS said
            WHERE said.store_id = $1 AND said.customer_id = $2 AND asked_version IS NOT NULL
                AND confirmed_at IS NULL))::text
     FROM profiles WHERE store_id = $1 AND customer_id = $2) AS recipient,
    (SELECT jsonb_build_object('sku', w.sku, 'title', w.title, 'url', w.url, 'image_url', w.image_url)::text
     FROM watches AS w WHERE w.store_id = $1 AND w.customer_id = $2 AND w.sku = $3
     ORDER BY set_at, watch_id LIMIT 1) AS watched,
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
        'sku', v.sku, 'title', v.title, 'url', v.url, 'image_url', v.image_url
     ) ORDER BY array_position($4::text[], v.sku)), '[]')::text
     FROM views AS v WHERE v.store_id = $1 AND v.customer_id = $2 AND v.sku = ANY ($4::text[])) AS viewed,
    (SELECT max(placed_at) FROM orders WHERE store_id = $1 AND customer_id = $2) AS ordered_at
FROM (
    SELECT cart_id FROM carts WHERE store_id = $1 AND customer_id = $2 AND status = 'active'
    UNION ALL
    SELECT cart_id FROM guest_recipients JOIN carts USING (cart_id, store_id, recipient_id)
    WHERE recipient_id = $2 AND store_id = $1 AND customer_id IS NULL AND status = 'active'
    UNION ALL
    SELECT NULL
    LIMIT 1
) AS active LEFT JOIN carts AS c USING (cart_id)
"""
LINES = "SELECT lines FROM carts WHERE store_id = $1 AND cart_id = ANY ($2::uuid[]) ORDER BY cart_id"


async def read(
    connection: Connection, store_id: str, customer_id: str, sku: str | None, viewed: Sequence[str]
) -> asyncpg.Record:
    """The active cart of a customer, or of a guest who has left an address, as theirs, with the levels of its skus and
    of others, what of those `viewed` they are known to have looked at, who they are to writers, when they last ordered,
    and the database's time.
    """
    row = await connection.fetchrow(LOOK, store_id, customer_id, sku, list(viewed))
    assert row is not None
    return row


async def lines_of(connection: Connection, store_id: str, cart_ids: Sequence[UUID]) -> list[Line]:
    """The lines of carts, also of closed ones."""
    rows = await connection.fetch(LINES, store_id, cart_ids)
    return [line for row in rows for line in read_lines(row["lines"])]
