"""What the other services were last told of each store."""

from typing import Any

from pydantic_core import from_json, to_json

from libs.postgres.pool import Connection

TOLD = "SELECT store_id, description FROM store_descriptions WHERE description IS NOT NULL"
# Whoever comes second waits for the row's lock and finds that there is nothing new.
TELL = """
INSERT INTO store_descriptions AS told (store_id, version, description) VALUES ($1, 1, $2::jsonb)
ON CONFLICT (store_id) DO UPDATE SET version = told.version + 1, description = excluded.description
WHERE told.description IS DISTINCT FROM excluded.description
RETURNING version
"""


async def told(connection: Connection) -> dict[str, dict[str, Any]]:
    """What was told of every store that was not told to be closed."""
    return {row["store_id"]: from_json(row["description"]) for row in await connection.fetch(TOLD)}


async def tell(connection: Connection, store_id: str, description: dict[str, Any] | None) -> int | None:
    """Notes what is told now (None: that it was closed); its version, or None where that was told already."""
    said = None if description is None else to_json(description).decode()
    version: int | None = await connection.fetchval(TELL, store_id, said)
    return version
