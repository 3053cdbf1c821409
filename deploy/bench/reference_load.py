"""The reference's turns on PostgreSQL: pgbench with the statements of `reference/` on the reference's own tables."""

from itertools import count
from typing import Any

import asyncpg

from deploy.bench.pgbench import LINES, Work, run
from deploy.bench.shoppers import WARM

BATCH = 500
"""Events taken in, carts fired and holders told in one transaction."""
_CLEAR = "TRUNCATE carts, holdings, decisions, stock_levels, fan_outs, partition_progress, outbox"
_ANALYZE = "ANALYZE carts, identities, inventory, prices, merges"
"""Else the plan hangs on whether autovacuum came by between the adds: it may take thirty times as long."""
_ASKED = "SELECT count(*) FROM outbox"
_TURN = 10**9


class ReferenceLoad:
    """Two scratch databases with the reference's schema of the cart and of the trigger."""

    def __init__(self, cart: str, trigger: str) -> None:
        self._cart, self._trigger = cart, trigger
        self._turns = count(1)

    async def fill(self) -> None:
        """Makes the carts that are then read."""
        await run(self._cart, Work("fill_carts"))

    async def add(self, callers: int, seconds: float) -> dict[str, Any]:
        """A turn of adds, five lines a cart, each with its event and its kept answer."""
        first = {"first": next(self._turns) * _TURN}  # no two turns share a cart
        turn = await run(self._cart, Work("add_to_cart", callers, seconds, variables=first))
        return turn.as_json()

    async def read(self, callers: int, seconds: float) -> dict[str, Any]:
        """A turn of reads."""
        await _execute(self._cart, _ANALYZE)
        return (await run(self._cart, Work("read_cart", callers, seconds))).as_json()

    async def timers(self, carts: int) -> list[dict[str, Any]]:
        """A turn of batches taken in, which arms the timers of their carts, and one of timers that fire."""
        await self._clear()
        armed = await run(self._trigger, _batches("arm_timers", carts * LINES, WARM * LINES))
        await run(self._trigger, Work("read_through"))
        fired = await run(self._trigger, _batches("fire_timers", carts))
        await self._check(WARM + carts)
        return [armed.as_json(), fired.as_json()]

    async def fan_out(self, holders: int) -> dict[str, Any]:
        """A turn of holders who are told that an item runs low."""
        await run(self._trigger, Work("fill_holders", variables={"holders": WARM + holders}))
        told = await run(self._trigger, _batches("fan_out", holders))
        await self._check(WARM + holders)
        return told.as_json()

    async def _clear(self) -> None:
        await _execute(self._trigger, _CLEAR)

    async def _check(self, asked: int) -> None:
        connection = await asyncpg.connect(self._trigger)
        try:
            found = await connection.fetchval(_ASKED)
        finally:
            await connection.close()
        assert found == asked, f"the reference has asked for {found} reminders instead of {asked}"


def _batches(script: str, calls: int, warm: int = WARM) -> Work:
    return Work(script, each=calls // BATCH, warm=warm // BATCH, calls=BATCH)


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
