"""A year of a shop: whatever a page asks, the database looks at few rows of the large tables, and the page stays small.

Rows are counted, not milliseconds: they are the same on every machine.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import asyncpg
import pytest

from libs.postgres.pool import Pool, open_pool
from libs.runtime.clock import utc_now
from services.console.db import stale_days, template_drafts
from services.console.db.messages import by_provider
from services.console.domain.messages import Message, Messages
from services.console.handlers import messages
from services.console.handlers.figures import Figures
from services.console.handlers.message_prices import MessagePrices
from services.console.handlers.stock import Stock
from services.console.jobs.sums import SumsJob
from services.console.main import MIGRATIONS
from services.console.web.app import application
from services.console.web.deps import Services
from services.console.web.pages.messages import STATES
from services.console.web.rendering import STATIC
from tests.integration.console.conftest import RAW
from tests.integration.console.pages.conftest import a_console
from tests.integration.console.pages.fake_backtests import TRIED
from tests.support.databases import create_database, drop_database, run_aside

YEAR = Path(__file__).parents[4] / "deploy/bench/reference/fill_console.sql"
BACKTESTS = ("campaigns/backtests", f"campaigns/backtests/{TRIED}")
CARTS, LOOKS, MOST = 2_000, 100, 250
CUSTOMER = "customer?id=customer-7"
DRAFTS = ("templates", "templates/edit?template=win_back&language=en", *BACKTESTS)
STOCK = ("stock", "stock?sku=sku-12", "stock/item?sku=sku-40")
LARGE = {"touches", "orders", "order_events", "carts", "stock_levels", "template_drafts"}
# One item in forty runs low; every campaign but one is about carts. People have left drafts of all templates.
BESIDE = """
INSERT INTO stock_levels
SELECT 'shop', 'sku-' || n, CASE WHEN n % 2 = 0 THEN 'berlin' ELSE '' END, 1, n % 40, 5, n % 40 = 0,
    now() - n * interval '1 hour' FROM generate_series(1, 8000) AS n;
UPDATE touches SET kind = 'low_stock', sku = 'sku-' || 40 * (1 + abs(hashtext(customer_id)) % 200)
WHERE campaign = 'campaign-5';
INSERT INTO template_drafts
SELECT md5(person::text)::uuid, 'shop', 'template-' || n, '{"words": {}}', '{"words": {}}', '"0"',
    now() FROM generate_series(1, 40) AS person, generate_series(1, 30) AS n
"""
SOMEBODY = UUID("c4ca4238-a0b9-2382-0dcc-509a6f75849b")
HOURS = (timedelta(hours=1), timedelta(hours=24))
Ask = Callable[[Figures, datetime], Awaitable[Any]]


def _asked(**wanted: str) -> Ask:
    return lambda figures, _: figures.messages("shop", wanted)


ASKED: dict[str, Ask] = {
    "today": lambda figures, _: figures.today("shop"),
    "campaigns": lambda figures, _: figures.funnel("shop", 366),
    "experiments": lambda figures, _: figures.experiments("shop"),
    "upcoming": lambda figures, _: figures.upcoming("shop", HOURS),
    "customer": lambda figures, _: figures.customer_timeline("shop", "customer-7"),
    "revenue": lambda figures, now: figures.revenue("shop", now.date() - timedelta(366), now.date(), "version"),
    "counts": lambda figures, now: figures.counts("shop", now.date() - timedelta(366), now.date(), "campaign"),
    "messages": _asked(),
    **{state: _asked(state=state) for state in ("waiting", "clicked", "bounced", "failed", "skipped", "cancelled")},
    "a reason that none has": _asked(reason="no such"),
    "a campaign that there is not": _asked(campaign="no such"),
    "two that never meet": _asked(state="sent", reason="no_consent"),
    "providers": lambda figures, _: figures.providers("shop"),
    "a provider": _asked(provider="smtp"),
    "a provider that there is not": _asked(provider="no such", state="sent"),
    "rare": _asked(state="cancelled", campaign="campaign-1", channel="sms"),
}


async def _draft(pool: Pool, _now: datetime) -> Any:
    async with pool.acquire() as connection:
        found = await template_drafts.read(connection, SOMEBODY, "shop", "template-7")
    assert found is not None
    return found


async def _by_provider(pool: Pool, now: datetime) -> Any:
    async with pool.acquire() as connection:
        return await by_provider(connection, "shop", now)


# What pages ask beside figures.
OTHERS: dict[str, Callable[[Pool, datetime], Awaitable[Any]]] = {
    "stock": lambda pool, now: Stock(pool, lambda: now).low("shop", ""),
    "stock of skus that begin so": lambda pool, now: Stock(pool, lambda: now).low("shop", "sku-12"),
    "an item": lambda pool, now: Stock(pool, lambda: now).levels("shop", "sku-40"),
    "told of items": lambda pool, now: Stock(pool, lambda: now).told("shop", ["sku-40", "sku-80"], 90, "UTC"),
    "template drafts": _draft,
    "a week by provider": _by_provider,
    "backtests": lambda pool, _: MessagePrices(pool).of("shop"),
}


@dataclass
class One:
    """A pool of the one connection that is watched."""

    connection: asyncpg.Connection

    @asynccontextmanager
    async def acquire(self, timeout: float | None = None) -> AsyncIterator[asyncpg.Connection]:
        yield self.connection


@pytest.fixture(scope="module")
def year(postgres_server: str) -> Iterator[str]:
    """The address of a database with a year in it, and its sums."""
    dsn = run_aside(_filled(postgres_server))
    yield dsn
    run_aside(drop_database(postgres_server, dsn))


@pytest.fixture
async def connection(year: str) -> AsyncIterator[asyncpg.Connection]:
    """What a test changes by it is as before for the next one."""
    made = await asyncpg.connect(year)
    changes = made.transaction()
    await changes.start()
    yield made
    await changes.rollback()
    await made.close()


async def _filled(server: str) -> str:
    dsn = await create_database(server, MIGRATIONS)
    pool = await open_pool(dsn, size=2)
    await pool.execute(YEAR.read_text(), CARTS)
    await pool.execute(BESIDE)
    async with pool.acquire() as connection:
        await stale_days.add_all(connection)
    assert await SumsJob(pool, RAW, 1).round() > 360
    await pool.execute("ANALYZE")
    pool.terminate()
    return dsn


def looked_at(plan: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Each large table that a plan reads, with how many of its rows."""
    if plan.get("Relation Name") in LARGE:
        rows = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Join Filter", 0)
        yield plan["Node Type"] + " of " + plan["Relation Name"], round(rows * plan["Actual Loops"])
    for part in plan.get("Plans", ()):
        yield from looked_at(part)


async def test_no_page_looks_at_more_than_a_few_rows_of_a_large_table(
    year: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "LOOKS", LOOKS)
    connection = await asyncpg.connect(year, server_settings={"enable_seqscan": "off"})  # tables are small here
    now = await connection.fetchval("SELECT max(happened_at) FROM touches")
    pool = cast("Pool", One(connection))
    figures, found = Figures(pool, lambda: now), dict[str, list[tuple[str, int]]]()
    asked = {name: partial(ask, figures, now) for name, ask in ASKED.items()}
    asked |= {name: partial(ask, pool, now) for name, ask in OTHERS.items()}
    for name, ask in asked.items():
        queries: list[tuple[str, tuple[Any, ...]]] = []
        with connection.query_logger(lambda said, queries=queries: queries.append((said.query, said.args))):
            await ask()
            await asyncio.sleep(0)  # the last one is told then
        assert queries, name
        for query, values in queries:
            told = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", *values)
            found.setdefault(name, []).extend(looked_at(json.loads(told)[0]["Plan"]))
    await connection.close()
    assert {table for of in found.values() for table, _ in of if "Seq Scan" in table} == set()
    assert {name: of for name, of in found.items() if any(rows > MOST for _, rows in of)} == {}
    assert sum(len(of) for of in found.values()) > len(asked), "or else it looks at nothing"


async def test_pages_of_a_year_are_small(year: str) -> None:
    loaded = sum((STATIC / name).stat().st_size for name in ("console.css", "console.js", "vendor/sse.min.js"))
    loaded += (STATIC / "vendor/htmx.min.js").stat().st_size
    async with a_console(year) as console:
        now = await console.pool.fetchval("SELECT max(happened_at) FROM touches")
        house = replace(console.house, figures=Figures(console.pool, lambda: now))
        console.app = application(Services(console.pool, {}, lambda: now), {}, house)
        owner = await console.somebody("owner")
        for path in (
            "today",
            "campaigns",
            "experiments",
            "upcoming",
            "messages",
            "messages?state=clicked",
            CUSTOMER,
            *DRAFTS,
            *STOCK,
        ):
            answer = await owner.get(f"/stores/shop/{path}")
            assert answer.status_code == 200, path
            assert len(answer.content) + loaded < 100_000, path
        assert (await owner.get("/stores/shop/messages")).text.count("<tr>") == messages.PAGE + 1


async def test_what_is_rare_is_found_wherever_it_is_and_what_is_nowhere_at_once(
    connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "LOOKS", LOOKS)
    pool = cast("Pool", One(connection))
    figures = Figures(pool, utc_now)
    rare = await connection.fetchval(
        "UPDATE touches SET bounced_at = happened_at WHERE reminder_id = ("
        "SELECT reminder_id FROM touches WHERE ended = 'sent' ORDER BY happened_at OFFSET 60 LIMIT 1)"
        " RETURNING reminder_id"
    )
    assert (await figures.messages("shop", {"state": "bounced"})) == Messages((), None), "no sum tells of it yet"
    await stale_days.add_all(connection)
    found = [row.reminder_id for row in await all_of(figures, {"state": "bounced"})]
    assert found == [rare], "stale days are looked at, one after the other"
    await SumsJob(pool, RAW, 1).round()
    page = await figures.messages("shop", {"state": "bounced"})
    assert [row.reminder_id for row in page.rows] == [rare], "a year is passed over at once"
    assert (await figures.messages("shop", {"reason": "no such"})) == Messages((), None)


async def test_every_filter_finds_what_a_look_at_all_rows_finds(
    connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "LOOKS", 400)
    figures = Figures(cast("Pool", One(connection)), utc_now)
    every = await all_of(figures, {})
    assert len(every) > 2_000
    wanted: list[dict[str, str]] = [
        *({"state": state} for state in STATES),
        *({"state": state, "channel": "sms", "campaign": "campaign-2"} for state in ("clicked", "skipped", "waiting")),
        *({"reason": reason} for reason in ("holdout", "ordered", "no_consent")),
        {"reason": "holdout", "state": "skipped", "step": "2"},
        {"step": "3"},
    ]
    for one in wanted:
        expected = [row for row in every if all(str(getattr(row, name)) == value for name, value in one.items())]
        assert await all_of(figures, one) == expected, one
    await connection.execute("UPDATE touches SET complained_at = delivered_at WHERE delivered_at IS NOT NULL")
    page = await figures.messages("shop", {"state": "delivered"})
    assert (page.rows, page.looked_to is not None, page.after is not None) == ((), True, True), "not so many at once"
    assert await all_of(figures, {"state": "delivered"}) == []


async def all_of(figures: Figures, wanted: dict[str, str]) -> list[Message]:
    """All pages one after the other."""
    found, after = list[Message](), ""
    while True:
        page = await figures.messages("shop", wanted, after)
        found += page.rows
        if page.after is None:
            return found
        after = page.after
