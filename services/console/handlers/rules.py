"""A store says by what it is counted: all that is known one by one is counted anew."""

from datetime import datetime

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from services.console.db import counting_rules, stale_days
from services.console.domain.rules import Rules


async def change_rules(pool: Pool, store_id: str, rules: Rules, made_by: str, now: datetime) -> int:
    """Puts rules in force, and has the figures counted by them; gives their version. The same rules change nothing."""
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        known, version = await counting_rules.read(connection, store_id)
        if version and known == rules:
            return version
        version = await counting_rules.keep(connection, store_id, rules, made_by, now)
        await stale_days.add_all(connection, store_id)
        return version


async def rules_of(pool: Pool, store_id: str) -> tuple[Rules, int]:
    """A store's rules and their version; 0 where it has said none."""
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        return await counting_rules.read(connection, store_id)
