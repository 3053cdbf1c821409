"""The days of stores whose sums are to be made anew. Never commits."""

from datetime import date

from libs.postgres.pool import Connection

LOCK = 0x73_75_6D_73  # any constant of our own: "sums"
ALONE = "SELECT pg_try_advisory_xact_lock($1)"
HOLD = "SELECT pg_advisory_lock($1)"
# The newest day first, for what it settles makes days before it stale. Who marks a day only adds a row, which this does
# not see and leaves if it is not committed yet.
TAKE = """
WITH next AS (SELECT store_id, day FROM stale_days WHERE id <= $1 ORDER BY day DESC LIMIT 1)
DELETE FROM stale_days USING next WHERE stale_days.store_id = next.store_id AND stale_days.day = next.day
RETURNING stale_days.store_id, stale_days.day
"""
ALL = """
INSERT INTO stale_days (store_id, day)
SELECT store_id, (at AT TIME ZONE coalesce(time_zone, 'UTC'))::date FROM (
    SELECT store_id, happened_at AS at FROM touches WHERE $1::text IS NULL OR store_id = $1
    UNION ALL
    SELECT store_id, placed_at FROM orders WHERE $1::text IS NULL OR store_id = $1
) AS rows LEFT JOIN stores USING (store_id) GROUP BY 1, 2
"""
NEWEST = "SELECT coalesce(max(id), 0) FROM stale_days"
LEFT = "SELECT count(DISTINCT (store_id, day)) FROM stale_days"


async def alone(connection: Connection) -> bool:
    """Whether nobody else makes sums until the end of the transaction."""
    found: bool = await connection.fetchval(ALONE, LOCK)
    return found


async def hold(connection: Connection) -> None:
    """Nobody makes sums until this session ends."""
    await connection.execute(HOLD, LOCK)


async def newest(connection: Connection) -> int:
    """The newest mark; 0 where all sums are as the rows are."""
    found: int = await connection.fetchval(NEWEST)
    return found


async def take(connection: Connection, upto: int) -> tuple[str, date] | None:
    """The next day that was marked up to then, which is stale no more when the transaction commits."""
    row = await connection.fetchrow(TAKE, upto)
    return None if row is None else (row["store_id"], row["day"])


async def add_all(connection: Connection, store_id: str | None = None) -> None:
    """Every day of a store, or of all, of which anything is known one by one."""
    await connection.execute(ALL, store_id)


async def left(connection: Connection) -> int:
    """How many days are stale."""
    found: int = await connection.fetchval(LEFT)
    return found
