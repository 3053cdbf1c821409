"""What ops ask of the database: how much waits in the outbox, and whether the tables are there."""

from libs.postgres.pool import Connection

# counting stops where the exact number says no more than "far behind"
OUTBOX_ROWS = "SELECT count(*) FROM (SELECT FROM outbox LIMIT 10000) AS waiting"
TABLES = "SELECT FROM carts, outbox LIMIT 0"


async def outbox_rows(connection: Connection) -> int:
    """Rows in the outbox, at most 10,000."""
    return int(await connection.fetchval(OUTBOX_ROWS))


async def check_tables(connection: Connection) -> None:
    """Raises `asyncpg.UndefinedTableError` where the migrations have not run yet."""
    await connection.execute(TABLES)
