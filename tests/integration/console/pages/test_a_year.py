"""A year of a shop: whatever a page asks, the database looks at few rows of the large tables, and the page stays small.

Rows are counted, not milliseconds: they are the same on every machine.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest

from libs.postgres.pool import Pool, open_pool
from libs.runtime.clock import utc_now
from services.console.db import stale_days
from services.console.domain.messages import Message, Messages
from services.console.handlers import messages
from services.console.handlers.figures import Figures
from services.console.jobs.sums import SumsJob
from services.console.main import MIGRATIONS
from services.console.web.app import application
from services.console.web.deps import Services
from services.console.web.pages.messages import STATES
from services.console.web.rendering import STATIC
from tests.integration.console.conftest import RAW
from tests.integration.console.pages.conftest import a_console
from tests.support.databases import create_database, drop_database, run_aside

YEAR = Path(__file__).parents[4] / "deploy/bench/reference/fill_console.sql"
CARTS, LOOKS, MOST = 2_000, 100, 250
CUSTOMER = "customer?id=customer-7"
LARGE = {"touches", "orders", "order_events", "carts"}
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
    "rare": _asked(state="cancelled", campaign="campaign-1", channel="sms"),
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


async def _filled(server: str) -> str:
    dsn = await create_database(server, MIGRATIONS)
    pool = await open_pool(dsn, size=2)
    await pool.execute(YEAR.read_text(), CARTS)
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
    figures, found = Figures(cast("Pool", One(connection)), lambda: now), dict[str, list[tuple[str, int]]]()
    for name, ask in ASKED.items():
        queries: list[tuple[str, tuple[Any, ...]]] = []
        with connection.query_logger(lambda said, queries=queries: queries.append((said.query, said.args))):
            await ask(figures, now)
            await asyncio.sleep(0)  # the last one is told then
        assert queries, name
        for query, values in queries:
            told = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", *values)
            found.setdefault(name, []).extend(looked_at(json.loads(told)[0]["Plan"]))
    await connection.close()
    assert {table for of in found.values() for table, _ in of if "Seq Scan" in table} == set()
    assert {name: of for name, of in found.items() if any(rows > MOST for _, rows in of)} == {}
    assert sum(len(of) for of in found.values()) > len(ASKED), "or else it looks at nothing"


async def test_pages_of_a_year_are_small(year: str) -> None:
    loaded = sum((STATIC / name).stat().st_size for name in ("console.css", "console.js", "vendor/sse.min.js"))
    loaded += (STATIC / "vendor/htmx.min.js").stat().st_size
    async with a_console(year) as console:
        now = await console.pool.fetchval("SELECT max(happened_at) FROM touches")
        house = replace(console.house, figures=Figures(console.pool, lambda: now))
        console.app = application(Services(console.pool, {}, lambda: now), {}, house)
        owner = await console.somebody("owner")
        for path in ("today", "campaigns", "experiments", "upcoming", "messages", "messages?state=clicked", CUSTOMER):
            answer = await owner.get(f"/stores/shop/{path}")
            assert answer.status_code == 200, path
            assert len(answer.content) + loaded < 100_000, path
        assert (await owner.get("/stores/shop/messages")).text.count("<tr>") == messages.PAGE + 1


async def test_what_is_rare_is_found_wherever_it_is_and_what_is_nowhere_at_once(
    year: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "LOOKS", LOOKS)
    pool = await open_pool(year, size=1)
    figures = Figures(pool, utc_now)
    rare = await pool.fetchval(
        "UPDATE touches SET bounced_at = happened_at WHERE reminder_id = ("
        "SELECT reminder_id FROM touches WHERE ended = 'sent' ORDER BY happened_at OFFSET 60 LIMIT 1)"
        " RETURNING reminder_id"
    )
    assert (await figures.messages("shop", {"state": "bounced"})) == Messages((), None), "no sum tells of it yet"
    async with pool.acquire() as connection:
        await stale_days.add_all(connection)
    found = [row.reminder_id for row in await all_of(figures, {"state": "bounced"})]
    assert found == [rare], "stale days are looked at, one after the other"
    await SumsJob(pool, RAW, 1).round()
    page = await figures.messages("shop", {"state": "bounced"})
    assert [row.reminder_id for row in page.rows] == [rare], "a year is passed over at once"
    assert (await figures.messages("shop", {"reason": "no such"})) == Messages((), None)
    pool.terminate()


async def test_every_filter_finds_what_a_look_at_all_rows_finds(year: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "LOOKS", 400)
    pool = await open_pool(year, size=1)
    figures = Figures(pool, utc_now)
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
    await pool.execute("UPDATE touches SET complained_at = delivered_at WHERE delivered_at IS NOT NULL")
    page = await figures.messages("shop", {"state": "delivered"})
    assert (page.rows, page.looked_to is not None, page.after is not None) == ((), True, True), "not so many at once"
    assert await all_of(figures, {"state": "delivered"}) == []
    pool.terminate()


async def all_of(figures: Figures, wanted: dict[str, str]) -> list[Message]:
    """All pages one after the other."""
    found, after = list[Message](), ""
    while True:
        page = await figures.messages("shop", wanted, after)
        found += page.rows
        if page.after is None:
            return found
        after = page.after
