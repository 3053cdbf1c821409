"""What ops ask of the database: whether the tables are there."""

from libs.postgres.pool import Connection

TABLES = "SELECT FROM carts, outbox LIMIT 0"


async def check_tables(connection: Connection) -> None:
    """Raises `asyncpg.UndefinedTableError` where the migrations have not run yet."""
    await connection.execute(TABLES)
