"""The columns of a database that can hold something of a person: texts, documents, bytes, ids, and arrays of them."""

from collections.abc import Iterable

from libs.postgres.pool import Pool

COLUMNS = """
SELECT columns.table_name || '.' || column_name AS place
FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'schema_migrations'
  AND data_type IN ('text', 'json', 'jsonb', 'bytea', 'uuid', 'ARRAY', 'character varying')
"""


async def columns(pool: Pool) -> set[str]:
    """`table.column` of all of them."""
    return {row["place"] for row in await pool.fetch(COLUMNS)}


async def unfilled(pool: Pool, places: Iterable[str]) -> set[str]:
    """Those of the places in which nothing stands."""
    empty = set()
    for place in places:
        table, column = place.split(".")
        if not await pool.fetchval(f'SELECT EXISTS (SELECT FROM "{table}" WHERE "{column}" IS NOT NULL)'):
            empty.add(place)
    return empty


def each(tables: dict[str, str]) -> dict[str, str]:
    """`{"carts": "lines saved"}` by column: each of a table's columns means what the key says."""
    return {f"{table}.{column}": table for table, names in tables.items() for column in names.split()}
