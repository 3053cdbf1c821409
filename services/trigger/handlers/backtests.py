"""A store asks what a draft of its campaigns would have told, and for no more than one at a time."""

from uuid import UUID

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from libs.runtime.ids import uuid7
from services.trigger.db import backtests


async def ask_for_backtest(
    pool: Pool, store_id: str, document: str, days: int, by: str, clock: Clock
) -> tuple[UUID, bool]:
    """Asks for one, to be worked on by whichever process is free: its id, and True; where the store has one ahead or
    under way, the id of that, and False.
    """
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        while True:
            made = uuid7()
            if await backtests.ask(connection, made, store_id, document, days, by=by, at=clock()):
                return made, True
            if (ahead := await backtests.ahead_of(connection, store_id)) is not None:
                return ahead, False
