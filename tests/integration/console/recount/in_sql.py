"""The figures counted a third time: by SQL over the records of the topics, which knows nothing of the console."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from libs.contracts import events as e
from libs.contracts.codec import encode
from libs.postgres.pool import Connection, Pool

SUMS = ("touch_sums", "reason_sums", "credit_sums", "order_sums", "people_sums")
RECOUNT = (Path(__file__).parent / "recount.sql").read_text()
BEGIN = """
DROP SCHEMA IF EXISTS recount CASCADE;
CREATE SCHEMA recount;
CREATE TABLE recount.told (type text NOT NULL, data jsonb NOT NULL);
CREATE TABLE recount.rules (zone text NOT NULL, currency text NOT NULL, window_days int NOT NULL);
CREATE TABLE recount.windows (channel text NOT NULL, days int NOT NULL);
CREATE TABLE recount.rates (currency text NOT NULL, rate numeric NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Counting:
    """By what it is counted: the store's zone and currency, windows in days, what other currencies are worth."""

    zone: str
    window: int = 5
    windows: dict[str, int] = field(default_factory=dict)
    rates: dict[str, str] = field(default_factory=dict)


async def recount(connection: Connection, events: Sequence[e.Event], counting: Counting) -> None:
    """Makes the sums of schema `recount` out of the records of these events, as they would stand in the topics."""
    await connection.execute(BEGIN)
    records = [encode(event, "/evercart/trace") for event in events]
    told = [(record.headers["ce_type"], record.value.decode()) for record in records if record.value is not None]
    await connection.executemany("INSERT INTO recount.told VALUES ($1, $2::text::jsonb)", told)
    await connection.execute("INSERT INTO recount.rules VALUES ($1, 'EUR', $2)", counting.zone, counting.window)
    await connection.executemany("INSERT INTO recount.windows VALUES ($1, $2)", counting.windows.items())
    await connection.executemany("INSERT INTO recount.rates VALUES ($1, $2::text::numeric)", counting.rates.items())
    await connection.execute(RECOUNT)


async def differences(pool: Pool, events: Sequence[e.Event], counting: Counting) -> dict[str, list[tuple[object, ...]]]:
    """Whole rows of sums that only the console or only the recount has, by table; empty where both count the same."""
    found = {}
    async with pool.acquire() as connection:
        await recount(connection, events, counting)
        for name in SUMS:
            ours, theirs = f"TABLE {name}", f"TABLE recount.{name}"
            rows = await connection.fetch(f"({ours} EXCEPT {theirs}) UNION ALL ({theirs} EXCEPT {ours})")
            found[name] = [tuple(row.values()) for row in rows]
    return {name: rows for name, rows in found.items() if rows}
