"""Keys that are made, rotated and revoked while the service runs, on two replicas."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pydantic import SecretStr
from structlog.testing import capture_logs

from libs.postgres.pool import Pool
from services.cart.auth.key_cache import INTERVAL_S, KeyCacheRefresh
from tests.integration.cart.shop import OTHER_KEY, Shop, Visitor, done, refused
from tests.support.eventually import eventually

LOOK_KEY = "sk_of_the_notifier_0123456789"
COUNTED = {"door": "cart", "reason": "unauthorized"}
ALL = ["keys:write", "audit:read", "orders:write", "carts:read"]


async def made(server: Visitor, name: str = "erp", **fields: Any) -> Any:
    body = {"name": name} | ({"scopes": ["orders:write"]} if fields.get("kind") != "publishable" else {}) | fields
    return done(await server.ask("POST", "/keys", body), 201)


async def learn(shop: Shop, replica: int = 1) -> None:
    """What a replica does every two seconds."""
    await KeyCacheRefresh(shop.pool, shop.callers[replica].keys).refresh()


async def test_a_key_opens_what_it_was_made_for_and_tells_what_it_lacks(shop: Shop):
    erp = shop.server((await made(shop.server()))["secret"])
    await erp.order("1")
    problem = refused(await erp.ask("GET", "/carts?customer_id=anna"), 403, "insufficient-scope")
    assert problem["scope"] == "carts:read"


async def test_a_key_is_known_at_once_where_it_was_made_and_elsewhere_at_the_next_look(shop: Shop):
    secret = (await made(shop.server()))["secret"]
    there = shop.server(secret, replica=1)
    refused(await there.ask("POST", "/orders", {"order_id": "1"}), 401, "unauthorized")
    await learn(shop)
    await there.order("1")


async def test_a_revoked_key_opens_nothing_any_more_on_any_replica(shop: Shop):
    key = await made(shop.server())
    await learn(shop)
    done(await shop.server().ask("DELETE", f"/keys/{key['key_id']}"), 204)
    refused(await shop.server(key["secret"]).ask("POST", "/orders", {"order_id": "1"}), 401, "unauthorized")
    await learn(shop)
    there = shop.server(key["secret"], replica=1)
    refused(await there.ask("POST", "/orders", {"order_id": "1"}), 401, "unauthorized")
    refused(await shop.server().ask("DELETE", f"/keys/{key['key_id']}"), 404, "unknown-key")


async def test_a_rotation_leaves_two_secrets_live_and_never_three(shop: Shop):
    first = await made(shop.server())
    path = f"/keys/{first['key_id']}/rotate"
    second = done(await shop.server().ask("POST", path, {"grace_hours": 2}))
    for secret in (first["secret"], second["secret"]):
        await shop.server(secret).order("1" if secret == first["secret"] else "2")
    third = done(await shop.server().ask("POST", path, {}))
    await shop.server(second["secret"]).order("3")
    await shop.server(third["secret"]).order("4")
    refused(await shop.server(first["secret"]).ask("POST", "/orders", {"order_id": "5"}), 401, "unauthorized")


async def test_the_secret_before_a_rotation_ends_with_its_grace(shop: Shop):
    first = await made(shop.server())
    second = done(await shop.server().ask("POST", f"/keys/{first['key_id']}/rotate", {"grace_hours": 0}))
    refused(await shop.server(first["secret"]).ask("POST", "/orders", {"order_id": "1"}), 401, "unauthorized")
    await shop.server(second["secret"]).order("1")


async def test_a_retry_with_the_new_secret_is_the_same_caller(shop: Shop):
    first = await made(shop.server())
    order = {"order_id": "1"}
    done(await shop.server(first["secret"]).ask("POST", "/orders", order, Idempotency_Key="a"), 201)
    second = done(await shop.server().ask("POST", f"/keys/{first['key_id']}/rotate", {}))
    again = await shop.server(second["secret"]).ask("POST", "/orders", order, Idempotency_Key="a")
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_an_expired_key_opens_nothing_and_its_name_is_free(shop: Shop):
    shop.clock.now = datetime.now(UTC) - timedelta(days=2)
    old = await made(shop.server(), expires_in_days=1)
    refused(await shop.server(old["secret"]).ask("POST", "/orders", {"order_id": "1"}), 401, "unauthorized")
    shop.clock.now = datetime.now(UTC)
    assert (await made(shop.server()))["key_id"] != old["key_id"]


async def test_a_name_stands_for_one_live_key(shop: Shop):
    key = await made(shop.server())
    body = {"name": "erp", "scopes": ["orders:write"]}
    refused(await shop.server().ask("POST", "/keys", body), 409, "key-name-taken")
    await made(shop.server(OTHER_KEY, "other"))
    done(await shop.server().ask("DELETE", f"/keys/{key['key_id']}"), 204)
    await made(shop.server())


async def test_nobody_makes_a_key_that_can_do_more_than_their_own(shop: Shop):
    boss = await made(shop.server(), "boss", scopes=["carts:read"])
    clerk = shop.server((await made(shop.server(), "clerk", scopes=["keys:write"]))["secret"])
    more = {"name": "more", "scopes": ["carts:read", "keys:write"]}
    assert refused(await clerk.ask("POST", "/keys", more), 403, "key-scope-exceeded")["scope"] == "carts:read"
    refused(await clerk.ask("POST", f"/keys/{boss['key_id']}/rotate", {}), 403, "key-scope-exceeded")
    assert [key["name"] for key in done(await clerk.ask("GET", "/keys"))["keys"]] == ["boss", "clerk"]


async def test_nobody_ends_a_key_that_can_do_more_than_their_own(shop: Shop):
    """Story: a clerk who made keys for tills ended the key of the shop's order system on a Saturday."""
    boss = await made(shop.server(), "boss", scopes=["orders:write", "keys:write"])
    clerk = shop.server((await made(shop.server(), "clerk", scopes=["keys:write"]))["secret"])
    problem = refused(await clerk.ask("DELETE", f"/keys/{boss['key_id']}"), 403, "key-scope-exceeded")
    assert problem["scope"] == "orders:write"
    await shop.server(boss["secret"]).order("1")
    page = await made(shop.server(), "page", kind="publishable", origins=["https://shop.test"])
    done(await clerk.ask("DELETE", f"/keys/{page['key_id']}"), 204)


async def test_no_key_lets_a_page_in_that_the_store_does_not_know(shop: Shop):
    """Story: by a key that could only make keys, a stranger's page read the carts of whoever was logged in there."""
    clerk = shop.server((await made(shop.server(), "clerk", scopes=["keys:write"]))["secret"])
    page = {"name": "page", "kind": "publishable", "origins": ["https://evil.test"]}
    assert refused(await clerk.ask("POST", "/keys", page), 403, "key-scope-exceeded")["origin"] == "https://evil.test"
    await made(shop.server(), "page", kind="publishable", origins=["https://pages.test"])
    await made(clerk, "page two", kind="publishable", origins=["https://pages.test"])
    await made(clerk, "app", kind="publishable", origins=[])
    rival = shop.server(OTHER_KEY, "other")
    nosy = shop.server((await made(rival, "clerk", scopes=["keys:write"]))["secret"], "other")
    refused(await nosy.ask("POST", "/keys", page | {"origins": ["https://pages.test"]}), 403, "key-scope-exceeded")


async def test_no_key_makes_one_that_outlives_it(shop: Shop):
    """Story: a helper got a key for a day, and made another that never ends."""
    shop.clock.now = datetime.now(UTC)
    secret = (await made(shop.server(), "helper", scopes=["keys:write"], expires_in_days=1))["secret"]
    helper, more = shop.server(secret), {"name": "more", "scopes": ["keys:write"]}
    wrong = [more, more | {"expires_in_days": 1.001}, {"name": "more", "kind": "publishable"}]
    for body in wrong:
        problem = refused(await helper.ask("POST", "/keys", body), 403, "key-scope-exceeded")
        assert datetime.fromisoformat(problem["expires_at"]) == shop.clock.now + timedelta(days=1)
    await made(helper, "more", scopes=["keys:write"], expires_in_days=0.9)


async def test_no_key_takes_over_one_that_outlives_it(shop: Shop):
    """A rotation tells a secret: of a key for ever to whoever was let in for a day, or has the secret of before."""
    shop.clock.now = datetime.now(UTC)
    long = await made(shop.server(), "long", scopes=["keys:write"])
    helper = await made(shop.server(), "helper", scopes=["keys:write"], expires_in_days=1)
    taken = await shop.server(helper["secret"]).ask("POST", f"/keys/{long['key_id']}/rotate", {})
    refused(taken, 403, "key-scope-exceeded")
    done(await shop.server(helper["secret"]).ask("POST", f"/keys/{helper['key_id']}/rotate", {}))
    path = f"/keys/{long['key_id']}/rotate"
    done(await shop.server(long["secret"]).ask("POST", path, {}))
    refused(await shop.server(long["secret"]).ask("POST", path, {}), 403, "key-scope-exceeded")
    body = {"name": "more", "scopes": ["keys:write"]}
    refused(await shop.server(long["secret"]).ask("POST", "/keys", body), 403, "key-scope-exceeded")


async def test_refused_log_ins_are_told_of_without_what_was_tried(shop: Shop):
    """Story: somebody tried keys for a night, and no log and no figure showed it."""
    before = REGISTRY.get_sample_value("evercart_refused_log_ins_total", COUNTED) or 0
    tried = "sk_test_0123456789abcdef9999"
    with capture_logs() as logs:
        refused(await shop.server(tried).ask("GET", "/keys"), 401, "unauthorized")
        refused(await shop.customer("anna", key="x" * 32).ask("GET", "/cart"), 401, "unauthorized")
    told = [entry for entry in logs if entry["event"] == "log_in.refused"]
    assert [(entry["door"], entry["store"], entry["reason"]) for entry in told] == [
        ("cart", "shop", "unauthorized")
    ] * 2
    assert not any(word in str(logs) for word in (tried, "anna", "eyJ"))
    assert REGISTRY.get_sample_value("evercart_refused_log_ins_total", COUNTED) == before + 2


async def test_a_store_neither_sees_nor_ends_the_keys_of_another(shop: Shop):
    key = await made(shop.server())
    other = shop.server(OTHER_KEY, "other")
    assert done(await other.ask("GET", "/keys")) == {"keys": [], "next": None}
    refused(await other.ask("DELETE", f"/keys/{key['key_id']}"), 404, "unknown-key")
    refused(await other.ask("POST", f"/keys/{key['key_id']}/rotate", {}), 404, "unknown-key")
    refused(await shop.server(key["secret"], "other").ask("POST", "/orders", {"order_id": "1"}), 401, "unauthorized")


async def test_no_secret_is_kept_or_told_again(shop: Shop):
    key = await made(shop.server())
    listed = await shop.server().ask("GET", "/keys")
    assert key["secret"] not in listed.text
    body = {"name": "two", "scopes": ["orders:write"]}
    secret = done(await shop.server().ask("POST", "/keys", body, Idempotency_Key="a"), 201)["secret"]
    for table in ("api_keys", "idempotency_keys", "audit_log"):
        rows = await shop.pool.fetch(f"SELECT to_json(t)::text AS row FROM {table} t")
        assert all(secret.partition("_")[2][17:] not in row["row"] for row in rows)
    assert await shop.count("keys") == 0


async def test_use_is_noted_to_the_hour_and_off_the_hot_path(shop: Shop):
    key = await made(shop.server())
    await shop.server(key["secret"]).order("1")
    assert done(await shop.server().ask("GET", "/keys"))["keys"][0]["used_at"] is None
    await learn(shop, 0)
    assert done(await shop.server().ask("GET", "/keys"))["keys"][0]["used_at"] is not None


async def test_the_audit_says_who_changed_what(shop: Shop):
    key = await made(shop.server(), scopes=ALL)
    clerk = shop.server(key["secret"])
    second = done(await clerk.ask("POST", "/keys", {"name": "2", "scopes": ["orders:write"]}, X_Request_Id="r1"), 201)
    done(await clerk.ask("DELETE", f"/keys/{second['key_id']}", X_Request_Id="r2"), 204)
    first = done(await clerk.ask("GET", "/audit?limit=2"))
    assert [(e["actor"], e["action"], e["subject"], e["request_id"]) for e in first["entries"]] == [
        (f"k:{key['key_id']}", "key.revoked", f"key:{second['key_id']}", "r2"),
        (f"k:{key['key_id']}", "key.created", f"key:{second['key_id']}", "r1"),
    ]
    last = done(await clerk.ask("GET", f"/audit?limit=2&after={first['next']}"))
    assert last == done(await clerk.ask("GET", f"/audit?limit=2&before={first['next']}")), "as it was called before"
    assert [(e["actor"], e["subject"]) for e in last["entries"]] == [("s:", f"key:{key['key_id']}")]
    assert last["next"] is None
    assert done(await shop.server(OTHER_KEY, "other").ask("GET", "/audit"))["entries"] == []


async def test_the_audit_knows_of_names_merges_and_links_and_names_no_customer(shop: Shop):
    await shop.customer("anna@shop.test").add()
    cart = await shop.customer("anna@shop.test").cart()
    server, customer = shop.server(), "/customers/anna@shop.test"
    done(await server.ask("PUT", f"{customer}/identities/card-7"))
    done(await server.ask("DELETE", f"{customer}/identities/card-7"), 204)
    done(await server.ask("DELETE", f"/carts/{cart['id']}/recovery"), 204)
    done(await server.ask("POST", f"{customer}/merge", {"into": "ben"}))
    entries = done(await server.ask("GET", "/audit"))["entries"]
    assert [entry["action"] for entry in reversed(entries)] == [
        "identity.added",
        "identity.removed",
        "links.revoked",
        "customer.merged",
    ]
    assert {entry["subject"].partition(":")[0] for entry in entries} == {"customer", "cart"}
    assert "anna" not in str(entries)


async def test_a_key_that_is_revoked_elsewhere_is_refused_within_moments(shop: Shop):
    key = await made(shop.server())
    await learn(shop)
    assert INTERVAL_S <= 2
    watching = asyncio.create_task(KeyCacheRefresh(shop.pool, shop.callers[1].keys, interval_s=0.01).run())
    done(await shop.server().ask("DELETE", f"/keys/{key['key_id']}"), 204)
    there = shop.server(key["secret"], replica=1)

    async def refused_there() -> bool:
        return (await there.ask("POST", "/orders", {"order_id": "1"})).status_code == 401

    await eventually(refused_there)
    watching.cancel()


async def test_what_was_refused_leaves_no_trace_in_the_audit(shop: Shop):
    await made(shop.server())
    refused(
        await shop.server().ask("POST", "/keys", {"name": "erp", "scopes": ["orders:write"]}), 409, "key-name-taken"
    )
    assert len(done(await shop.server().ask("GET", "/audit"))["entries"]) == 1


async def test_keys_of_ops_open_every_store(pool):
    shop = Shop.open(pool, ops_keys=["sk_of_the_operators_0123456789"])
    await shop.server("sk_of_the_operators_0123456789").order("1")
    await shop.server("sk_of_the_operators_0123456789", "other").order("1")
    refused(await shop.server("sk_of_the_operators_012345678x").ask("GET", "/keys"), 401, "unauthorized")
    await shop.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "x"},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x", "scopes": ["carts:read"], "origins": ["https://shop.test"]},
        {"name": "x", "kind": "publishable", "scopes": ["carts:read"]},
        {"name": "x", "kind": "publishable", "origins": ["*"]},
        {"name": "x", "kind": "publishable", "origins": ["null"]},
        {"name": "x", "kind": "publishable", "origins": ["https://Shop.test"]},
        {"name": "x", "kind": "publishable", "origins": ["https://shop.test/"]},
        {"name": "", "scopes": ["carts:read"]},
        {"name": "x", "scopes": ["carts:read"], "expires_in_days": 0},
    ],
    ids=str,
)
async def test_a_key_that_makes_no_sense_is_refused(shop: Shop, wrong: Any):
    refused(await shop.server().ask("POST", "/keys", wrong), 422, "invalid-request")


async def test_shoppers_make_no_keys(shop: Shop):
    body = {"name": "x", "scopes": ["carts:read"]}
    refused(await shop.customer().ask("POST", "/keys", body), 403, "forbidden")
    refused(await (await shop.guest()).ask("GET", "/audit"), 403, "forbidden")


async def test_a_key_for_looks_opens_the_last_look_at_every_store_and_nothing_else(pool: Pool):
    shop = Shop.open(pool, look_keys=(SecretStr(LOOK_KEY),))
    carts = {store: (await (await shop.guest(store=store)).add())["id"] for store in ("shop", "other")}
    for store, cart_id in carts.items():
        notifier = shop.server(LOOK_KEY, store)
        assert (await notifier.look(cart_id))["cart"]["id"] == cart_id
        for method, path in (("GET", "/carts?customer_id=anna"), ("GET", ""), ("GET", "/keys")):
            refused(await notifier.ask(method, path), 403, "insufficient-scope")
    await shop.close()
