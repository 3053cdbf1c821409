"""Stores that are made, changed and closed through the API, on two replicas."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from libs.postgres.pool import Pool
from services.cart.db import stores as table
from services.cart.domain.store import TRUST, Store
from services.cart.main import store_refresh
from services.cart.stores import refresh
from services.cart.stores.secrets import Seal
from services.cart.stores.table import StoreTable
from tests.integration.cart.shop import (
    LINE,
    SECRET_KEY,
    TOKEN_SECRET,
    Shop,
    Visitor,
    customer_token,
    done,
    refused,
    settings,
)
from tests.support.eventually import eventually

OPS_KEY = "sk_ops_0123456789abcdef0123"
KEY = "customers-of-the-new-store-0123456789-abc"
SERVER_KEY = "sk_of_the_new_store_0123456789"
NEW: dict[str, Any] = {
    "name": "New",
    "currency": "PLN",
    "time_zone": "Europe/Warsaw",
    "recovery_url": "https://new.test/cart/{token}",
    "origins": ["https://new.test"],
    "limits": {"lines": 2, "quantity": 5, "bytes": 100_000},
}
SEAL = Seal(TOKEN_SECRET.encode())
SECRETS = {"jwt_key": KEY, "secret_keys": [SERVER_KEY]}


@pytest.fixture
async def shop(pool: Pool) -> AsyncIterator[Shop]:
    shop = Shop.open(pool, ops_keys=(SecretStr(OPS_KEY),))
    yield shop
    await shop.close()


def ops(shop: Shop, store: str = "new", replica: int = 0) -> Visitor:
    return shop.server(OPS_KEY, store, replica)


async def made(shop: Shop, **more: Any) -> httpx.Response:
    answer = await ops(shop).ask("PUT", "", NEW | SECRETS | more)
    done(answer, 201)
    return answer


async def learn(shop: Shop, replica: int = 1) -> None:
    """What a replica does every two seconds."""
    await StoreTable(shop.pool, shop.books[replica], SEAL).refresh()


async def test_a_store_is_made_and_counts_at_once(shop: Shop):
    refused(await ops(shop).ask("GET", ""), 404, "unknown-store")
    answer = await made(shop)
    body = answer.json()
    assert (body["store_id"], body["source"], body["secrets"]) == ("new", "api", ["jwt_key", "secret_keys"])
    assert body["settings"] | NEW == body["settings"]
    assert answer.headers["ETag"] == f'"{body["version"]}"'
    anna = Visitor(shop.clients[0], {"Authorization": f"Bearer {customer_token('anna', KEY)}"}, "/v1/stores/new")
    cart = await anna.add("tea", 5)
    refused(await anna.ask("POST", "/cart/lines", LINE | {"sku": "tea"}), 409, "limit-reached")
    assert done(await shop.server(SERVER_KEY, "new").ask("GET", f"/carts/{cart['id']}"))["recovery_url"].startswith(
        "https://new.test/"
    )
    preflight = {"Origin": "https://new.test", "Access-Control-Request-Method": "GET"}
    allowed = await shop.clients[0].options("/v1/stores/new/cart", headers=preflight)
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://new.test"


async def test_other_replicas_know_within_seconds(shop: Shop):
    await made(shop)
    there = shop.server(SERVER_KEY, "new", replica=1)
    refused(await there.ask("GET", ""), 404, "unknown-store")
    assert refresh.INTERVAL_S < 5
    refreshing = store_refresh(settings(), shop.pool, shop.books[1])
    refreshing._interval_s = 0.01
    running = asyncio.create_task(refreshing.run())
    known = await eventually(lambda: shop.books[1].get("new"))
    done(await there.ask("GET", ""))
    done(await ops(shop).ask("PUT", "", NEW | {"name": "Renamed"}))
    await eventually(lambda: shop.books[1].get("new") is not known)
    assert done(await there.ask("GET", ""))["settings"]["name"] == "Renamed"
    done(await ops(shop).ask("DELETE", ""), 204)
    await eventually(lambda: shop.books[1].get("new") is None)
    refused(await there.ask("GET", ""), 404, "unknown-store")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_secrets_are_kept_where_they_are_left_out_and_never_told(shop: Shop, pool: Pool):
    await made(shop)
    server = shop.server(SERVER_KEY, "new")
    shown = done(await server.ask("GET", ""))
    answer = await server.ask("PUT", "", shown["settings"] | {"name": "Renamed"})
    assert done(answer)["settings"]["name"] == "Renamed"
    assert done(await server.ask("GET", ""))["version"] > shown["version"]
    rows = [
        dict(row) for table in ("stores", "audit_log", "idempotency_keys", "outbox") for row in await dump(pool, table)
    ]
    for secret in (KEY, SERVER_KEY):
        assert secret not in str(rows) + answer.text + str(shown)


async def dump(pool: Pool, name: str) -> list[Any]:
    queries = {
        "stores": "SELECT * FROM stores",
        "audit_log": "SELECT * FROM audit_log",
        "idempotency_keys": "SELECT * FROM idempotency_keys",
        "outbox": "SELECT * FROM outbox",
    }
    return await pool.fetch(queries[name])


async def test_a_change_is_validated_whole_and_a_bad_one_changes_nothing(shop: Shop):
    await made(shop)
    before = done(await ops(shop).ask("GET", ""))
    wrong = NEW | {"currency": "ZZZ", "limits": {"lines": 501, "quantity": 0}, "secret": "x", "time_zone": "Mars/Base"}
    problem = refused(await ops(shop).ask("PUT", "", wrong | {"jwt_key": "short"}), 422, "invalid-request")
    assert {fault["pointer"] for fault in problem["errors"]} == {
        "/currency",
        "/limits/lines",
        "/limits/quantity",
        "/secret",
        "/time_zone",
    }
    assert "Mars" not in json.dumps(problem)
    refused(await ops(shop).ask("PUT", "", "[]"), 422, "invalid-request")
    refused(await ops(shop).ask("PUT", "", "{"), 400, "malformed-json")
    assert done(await ops(shop).ask("GET", "")) == before
    missing = refused(await ops(shop, "second").ask("PUT", "", NEW), 422, "invalid-request")
    assert missing["errors"] == [{"pointer": "", "detail": "a store has either jwt_key or jwks_url"}]
    refused(await ops(shop, "Second").ask("PUT", "", NEW | SECRETS), 422, "invalid-request")


async def test_a_change_insists_on_the_version_that_it_was_made_of(shop: Shop):
    answer = await made(shop)
    changed = await ops(shop).ask("PUT", "", NEW | {"name": "One"}, If_Match=answer.headers["ETag"])
    done(changed)
    stale = await ops(shop).ask("PUT", "", NEW | {"name": "Two"}, If_Match=answer.headers["ETag"])
    assert refused(stale, 412, "version-conflict")["etag"] == changed.headers["ETag"]
    refused(await ops(shop).ask("DELETE", "", If_Match=answer.headers["ETag"]), 412, "version-conflict")
    same = await ops(shop).ask("PUT", "", NEW | {"name": "One"})
    assert same.headers["ETag"] == changed.headers["ETag"], "what changes nothing is no new version"


async def test_what_is_set_elsewhere_cannot_be_changed_here(shop: Shop):
    shown = done(await shop.server().ask("GET", ""))
    assert (shown["source"], shown["version"]) == ("environment", None)
    refused(await shop.server().ask("PUT", "", shown["settings"]), 409, "store-fixed")
    refused(await ops(shop, "shop").ask("DELETE", ""), 409, "store-fixed")


async def test_who_may_do_what(shop: Shop):
    refused(await shop.server(store="new").ask("PUT", "", NEW | SECRETS), 401, "unauthorized")
    await made(shop)
    server = shop.server(SERVER_KEY, "new")
    refused(await server.ask("DELETE", ""), 403, "forbidden")
    for stranger in (shop.server(SECRET_KEY, "new"), shop.customer(store="new"), await shop.guest(store="new")):
        for method, body in (("GET", None), ("PUT", NEW), ("DELETE", None)):
            assert (await stranger.ask(method, "", body)).status_code in (401, 403)
    clerk = done(await server.ask("POST", "/keys", {"name": "clerk", "scopes": ["stores:write"]}), 201)["secret"]
    done(await shop.server(clerk, "new").ask("PUT", "", NEW | {"name": "Renamed"}))
    more = NEW | {"secret_keys": ["sk_that_opens_everything_0123"]}
    refused(await shop.server(clerk, "new").ask("PUT", "", more), 403, "insufficient-scope")
    done(await server.ask("PUT", "", more))
    refused(await server.ask("GET", ""), 401, "unauthorized")


@pytest.mark.parametrize(
    "change",
    [
        {"jwt_algorithm": "HS384"},
        {"jwt_issuer": "https://id.evil.test"},
        {"jwt_audience": "others"},
        {"recovery_url": "https://evil.test/{token}"},
        {"share_url": "https://evil.test/{token}"},
        {"origins": ["https://new.test", "https://evil.test"]},
        {"cookie": "cross-site"},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_clerk_who_may_change_a_store_may_not_change_whom_it_trusts(shop: Shop, change: dict[str, Any]):
    """Story: a leaked `stores:write` key sent every recovery link, which opens a cart, to a page of the thief's."""
    await made(shop, jwt_key=KEY * 2)
    server = shop.server(SERVER_KEY, "new")
    clerk = done(await server.ask("POST", "/keys", {"name": "clerk", "scopes": ["stores:write"]}), 201)["secret"]
    before = done(await server.ask("GET", ""))
    refused(await shop.server(clerk, "new").ask("PUT", "", NEW | change), 403, "insufficient-scope")
    # a replica that has not heard of the store yet goes by the store all the same
    refused(await ops_of_nothing(shop, clerk).ask("PUT", "", NEW | change), 401, "unauthorized")
    assert done(await server.ask("GET", "")) == before
    done(await server.ask("PUT", "", NEW | change))


def ops_of_nothing(shop: Shop, key: str) -> Visitor:
    return shop.server(key, "new", replica=1)


async def test_every_setting_by_which_people_are_known_or_led_away_is_a_matter_of_trust():
    plain = {"name", "currency", "currencies", "locale", "time_zone", "merge", "expiry", "retention", "thresholds"}
    plain |= {"reservation_minutes", "rates", "limits", "messages"}
    assert plain | set(TRUST) == set(Store.model_fields)


async def test_ops_see_all_stores_by_pages(shop: Shop):
    await made(shop)
    refused(await shop.clients[0].get("/v1/stores", headers=shop.server().headers), 401, "unauthorized")
    first = done(await shop.clients[0].get("/v1/stores?limit=2", headers=ops(shop).headers))
    assert first == {
        "stores": [
            {"store_id": "new", "name": "New", "source": "api"},
            {"store_id": "other", "name": "Shop", "source": "environment"},
        ],
        "next": "other",
    }
    rest = done(await shop.clients[0].get("/v1/stores?limit=2&after=other", headers=ops(shop).headers))
    assert [store["store_id"] for store in rest["stores"]] == ["shop"]
    assert rest["next"] is None


async def test_a_closed_store_is_not_there_until_it_is_made_again(shop: Shop, pool: Pool):
    await made(shop)
    anna = Visitor(shop.clients[0], {"Authorization": f"Bearer {customer_token('anna', KEY)}"}, "/v1/stores/new")
    await anna.add("tea")
    done(await ops(shop).ask("DELETE", ""), 204)
    refused(await anna.ask("GET", "/cart"), 404, "unknown-store")
    refused(await ops(shop).ask("GET", ""), 404, "unknown-store")
    assert await pool.fetchval("SELECT sealed FROM stores") is None
    await learn(shop)
    assert shop.books[1].get("new") is None
    refused(await ops(shop).ask("PUT", "", NEW), 422, "invalid-request")
    await made(shop)
    assert (await anna.cart())["units"] == 1, "what it held was not erased"


async def test_each_change_has_its_row_in_the_audit(shop: Shop):
    await made(shop)
    server = shop.server(SERVER_KEY, "new")
    done(await server.ask("PUT", "", NEW | {"name": "Renamed"}))
    refused(await server.ask("PUT", "", NEW | {"currency": "ZZZ"}), 422, "invalid-request")
    entries = done(await server.ask("GET", "/audit"))["entries"]
    assert [(entry["action"], entry["subject"]) for entry in entries] == [
        ("store.changed", "store:new"),
        ("store.created", "store:new"),
    ]


@pytest.mark.parametrize(
    "settings", ['{"name": "Later", "from_a_later_release": 1}', '{"a":' * 500 + "1" + "}" * 500], ids=["later", "deep"]
)
async def test_a_row_that_this_release_cannot_read_leaves_the_last_good_one_in_force(
    shop: Shop, pool: Pool, settings: str
):
    await made(shop)
    version = await pool.fetchval("UPDATE stores SET version = nextval('store_versions') RETURNING version")
    await pool.execute("UPDATE stores SET settings = $1", settings)
    await StoreTable(pool, shop.books[0], SEAL).refresh()
    entry = shop.books[0].get("new")
    assert entry is not None
    assert (entry.store.name, shop.books[0].versions["new"]) == ("New", version)


async def test_writers_wait_for_each_other_so_that_no_replica_misses_a_version(shop: Shop, pool: Pool):
    async with pool.acquire() as first, pool.acquire() as second:
        begun = first.transaction()
        await begun.start()
        await table.lock_table(first)
        await table.write(first, "one", "{}", b"sealed", shop.clock.now)
        async with second.transaction():
            await second.execute("SET LOCAL lock_timeout = '50ms'")
            with pytest.raises(asyncpg.LockNotAvailableError):
                await table.lock_table(second)
        await begun.rollback()
    answers = await asyncio.gather(*(ops(shop, f"s{n}", n % 2).ask("PUT", "", NEW | SECRETS) for n in range(6)))
    assert [answer.status_code for answer in answers] == [201] * 6
    for replica in (0, 1):
        await learn(shop, replica)
        assert {f"s{n}" for n in range(6)} <= set(shop.books[replica].ids())


async def test_a_kept_answer_is_given_again(shop: Shop):
    first = await ops(shop).ask("PUT", "", NEW | SECRETS, Idempotency_Key="a")
    again = await ops(shop).ask("PUT", "", NEW | SECRETS, Idempotency_Key="a")
    assert (again.headers["Idempotency-Replayed"], again.status_code, again.content) == ("true", 201, first.content)
    other = NEW | SECRETS | {"secret_keys": ["sk_another_key_0123456789abc"]}
    refused(await ops(shop).ask("PUT", "", other, Idempotency_Key="a"), 422, "idempotency-key-reused")
