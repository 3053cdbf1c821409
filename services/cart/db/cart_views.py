"""The cart that a shopper is shown, with what is known now that may differ from what its lines saw, in one statement.

`read` does without what is known: it tells whether there could be a notice, and costs half of it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from libs.postgres.pool import Connection
from services.cart.db import carts
from services.cart.domain.cart_json import CartView, read_lines, read_saved
from services.cart.domain.merge.receipt import Receipt
from services.cart.domain.notice import Notice
from services.cart.domain.notices import Known, notices_of, notices_of_merge, split_seen
from services.cart.domain.shopper import Shopper

# The latest merge is told for 30 days: its undo ends a day after it.
# Facts come only where they may matter: a cart of which nothing is to be told costs two look-ups a line, no parsing.
# What is left of a sku for a cart is one function for all who ask, looked up per line (migrations/0050_stock_left.sql).
READ_WITH_NOTICES_OF_CUSTOMER = """
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
    recovery_epoch, merged_into, created_at, updated_at,
    (SELECT jsonb_agg(jsonb_build_array(level.sku, level.available, level.version, level.updated_at))
     FROM jsonb_array_elements(carts.lines) AS line
     CROSS JOIN LATERAL stock_left(carts.store_id, line ->> 'sku', ARRAY[carts.cart_id]) AS level
     WHERE level.available < carts.units)::text AS levels,
    (SELECT jsonb_agg(jsonb_build_array(line ->> 'line_id', cost.price, cost.version, cost.updated_at))
     FROM jsonb_array_elements(carts.lines) AS line
     CROSS JOIN LATERAL told_price(carts.store_id, line ->> 'sku', carts.currency, line -> 'options') AS cost
     WHERE cost.price <> (line ->> 'price')::bigint AND line -> 'fixed_price' IS DISTINCT FROM 'true')::text AS prices,
    (SELECT receipt::text FROM merges
     WHERE merges.cart_id = carts.cart_id AND undone_at IS NULL AND undo_until > now() - interval '29 days'
     ORDER BY merge_id DESC LIMIT 1) AS receipt,
    ARRAY(SELECT notice_id FROM notice_acks WHERE notice_acks.cart_id = carts.cart_id AND device = $3) AS acknowledged
FROM carts WHERE store_id = $1 AND customer_id = coalesce((
    SELECT customer_id FROM identities WHERE store_id = $1 AND identity = $2), $2) AND status = 'active'
"""
READ_WITH_NOTICES_OF_GUEST = """
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
    recovery_epoch, merged_into, created_at, updated_at,
    (SELECT jsonb_agg(jsonb_build_array(level.sku, level.available, level.version, level.updated_at))
     FROM jsonb_array_elements(carts.lines) AS line
     CROSS JOIN LATERAL stock_left(carts.store_id, line ->> 'sku', ARRAY[carts.cart_id]) AS level
     WHERE level.available < carts.units)::text AS levels,
    (SELECT jsonb_agg(jsonb_build_array(line ->> 'line_id', cost.price, cost.version, cost.updated_at))
     FROM jsonb_array_elements(carts.lines) AS line
     CROSS JOIN LATERAL told_price(carts.store_id, line ->> 'sku', carts.currency, line -> 'options') AS cost
     WHERE cost.price <> (line ->> 'price')::bigint AND line -> 'fixed_price' IS DISTINCT FROM 'true')::text AS prices,
    (SELECT receipt::text FROM merges
     WHERE merges.cart_id = carts.cart_id AND undone_at IS NULL AND undo_until > now() - interval '29 days'
     ORDER BY merge_id DESC LIMIT 1) AS receipt,
    ARRAY(SELECT notice_id FROM notice_acks WHERE notice_acks.cart_id = carts.cart_id AND device = $3) AS acknowledged
FROM carts WHERE store_id = $1 AND guest_token_hash = $2 AND status = 'active'
"""
# In the order of the key: the planner would rather read a whole table, when it is another store's.
READ_OF_CUSTOMER = """
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
    created_at, updated_at,
    coalesce((SELECT true FROM inventory WHERE store_id = $1 ORDER BY sku LIMIT 1),
             (SELECT true FROM prices WHERE store_id = $1 ORDER BY sku LIMIT 1),
             (SELECT true FROM option_prices WHERE store_id = $1 ORDER BY sku LIMIT 1), false) AS supplied,
    coalesce((SELECT true FROM merges WHERE merges.cart_id = carts.cart_id AND undone_at IS NULL
              AND undo_until > now() - interval '29 days' LIMIT 1), false) AS merged
FROM carts WHERE store_id = $1 AND customer_id = coalesce((
    SELECT customer_id FROM identities WHERE store_id = $1 AND identity = $2), $2) AND status = 'active'
"""
# What was merged became a customer's.
READ_OF_GUEST = """
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
    created_at, updated_at,
    coalesce((SELECT true FROM inventory WHERE store_id = $1 ORDER BY sku LIMIT 1),
             (SELECT true FROM prices WHERE store_id = $1 ORDER BY sku LIMIT 1),
             (SELECT true FROM option_prices WHERE store_id = $1 ORDER BY sku LIMIT 1), false) AS supplied,
    false AS merged
FROM carts WHERE store_id = $1 AND guest_token_hash = $2 AND status = 'active'
"""
# Of the recipient yes and no, and the version by which whoever looks knows whether their address is the newest.
# How many ids there are is hidden from the planner, who would else plan each call anew: four times its work.
LAST_LOOKS = """
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
    recovery_epoch, merged_into, created_at, updated_at, coalesce(goods_version, version) AS goods_version,
    silent_since, recipient_id, now() AS as_of,
    (SELECT coalesce(jsonb_object_agg(held.sku, (
        SELECT available FROM stock_left(carts.store_id, held.sku, ARRAY[carts.cart_id])
     )), '{}')::text
     FROM (SELECT DISTINCT line ->> 'sku' AS sku FROM jsonb_array_elements(carts.lines) AS line) AS held) AS inventory,
    (SELECT coalesce(jsonb_object_agg(line ->> 'line_id', cost.price), '{}')::text
     FROM jsonb_array_elements(carts.lines) AS line
     CROSS JOIN LATERAL told_price(carts.store_id, line ->> 'sku', carts.currency, line -> 'options') AS cost
     WHERE line -> 'fixed_price' IS DISTINCT FROM 'true') AS prices,
    (SELECT jsonb_build_object(
        'profile_version', version,
        'reach', jsonb_build_object('email', email IS NOT NULL, 'sms', phone IS NOT NULL)
            || handles_say(handles, false),
        'consent', jsonb_build_object('email', email_consent, 'sms', sms_consent) || handles_say(handles, true))::text
     FROM profiles WHERE profiles.store_id = carts.store_id
       AND profiles.customer_id = coalesce(carts.customer_id, carts.recipient_id)) AS recipient
FROM carts WHERE store_id = $1 AND cart_id = ANY (ARRAY(SELECT unnest($2::uuid[])))
"""
ACKNOWLEDGE = """
INSERT INTO notice_acks (cart_id, device, notice_id, acknowledged_at)
SELECT $1, $2, notice_id, $4 FROM unnest($3::uuid[]) AS seen (notice_id)
ON CONFLICT DO NOTHING
"""

_RECEIPT = TypeAdapter(Receipt)
_FACTS = TypeAdapter(list[tuple[str, int, int, datetime]])


async def read(connection: Connection, shopper: Shopper) -> asyncpg.Record | None:
    """The active cart of a shopper. There may be something to tell of it where the store has told any level or price
    (`supplied`), or another cart became part of it (`merged`).
    """
    if shopper.token_hash is None:
        return await connection.fetchrow(READ_OF_CUSTOMER, shopper.store_id, shopper.customer_id)
    return await connection.fetchrow(READ_OF_GUEST, shopper.store_id, shopper.token_hash)


async def read_with_notices(connection: Connection, shopper: Shopper, device: str) -> asyncpg.Record | None:
    """The active cart of a shopper with what may have changed around it, of one snapshot."""
    if shopper.token_hash is None:
        return await connection.fetchrow(READ_WITH_NOTICES_OF_CUSTOMER, shopper.store_id, shopper.customer_id, device)
    return await connection.fetchrow(READ_WITH_NOTICES_OF_GUEST, shopper.store_id, shopper.token_hash, device)


async def last_looks(connection: Connection, store_id: str, cart_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    """Carts with the levels of their skus (null where unknown), what the store has told that their lines cost, whether
    their customers may be written to (null without a profile) and the database's time, all of one snapshot. In no
    order, and nothing of a cart that the store does not have.
    """
    return await connection.fetch(LAST_LOOKS, store_id, cart_ids)


def view_with_notices(row: asyncpg.Record) -> CartView:
    """The cart of `read_with_notices` with its notices; the lines are read only where there may be any."""
    return carts.view_of(row).with_notices(notices_in(row), facts_of(row))


def facts_of(row: asyncpg.Record) -> int:
    """What is known of stock and prices around a cart, as one number to compare with (in this process alone)."""
    levels, prices = row["levels"], row["prices"]
    return 0 if levels is prices is None else hash((levels, prices))


def notices_in(row: asyncpg.Record) -> list[Notice]:
    """The notices of such a row that the device has not acknowledged."""
    levels, prices = _levels(row), _prices(row)
    if not levels and not prices and row["receipt"] is None:
        return []
    lines = read_lines(row["lines"])
    found = notices_of(row["cart_id"], lines, levels, prices)
    if row["receipt"] is not None:
        present = {line.line_id for line in (*lines, *read_saved(row["saved"]))}
        found += notices_of_merge(row["cart_id"], _RECEIPT.validate_json(row["receipt"]), present)
    unseen, _ = split_seen(found, frozenset(row["acknowledged"]))
    return unseen


def _levels(row: asyncpg.Record) -> dict[str, Known]:
    """What is known of skus."""
    return {sku: Known(available, version, at) for sku, available, version, at in _facts(row["levels"])}


def _prices(row: asyncpg.Record) -> dict[UUID, Known]:
    """What is known of lines."""
    return {
        UUID(line_id): Known(price=price, price_version=version, price_at=at)
        for line_id, price, version, at in _facts(row["prices"])
    }


async def acknowledge(
    connection: Connection, cart_id: UUID, device: str, notice_ids: Sequence[UUID], now: datetime
) -> None:
    """Notes that these notices were seen on the device; again changes nothing."""
    await connection.execute(ACKNOWLEDGE, cart_id, device, notice_ids, now)


def _facts(text: str | None) -> list[tuple[str, int, int, datetime]]:
    return _FACTS.validate_json(text) if text else []
