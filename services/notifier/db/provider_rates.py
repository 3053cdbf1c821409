"""The rates of providers, which all processes share. Functions take a connection, and never commit.

A bucket of tokens as one moment for each provider, `free_at`: from then on the bucket fills, and a token moves it on by
the time that one takes to come (the generic cell rate algorithm, ITU-T I.371). By the database's clock.
"""

from datetime import timedelta

from libs.postgres.pool import Connection

# $2 is the time of one token, $3 that of a full bucket, $4 the longest that somebody waits for theirs.
TAKE = """
INSERT INTO provider_rates AS kept (provider, free_at) VALUES ($1, clock_timestamp() - $3::interval + $2::interval)
ON CONFLICT (provider) DO UPDATE
SET free_at = greatest(kept.free_at, clock_timestamp() - $3::interval) + $2::interval
WHERE kept.free_at <= clock_timestamp() + $4::interval
RETURNING greatest(0, extract(epoch FROM free_at - $2::interval - clock_timestamp()))::float8
"""


async def take(
    connection: Connection, provider: str, per_second: float, burst: timedelta, longest: timedelta
) -> float | None:
    """Takes one token: after how many seconds it may be used, or None where that would take too long.

    So many come each second; `burst` is the time in which those come that may be used at once.
    """
    waits: float | None = await connection.fetchval(TAKE, provider, timedelta(seconds=1 / per_second), burst, longest)
    return waits
