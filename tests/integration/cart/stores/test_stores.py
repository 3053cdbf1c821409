"""Stores that are made, changed and closed through the API."""

import json

from libs.postgres.pool import Pool
from tests.integration.cart.shop import (
    LINE,
    Shop,
    Visitor,
    customer_token,
    done,
    refused,
)
from tests.integration.cart.stores.making import KEY, NEW, SECRETS, SERVER_KEY, learn, made, ops, shop

__all__ = ["shop"]


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


async def test_a_kept_answer_is_given_again(shop: Shop):
    first = await ops(shop).ask("PUT", "", NEW | SECRETS, Idempotency_Key="a")
    again = await ops(shop).ask("PUT", "", NEW | SECRETS, Idempotency_Key="a")
    assert (again.headers["Idempotency-Replayed"], again.status_code, again.content) == ("true", 201, first.content)
    other = NEW | SECRETS | {"secret_keys": ["sk_another_key_0123456789abc"]}
    refused(await ops(shop).ask("PUT", "", other, Idempotency_Key="a"), 422, "idempotency-key-reused")
