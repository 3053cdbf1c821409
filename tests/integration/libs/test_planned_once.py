"""No plan that is kept reads a table whole because the table was small when it was made.

Story: the first fan-out after a database was filled anew took fifteen times the CPU. What had been decided on each of
its holders was looked for in a table that had been empty, which PostgreSQL reads whole; and a plan is kept. So it was
with what the console takes in, and with all but the deliveries of the notifier.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from libs.postgres.pool import Pool, open_pool
from services.cart.main import MIGRATIONS as CART
from services.console.main import MIGRATIONS as CONSOLE
from services.notifier.main import MIGRATIONS as NOTIFIER
from services.trigger.main import MIGRATIONS as TRIGGER
from tests.support.plans import nodes_of_plan, statements

READ_WHOLE = {
    "cart": {
        "guest_contacts.PAGE consents": "a page of a store's consents, by whoever asks for them",
        "rate_limits.FORGET rate_levels": "an unlogged table, forgotten by age once in a while",
        "row_checks.KEYS idempotency_keys": "looks at all rows, once after a start",
        "store_descriptions.TOLD store_descriptions": "as many as there are stores",
    },
    "console": {
        "faults.IN_FORCE faults": "as many as there are faults",
        "faults.NEVER_TOLD faults": "as many as there are faults",
        "faults.UNTOLD faults": "as many as there are faults",
        "messages.LIKELY stale_days": "as many as there are days to be added up anew",
        "stale_days.LEFT stale_days": "as many as there are days to be added up anew",
        "stale_days.TAKE stale_days": "as many as there are days to be added up anew",
    },
    "notifier": {
        "campaign_assets.ALL_TOLD campaign_assets": "as many as there are stores",
        "deliveries.CLAIM profiles_read": "as many as there are partitions",
        "profiles_read.WAITING_SINCE profiles_read": "as many as there are partitions",
        "stores.MARKS stores": "as many as there are stores",
    },
    "trigger": {
        "activations.ACTIVATIONS campaign_activations": "as many as there are campaigns",
        "activations.FORGET_FILES campaign_files": "as many as there are files",
        "backtests.OLD backtests": "as many as people have asked for",
        "fan_outs.CLAIM_FAN_OUT partition_progress": "as many as there are partitions",
        "occasions.CLAIM partition_progress": "as many as there are partitions",
        "progress.LAG partition_progress": "as many as there are partitions",
        "retention.FORGET_FAN_OUTS fan_outs": "as many as items have run low, once in a while",
        "timers.READ partition_progress": "as many as there are partitions",
    },
}
"""Statement and table: why it may."""
SERVICES = pytest.mark.parametrize(
    ("service", "migrations"), [("cart", CART), ("console", CONSOLE), ("notifier", NOTIFIER), ("trigger", TRIGGER)]
)
ANALYSED = pytest.mark.parametrize("analysed", [False, True], ids=["as new", "analysed while empty"])


Opened = Callable[[Path], Awaitable[Pool]]


@pytest.fixture
async def pool_of(make_database: Callable[[Path], str]) -> AsyncIterator[Opened]:
    """`await pool_of(migrations)` is a pool that plans once, on an empty database."""
    opened: list[Pool] = []

    async def make(migrations: Path) -> Pool:
        opened.append(await open_pool(make_database(migrations), size=1, plan_once=True))
        return opened[-1]

    yield make
    for pool in opened:
        await pool.close()


@SERVICES
@ANALYSED
async def test_a_plan_of_empty_tables_finds_rows_by_keys(
    pool_of: Opened, service: str, migrations: Path, analysed: bool
) -> None:
    pool = await pool_of(migrations)
    if analysed:
        await pool.execute("ANALYZE")
    found = set[str]()
    async with pool.acquire() as connection:
        for name, statement in statements(f"services.{service}.db").items():
            if not name.startswith("rebuilt."):
                nodes = await nodes_of_plan(connection, statement)
                found |= {f"{name} {node['Relation Name']}" for node in nodes if node["Node Type"] == "Seq Scan"}
    assert found == READ_WHOLE[service].keys()


HOT = [
    "carts.LOCK_CARTS",
    "carts.SAVE_CARTS",
    "fan_outs.GO_ON",
    "fan_outs.HOLDERS",
    "timers.CLAIM",
    "watches.WAITING",
]
SMALL = {"fan_outs_open"}
"""What is open at one time."""


@ANALYSED
@pytest.mark.parametrize("name", HOT)
async def test_what_every_batch_asks_reads_no_index_whole_either(pool_of: Opened, name: str, analysed: bool) -> None:
    pool = await pool_of(TRIGGER)
    if analysed:
        await pool.execute("ANALYZE")
    async with pool.acquire() as connection:
        nodes = await nodes_of_plan(connection, statements("services.trigger.db")[name])
    scans = [node for node in nodes if "Index Name" in node]
    assert scans
    assert {node["Index Name"] for node in scans if "Index Cond" not in node} <= SMALL
