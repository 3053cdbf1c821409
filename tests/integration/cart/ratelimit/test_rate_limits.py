"""Callers who call too often: told when to come again, on whichever replica, and nobody else notices."""

import asyncio
import json
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import httpx
import pytest

from libs.postgres.pool import Pool, open_pool
from services.cart.api import callers
from services.cart.db import rate_limits as store
from services.cart.domain.rate import SECOND, Rate, Rates, due_everywhere
from services.cart.main import application
from services.cart.ratelimit.counter import RateCounter
from services.cart.ratelimit.exchange import Exchange
from services.cart.settings import CartSettings
from tests.integration.cart.shop import (
    SECRET_KEY,
    Hands,
    Shop,
    Visitor,
    customer_token,
    done,
    lazily,
    refused,
    settings,
)

SLOW = Rate(per_second=0.1, burst=4)
PUBLIC, ELSEWHERE = ("203.0.113.7", 4711), ("203.0.113.8", 4711)


class Crossing:
    """Two replicas whose meters and exchanges the tests hold in their hands."""

    def __init__(self, pool: Pool, **rates: Rate) -> None:
        self.pool, self.now = pool, 10**9
        self.settings = limited(**rates)
        self.meters = [RateCounter(lambda: self.now) for _ in range(2)]
        self.exchanges = [Exchange(pool, meter, b"secret") for meter in self.meters]
        parts = (self.settings, pool, Hands(), lambda *_: None)
        self.apps = [lazily(partial(application, *parts, rate_counter=meter)) for meter in self.meters]

    def customer(self, replica: int = 0, customer_id: str = "anna") -> Visitor:
        return self.visitor(replica, {"Authorization": f"Bearer {customer_token(customer_id)}"})

    def visitor(self, replica: int, headers: dict[str, str], address: tuple[str, int] = PUBLIC) -> Visitor:
        transport = httpx.ASGITransport(self.apps[replica], client=address)
        return Visitor(httpx.AsyncClient(transport=transport, base_url="http://cart.test"), headers)

    async def exchange(self) -> None:
        for exchange in (*self.exchanges, *self.exchanges):
            await exchange.once()


def limited(**rates: Rate) -> CartSettings:
    plain = settings()
    stores = {store_id: each.model_copy(update={"rates": Rates(**rates)}) for store_id, each in plain.stores.items()}
    return plain.model_copy(update={"stores": stores})


@pytest.fixture
async def crossing(pool: Pool) -> Crossing:
    return Crossing(pool, shopper=SLOW, server=SLOW, tokens=SLOW, failures=SLOW)


async def test_who_calls_too_often_is_told_when_to_come_again_and_nothing_is_changed(crossing: Crossing):
    anna = crossing.customer()
    for _ in range(4):
        await anna.add()
    answer = await anna.ask("POST", "/cart/lines", {"sku": "tea", "title": "Tea", "price": 500, "currency": "EUR"})
    assert refused(answer, 429, "rate-limited")["limit"] == "shopper"
    assert answer.headers["retry-after"] == "10"
    assert answer.headers["ratelimit-policy"] == '"shopper";q=4;w=40'
    assert answer.headers["ratelimit"] == '"shopper";r=0;t=10'
    crossing.now += 10 * SECOND
    assert (await anna.cart())["units"] == 4


async def test_each_shopper_is_counted_alone_and_once_a_request(crossing: Crossing):
    anna, ben = crossing.customer(), crossing.customer(customer_id="ben")
    line = (await anna.add())["lines"][0]["line_id"]
    for quantity in (2, 3, 4):  # looks at the credentials twice
        done(await anna.ask("PUT", f"/cart/lines/{line}", {"quantity": quantity}))
    refused(await anna.ask("GET", "/cart"), 429, "rate-limited")
    await ben.cart()


async def test_a_limit_holds_across_replicas_after_one_exchange(crossing: Crossing):
    here, there = crossing.customer(0), crossing.customer(1)
    for _ in range(4):
        await here.cart()
    await there.cart()  # this replica has not heard yet
    await crossing.exchange()
    answer = await there.ask("GET", "/cart")
    refused(answer, 429, "rate-limited")
    assert 10 <= int(answer.headers["retry-after"]) <= 20
    assert await crossing.pool.fetchval("SELECT count(*) FROM rate_levels") == 1


async def test_a_secret_key_is_counted_by_itself(crossing: Crossing):
    server = crossing.visitor(0, {"Authorization": f"Bearer {SECRET_KEY}"})
    for _ in range(4):
        await server.level("tea", 3)
    assert (
        refused(await server.ask("PUT", "/inventory/tea", {"available": 1}), 429, "rate-limited")["limit"] == "server"
    )
    await crossing.customer().cart()


async def test_guests_tokens_are_issued_so_often_to_one_address(crossing: Crossing):
    for _ in range(4):
        done(await crossing.visitor(0, {}).ask("POST", "/cart/token"), 201)
    refused(await crossing.visitor(0, {}).ask("POST", "/cart/token"), 429, "rate-limited")
    done(await crossing.visitor(0, {}, ELSEWHERE).ask("POST", "/cart/token"), 201)


async def test_failed_credentials_end_in_none_being_looked_at_from_that_address(crossing: Crossing):
    for _ in range(4):
        refused(await crossing.visitor(0, {"Authorization": "Bearer guess"}).ask("GET", "/cart"), 401, "unauthorized")
    answer = await crossing.customer().ask("GET", "/cart")
    assert refused(answer, 429, "rate-limited")["limit"] == "failures"
    elsewhere = crossing.visitor(0, crossing.customer().headers, ELSEWHERE)
    done(await elsewhere.ask("GET", "/cart"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("10.0.0.1", "203.0.113.7", True),
        ("10.0.0.1", "198.51.100.1, 203.0.113.7, 10.0.0.2", True),
        ("10.0.0.1", "203.0.113.7, 198.51.100.1", False),  # the caller wrote the first one
        ("203.0.113.7", "198.51.100.1", True),  # no proxy of ours: its word counts for nothing
        ("10.0.0.1", "", False),
        ("10.0.0.1", "nonsense", False),
        ("::ffff:203.0.113.7", "", True),  # IPv4 over a socket for both
        ("::ffff:10.0.0.1", "203.0.113.7", True),
        ("::ffff:203.0.113.8", "", False),  # and not all of it is one caller
        ("10.0.0.1", "203.0.113.7:54321", True),
        ("10.0.0.1", "[::ffff:203.0.113.7]:443", True),
        ("10.0.0.1", "198.51.100.1, 203.0.113.7:80, 10.0.0.2:8080", True),
    ],
)
async def test_the_address_is_the_last_that_no_proxy_of_ours_has(
    crossing: Crossing, peer: str, forwarded: str, counted: bool
):
    for _ in range(4):
        done(await crossing.visitor(0, {}).ask("POST", "/cart/token"), 201)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    answer = await crossing.visitor(0, headers, (peer, 1)).ask("POST", "/cart/token")
    assert answer.status_code == (429 if counted else 201)


@pytest.mark.parametrize("junk", ["nonsense", "unknown", "203.0.113.7, _hidden", "1.2.3", "203.0.113.7,"])
async def test_an_address_that_is_none_counts_for_who_forwards_it_and_not_for_nobody(crossing: Crossing, junk: str):
    """Story: `X-Forwarded-For: x` through a proxy that passed it on was a way around every limit by address."""
    statuses = [
        (await crossing.visitor(0, {"X-Forwarded-For": junk}, ("10.0.0.1", 1)).ask("POST", "/cart/token")).status_code
        for _ in range(5)
    ]
    assert statuses == [201, 201, 201, 201, 429]


async def test_forged_links_count_as_credentials_do(crossing: Crossing, monkeypatch: pytest.MonkeyPatch):
    """Story: links were guessed as fast as the line was, and no limit counted them."""
    monkeypatch.setattr(callers, "OPERATORS", Rates(failures=SLOW))
    visitor, anna = crossing.visitor(0, {}), crossing.customer()
    paths = ["/v1/recovery/r1_guess", "/v1/shared/s1_guess"]
    for path in (*paths, paths[0]):
        refused(await visitor.http.get(path), 404, "unknown-link")
    refused(await anna.ask("POST", "/cart/copy", {"share_token": "s1_guess"}), 404, "unknown-link")
    for path in paths:
        assert refused(await visitor.http.get(path), 429, "rate-limited")["limit"] == "failures"
    refused(await crossing.visitor(0, {}, ELSEWHERE).http.get(paths[0]), 404, "unknown-link")


async def test_the_table_knows_neither_names_nor_addresses(crossing: Crossing):
    for _ in range(4):
        await crossing.customer().cart()
        await crossing.visitor(0, {}).ask("POST", "/cart/token")
    await crossing.exchange()
    rows = await crossing.pool.fetch("SELECT * FROM rate_levels")
    assert len(rows) == 2
    assert not any(word in repr(rows) for word in ("anna", "203.0.113.7", "shop"))


async def test_the_table_counts_as_the_pure_rule_does(pool: Pool):
    name, due = b"n" * 16, 0
    for age, cost in ((0, 5 * SECOND), (2 * SECOND, SECOND), (10 * SECOND, 3 * SECOND), (0, 0)):
        due = due_everywhere(due, age, cost, 0)
        debts = await store.tell(pool, [name], [cost], [age])
        assert abs(debts[name] - due) < 5 * SECOND  # the database's clock went on between the statements
        due = debts[name]


async def test_two_exchanges_of_the_same_callers_at_once_never_wait_for_each_other_in_a_circle(pool: Pool):
    names = sorted(bytes([number]) * 16 for number in range(200))
    told_of = [store.tell(pool, names, [1] * 200, [0] * 200) for _ in range(8)]
    assert {len(debts) for debts in await asyncio.gather(*told_of)} == {200}


async def test_without_its_database_a_replica_limits_alone_and_tells_later(dsn: str, crossing: Crossing):
    here, there = crossing.customer(0), crossing.customer(1)
    for _ in range(4):
        await here.cart()
    async with AsyncExitStack() as parts:
        broken = await open_pool(dsn, size=1)
        broken.terminate()
        working, crossing.exchanges[0]._pool = crossing.exchanges[0]._pool, broken
        parts.callback(setattr, crossing.exchanges[0], "_pool", working)
        await crossing.exchanges[0].once()
        refused(await here.ask("GET", "/cart"), 429, "rate-limited")
    await there.cart()
    await crossing.exchange()
    refused(await there.ask("GET", "/cart"), 429, "rate-limited")


async def test_full_buckets_are_forgotten(crossing: Crossing):
    for _ in range(2):
        await crossing.customer().cart()
    await crossing.exchange()
    async with crossing.pool.acquire() as connection:
        assert await store.forget(connection, 10) == 0
        await connection.execute("UPDATE rate_levels SET due = now() - interval '2 minutes'")
        assert await store.forget(connection, 10) == 1


async def test_a_store_s_own_rates_hold_for_that_store_alone(pool: Pool):
    crossing = Crossing(pool, storefront=SLOW)
    visitors = [crossing.customer(customer_id=f"customer-{number}") for number in range(5)]
    answers = [await visitor.ask("GET", "/cart") for visitor in visitors]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    elsewhere = Visitor(visitors[4].http, visitors[4].headers, "/v1/stores/other")
    assert (await elsewhere.ask("GET", "/cart")).status_code == 200


async def test_limits_can_be_switched_off(pool: Pool):
    unlimited = limited(shopper=SLOW).model_copy(update={"rate_limits": False})
    app = application(unlimited, pool, Hands(), lambda *_: None)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://cart.test")
    visitor = Visitor(http, {"Authorization": f"Bearer {customer_token('anna')}"})
    assert {(await visitor.ask("GET", "/cart")).status_code for _ in range(8)} == {200}


async def test_a_person_with_ten_tabs_meets_no_limit(shop: Shop):
    tabs = [shop.customer(replica=number % 2) for number in range(10)]

    async def open_tab(tab: Visitor) -> list[Any]:
        return [await tab.cart(), await tab.add(), await tab.cart(), await tab.cart()]

    for _ in range(3):
        await asyncio.gather(*(open_tab(tab) for tab in tabs))
    assert (await tabs[0].cart())["units"] == 30


async def test_changes_at_a_rate_that_no_person_has_are_a_bots(crossing: Crossing):
    """Half of the burst is used up; an hour later it is a person again."""
    anna = crossing.customer()
    for sku in ("tea", "jam", "cup"):
        await anna.add(sku)
    crossing.now += 3600 * SECOND
    await anna.add("hat")
    rows = await crossing.pool.fetch("SELECT value FROM outbox ORDER BY id")
    assert [json.loads(row["value"]).get("origin") for row in rows] == [None, "bot", "bot", None]
