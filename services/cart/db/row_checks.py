"""Looks for rows that break what no constraint holds any more (migrations/0160): rule → how many, and one of them."""

from typing import NamedTuple
from uuid import UUID

from libs.postgres.pool import Connection

PAGE_END = "SELECT cart_id FROM carts WHERE cart_id > $1 ORDER BY cart_id OFFSET $2 LIMIT 1"
# As a CHECK does, a rule holds where nobody can say.
CARTS = """
SELECT rule, count(*) AS rows, min(cart_id::text) AS example
FROM carts CROSS JOIN LATERAL (VALUES
    ('attributes', jsonb_typeof(attributes) = 'object'),
    ('currency', currency ~ '^[A-Z]{3}$'),
    ('currency_of_units', (units = 0) = (currency IS NULL)),
    ('times', updated_at >= created_at),
    ('customer', customer_id <> ''),
    ('guest', octet_length(guest_token_hash) = 32),
    ('lines', jsonb_typeof(lines) = 'array' AND jsonb_array_length(lines) <= 500),
    ('saved', jsonb_typeof(saved) = 'array' AND jsonb_array_length(saved) <= 500),
    ('epochs', recovery_epoch >= 0 AND share_epoch >= 0),
    ('store', store_id <> ''),
    ('version', version >= 1)
) AS held (rule, so)
WHERE cart_id > $1 AND ($2::uuid IS NULL OR cart_id <= $2) AND NOT so
GROUP BY rule
"""
KEYS = """
SELECT rule, count(*) AS rows, min(store_id) AS example
FROM idempotency_keys CROSS JOIN LATERAL (VALUES
    ('fingerprint', octet_length(fingerprint) = 32), ('kept', once IS NULL OR answer = '')
) AS held (rule, so)
WHERE NOT so
GROUP BY rule
"""


class Fault(NamedTuple):
    """So many rows break a rule; `example` is the id of a cart, or a store with such keys."""

    rule: str
    rows: int
    example: str


async def page_end(connection: Connection, after: UUID, rows: int) -> UUID | None:
    """The last cart of a page of so many behind one; None where there are no more."""
    end: UUID | None = await connection.fetchval(PAGE_END, after, rows - 1)
    return end


async def carts(connection: Connection, after: UUID, end: UUID | None) -> list[Fault]:
    """What carts behind `after`, up to `end`, break."""
    return [Fault(*row) for row in await connection.fetch(CARTS, after, end)]


async def keys(connection: Connection) -> list[Fault]:
    """What kept answers break."""
    return [Fault(*row) for row in await connection.fetch(KEYS)]
