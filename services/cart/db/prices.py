"""Prices that the store has told: of a sku, or of a choice of its options."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from pydantic_core import from_json, to_json

from libs.postgres.pool import Connection
from services.cart.domain.cart import Line
from services.cart.domain.prices import Priced
from services.cart.domain.stock.commands import Price, PriceOf

# In the order of the keys, so that two bulk updates can't lock each other out. An unchanged price is not touched,
# unless its sequence is newer: it must be known which prices are stale.
SET_PRICES = """
INSERT INTO prices (store_id, sku, currency, price, sequence, version, updated_at)
SELECT $1, sku, currency, price, sequence, 1, $6
FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[]) AS given (sku, currency, price, sequence)
ORDER BY sku, currency
ON CONFLICT (store_id, sku, currency) DO UPDATE
SET price = excluded.price, sequence = coalesce(excluded.sequence, prices.sequence),
    version = prices.version + (prices.price <> excluded.price)::int,
    updated_at = CASE WHEN prices.price = excluded.price THEN prices.updated_at
        ELSE greatest(excluded.updated_at, prices.updated_at) END
WHERE CASE WHEN excluded.sequence IS NULL THEN prices.price <> excluded.price
    ELSE excluded.sequence > coalesce(prices.sequence, -1) END
RETURNING new.sku, new.currency, '{}' AS options, old.price IS DISTINCT FROM new.price AS changed
"""
SET_OPTION_PRICES = """
INSERT INTO option_prices AS own (store_id, sku, currency, options, price, sequence, version, updated_at)
SELECT $1, sku, currency, options, price, sequence, 1, $6
FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $7::jsonb[])
    AS given (sku, currency, price, sequence, options)
ORDER BY sku, currency, options
ON CONFLICT (store_id, sku, currency, options) DO UPDATE
SET price = excluded.price, sequence = coalesce(excluded.sequence, own.sequence),
    version = own.version + (own.price <> excluded.price)::int,
    updated_at = CASE WHEN own.price = excluded.price THEN own.updated_at
        ELSE greatest(excluded.updated_at, own.updated_at) END
WHERE CASE WHEN excluded.sequence IS NULL THEN own.price <> excluded.price
    ELSE excluded.sequence > coalesce(own.sequence, -1) END
RETURNING new.sku, new.currency, new.options::text AS options, old.price IS DISTINCT FROM new.price AS changed
"""
TOLD = "SELECT price FROM told_price($1, $2, $3, $4::jsonb)"
TOLD_OF_LINES = """
SELECT line_id, told.price FROM unnest($3::uuid[], $4::text[], $5::jsonb[]) AS line (line_id, sku, options)
CROSS JOIN LATERAL told_price($1, sku, $2, options) AS told
"""


async def set_prices(
    connection: Connection, store_id: str, prices: Sequence[Price], now: datetime
) -> dict[PriceOf, bool]:
    """Sets prices, each choice of a sku once in each currency; says of those that were not stale or known whether they
    changed.
    """
    plain, of_options = [one for one in prices if not one.options], [one for one in prices if one.options]
    rows = list[asyncpg.Record]()
    if plain:
        rows += await connection.fetch(SET_PRICES, store_id, *_columns(plain), now)
    if of_options:
        options = [_json(one.options) for one in of_options]
        rows += await connection.fetch(SET_OPTION_PRICES, store_id, *_columns(of_options), now, options)
    return {(row["sku"], row["currency"], _options(row["options"])): row["changed"] for row in rows}


async def told(connection: Connection, store_id: str, goods: Priced) -> int | None:
    """What the store has told that a piece of these goods costs."""
    price: int | None = await connection.fetchval(TOLD, store_id, goods.sku, goods.currency, _json(goods.options))
    return price


async def told_of_lines(
    connection: Connection, store_id: str, currency: str | None, lines: Sequence[Line]
) -> dict[UUID, int]:
    """What the store has told that a piece of these lines costs, by their ids, where it has."""
    if not lines or currency is None:
        return {}
    columns = ([line.line_id for line in lines], [line.sku for line in lines], [_json(line.options) for line in lines])
    rows = await connection.fetch(TOLD_OF_LINES, store_id, currency, *columns)
    return {row["line_id"]: row["price"] for row in rows}


def _columns(prices: Sequence[Price]) -> tuple[Sequence[object], ...]:
    return (
        [price.sku for price in prices],
        [price.currency for price in prices],
        [price.price for price in prices],
        [price.sequence for price in prices],
    )


def _json(options: Mapping[str, str]) -> str:
    return to_json(options).decode()


def _options(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(from_json(text).items()))
