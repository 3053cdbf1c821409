"""What items cost. Takes a connection, never commits."""

import json
from collections.abc import Iterable, Mapping

from libs.postgres.pool import Connection
from services.trigger.domain.price_levels import Priced, PriceState

PRICES = """
SELECT store_id, sku, version, prices
FROM unnest($1::text[], $2::text[]) AS t(store_id, sku)
JOIN price_levels USING (store_id, sku)
"""

SAVE_PRICES = """
INSERT INTO price_levels AS p (store_id, sku, version, prices)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::jsonb[])
ON CONFLICT (store_id, sku) DO UPDATE SET version = excluded.version, prices = excluded.prices
WHERE p.version < excluded.version
"""


async def known_prices(connection: Connection, items: Iterable[Priced]) -> dict[Priced, PriceState]:
    """Those of the items of which prices are known."""
    ordered = sorted(set(items))
    rows = await connection.fetch(PRICES, [store for store, _ in ordered], [sku for _, sku in ordered])
    return {(row["store_id"], row["sku"]): _state(row["version"], row["prices"]) for row in rows}


async def save_prices(connection: Connection, states: Mapping[Priced, PriceState]) -> None:
    """Writes items; older prices change nothing."""
    ordered = sorted(states.items(), key=lambda one: one[0])
    await connection.execute(
        SAVE_PRICES,
        [store for (store, _), _ in ordered],
        [sku for (_, sku), _ in ordered],
        [state.version for _, state in ordered],
        [_json(state) for _, state in ordered],
    )


def _json(state: PriceState) -> str:
    return json.dumps([[currency, dict(options), price] for (currency, options), price in state.prices.items()])


def _state(version: int, prices: str) -> PriceState:
    rows = json.loads(prices)
    known = {(currency, tuple(sorted(options.items()))): price for currency, options, price in rows}
    return PriceState(version, known)
