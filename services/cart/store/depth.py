"""How much waits in the outbox."""

from libs.postgres.pool import Connection

# counting stops where the exact number says no more than "far behind"
READ = "SELECT count(*) FROM (SELECT FROM outbox LIMIT 10000) AS waiting"


async def read(connection: Connection) -> int:
    """Rows in the outbox, at most 10,000."""
    return int(await connection.fetchval(READ))
