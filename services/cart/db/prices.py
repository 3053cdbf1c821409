"""Prices that the store has told: of a sku, or of a choice of its options."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
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
RETURNING new.sku, new.currency, '{}' AS options, old.price IS DISTINCT FROM new.price AS changed, old.price AS previous
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
RETURNING new.sku, new.currency, new.options::text AS options, old.price IS DISTINCT FROM new.price AS changed,
    old.price AS previous
"""
# In the order of the keys, as prices are set. Whoever set other prices of the sku is waited for here, and read then.
COUNT_CHANGES = """
INSERT INTO price_versions AS counted (store_id, sku, version)
SELECT $1, sku, 1 FROM unnest($2::text[]) AS changed (sku) ORDER BY sku
ON CONFLICT (store_id, sku) DO UPDATE SET version = counted.version + 1
RETURNING sku, version
"""
PRICES_OF = """
SELECT sku, currency, '{}' AS options, price FROM prices WHERE store_id = $1 AND sku = ANY ($2::text[])
UNION ALL
SELECT sku, currency, options::text, price FROM option_prices WHERE store_id = $1 AND sku = ANY ($2::text[])
ORDER BY sku, currency, options
"""
TOLD = "SELECT price FROM told_price($1, $2, $3, $4::jsonb)"
TOLD_OF_MANY = """
SELECT (SELECT price FROM told_price(store_id, sku, currency, options))
FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[])
    WITH ORDINALITY AS asked (store_id, sku, currency, options, place) ORDER BY place
"""
TOLD_OF_LINES = """
SELECT line_id, told.price FROM unnest($3::uuid[], $4::text[], $5::jsonb[]) AS line (line_id, sku, options)
CROSS JOIN LATERAL told_price($1, sku, $2, options) AS told
"""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a price that was not stale or known: whether it `changed`, and what it was before."""

    changed: bool
    previous: int | None


@dataclass(frozen=True, slots=True)
class PricesOf:
    """All prices of a sku, and how often they have changed."""

    sku: str
    version: int
    prices: Mapping[PriceOf, int]


async def set_prices(
    connection: Connection, store_id: str, prices: Sequence[Price], now: datetime
) -> dict[PriceOf, Written]:
    """Sets prices, each choice of a sku once in each currency; tells of those that were not stale or known."""
    plain, of_options = [one for one in prices if not one.options], [one for one in prices if one.options]
    rows = list[asyncpg.Record]()
    if plain:
        rows += await connection.fetch(SET_PRICES, store_id, *_columns(plain), now)
    if of_options:
        options = [_json(one.options) for one in of_options]
        rows += await connection.fetch(SET_OPTION_PRICES, store_id, *_columns(of_options), now, options)
    return {_price_of(row): Written(row["changed"], row["previous"]) for row in rows}


async def count_changes(connection: Connection, store_id: str, skus: Collection[str]) -> list[PricesOf]:
    """All prices of skus whose prices have just changed; nobody else changes them until the caller's transaction
    ends.
    """
    if not skus:
        return []
    counted = await connection.fetch(COUNT_CHANGES, store_id, sorted(skus))
    rows = await connection.fetch(PRICES_OF, store_id, sorted(skus))
    prices: dict[str, dict[PriceOf, int]] = {}
    for row in rows:
        prices.setdefault(row["sku"], {})[_price_of(row)] = row["price"]
    return [PricesOf(row["sku"], row["version"], prices[row["sku"]]) for row in counted]


async def told(connection: Connection, store_id: str, goods: Priced) -> int | None:
    """What the store has told that a piece of these goods costs."""
    price: int | None = await connection.fetchval(TOLD, store_id, goods.sku, goods.currency, _json(goods.options))
    return price


async def told_of_many(connection: Connection, asked: Sequence[tuple[str, Priced]]) -> list[int | None]:
    """The same for goods of several stores, in their order."""
    rows = [(store_id, goods.sku, goods.currency, _json(goods.options)) for store_id, goods in asked]
    return [price for (price,) in await connection.fetch(TOLD_OF_MANY, *(list(one) for one in zip(*rows, strict=True)))]


async def told_of_lines(
    connection: Connection, store_id: str, currency: str | None, lines: Sequence[Line]
) -> dict[UUID, int]:
    """What the store has told that a piece of these lines costs, by their ids, where it has."""
    if not lines or currency is None:
        return {}
    columns = ([line.line_id for line in lines], [line.sku for line in lines], [_json(line.options) for line in lines])
    rows = await connection.fetch(TOLD_OF_LINES, store_id, currency, *columns)
    return {row["line_id"]: row["price"] for row in rows}


def _price_of(row: asyncpg.Record) -> PriceOf:
    return row["sku"], row["currency"], tuple(sorted(from_json(row["options"]).items()))


def _columns(prices: Sequence[Price]) -> tuple[Sequence[object], ...]:
    return (
        [price.sku for price in prices],
        [price.currency for price in prices],
        [price.price for price in prices],
        [price.sequence for price in prices],
    )


def _json(options: Mapping[str, str]) -> str:
    return to_json(options).decode()
