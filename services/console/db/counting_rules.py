"""By what stores' figures are counted. Never commits."""

from datetime import datetime

from libs.postgres.pool import Connection
from services.console.domain.rules import Rules

READ = "SELECT document, version FROM counting_rules WHERE store_id = $1"
# Whoever changes the rules of a store waits for whoever does so already: the next one sees what the one before said.
KEEP = """
INSERT INTO counting_rules AS known (store_id, version, document, made_by, made_at) VALUES ($1, 1, $2, $3, $4)
ON CONFLICT (store_id) DO UPDATE SET version = known.version + 1, document = excluded.document,
    made_by = excluded.made_by, made_at = excluded.made_at
RETURNING version
"""


async def read(connection: Connection, store_id: str) -> tuple[Rules, int]:
    """A store's rules and their version; 0 where it has said none."""
    row = await connection.fetchrow(READ, store_id)
    return (Rules(), 0) if row is None else (Rules.model_validate_json(row["document"]), row["version"])


async def keep(connection: Connection, store_id: str, rules: Rules, made_by: str, now: datetime) -> int:
    """Puts rules in force; gives their version."""
    version: int = await connection.fetchval(KEEP, store_id, rules.model_dump_json(), made_by, now)
    return version
