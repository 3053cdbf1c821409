"""Erasures as the cart service asks for them, and what the console answers."""

import json
from datetime import datetime
from uuid import uuid4

from libs.contracts.codec import decode
from libs.contracts.events import CustomerErased, ErasureRequested
from tests.integration.console.conftest import Console


def request(*names: str, when: datetime, store_id: str = "shop") -> ErasureRequested:
    """Whoever goes by these names is to be forgotten."""
    return ErasureRequested(
        event_id=uuid4(),
        occurred_at=when,
        erasure_id=uuid4(),
        store_id=store_id,
        customer_ids=names,
        profile_version=9,
    )


async def reports(console: Console) -> list[CustomerErased]:
    """What the console tells of erasures, in the order in which it does."""
    rows = await console.pool.fetch("SELECT key, headers, value FROM outbox ORDER BY id")
    told = [decode(row["key"], json.loads(row["headers"]), row["value"]) for row in rows]
    return [event for event in told if isinstance(event, CustomerErased)]


async def everything(console: Console) -> str:
    """Every row of every table but the outbox, as text."""
    tables = await console.pool.fetch("SELECT relname FROM pg_stat_user_tables WHERE relname <> 'outbox'")
    found = [await console.pool.fetch(f'SELECT t::text AS row FROM "{one["relname"]}" AS t') for one in tables]
    return "\n".join(row["row"] for table in found for row in table)
