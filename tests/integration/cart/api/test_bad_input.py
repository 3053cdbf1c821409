"""Bad input: a clear problem document, and nothing has changed."""

import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from libs.postgres.pool import Pool
from tests.integration.cart.shop import LINE, Shop, Visitor, done, refused


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ("", 400, "malformed-json"),
        ("{", 400, "malformed-json"),
        (b"\xff\xfe", 400, "malformed-json"),
        ('{"sku": "\\ud800", "title": "T", "price": 1, "currency": "EUR"}', 400, "malformed-json"),
        ('{"a":' * 5000, 400, "malformed-json"),
        ("[]", 422, "invalid-request"),
        ("null", 422, "invalid-request"),
        ("{}", 422, "invalid-request"),
        (LINE | {"quantity": -1}, 422, "invalid-request"),
        (LINE | {"quantity": 10**40}, 422, "invalid-request"),
        (LINE | {"price": 1.5}, 422, "invalid-request"),
        (LINE | {"sku": "a\u0000b"}, 422, "invalid-request"),
        (LINE | {"surprise": 1}, 422, "invalid-request"),
        (LINE | {"url": "javascript:alert(1)"}, 422, "invalid-request"),
        (json.dumps(LINE | {"title": "x"})[:-1] + " " * 70_000 + "}", 413, "body-too-large"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_bad_line_is_refused_and_changes_nothing(shop: Shop, body, status: int, slug: str):
    anna = shop.customer()
    refused(await anna.ask("POST", "/cart/lines", body), status, slug)
    assert (await anna.cart())["id"] is None
    assert await shop.count("outbox") == 0


async def test_a_problem_points_at_the_fault_and_does_not_repeat_it(shop: Shop):
    problem = refused(
        await shop.customer().ask("POST", "/cart/lines", LINE | {"options": {"a/b": "x" * 200}, "price": -7}),
        422,
        "invalid-request",
    )
    assert {fault["pointer"] for fault in problem["errors"]} == {"/options/a~1b", "/price"}
    assert "xxx" not in json.dumps(problem)
    assert "-7" not in json.dumps(problem)


@pytest.mark.parametrize(
    "headers",
    [
        {"Idempotency_Key": ""},
        {"Idempotency_Key": "x" * 256},
        {"Idempotency_Key": "a b"},
        {"If_Match": "1"},
        {"X_Device": "x" * 65},
        {"X_Occurred_At": "2026-01-01T00:00:00Z"},
    ],
    ids=str,
)
async def test_a_header_that_is_not_right_is_refused(shop: Shop, headers):
    refused(await shop.customer().ask("POST", "/cart/lines", LINE, **headers), 400, "invalid-header")
    assert await shop.count("carts") == 0


async def test_a_body_that_does_not_end_is_cut_off(shop: Shop):
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 10_000

    anna = shop.customer()
    answer = await anna.http.post("/v1/stores/shop/cart/lines", content=endless(), headers=anna.headers)
    refused(answer, 413, "body-too-large")


@pytest.mark.parametrize("path", ["/cart/lines/7", "/cart/lines/not-a-line"])
async def test_a_line_id_that_is_none_is_refused(shop: Shop, path: str):
    refused(await shop.customer().ask("PUT", path, {"quantity": 1}), 422, "invalid-request")


async def test_foreign_lines_are_out_of_reach(shop: Shop):
    cart = await shop.customer("anna").add("tea")
    line = f"/cart/lines/{cart['lines'][0]['line_id']}"
    guest, ben = await shop.guest(), shop.customer("ben")
    for stranger in (guest, ben, shop.customer("anna", store="other")):
        refused(await stranger.ask("PUT", line, {"quantity": 9}), 404, "unknown-line")
        assert done(await stranger.ask("DELETE", line))["id"] is None
        assert done(await stranger.ask("DELETE", "/cart/lines"))["id"] is None
    assert (await shop.customer("anna").cart())["version"] == 1


async def test_credentials_that_are_not_genuine_open_no_cart(shop: Shop):
    await shop.customer().add()
    expired = shop.customer(exp=int(time.time()) - 60)
    unsigned = Visitor(shop.clients[0], {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm5hIn0."})
    forged = Visitor(shop.clients[0], {"X-Cart-Token": "g1_" + "A" * 46})
    nobody = Visitor(shop.clients[0], {})
    for stranger in (expired, unsigned, forged, nobody):
        for method, path in (("GET", "/cart"), ("POST", "/cart/lines"), ("DELETE", "/cart/lines")):
            answer = await stranger.ask(method, path, LINE if method == "POST" else None)
            refused(answer, 401, "unauthorized")
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_secret_key_is_no_shopper(shop: Shop):
    refused(await shop.server().ask("GET", "/cart"), 403, "forbidden")
    refused(await shop.server().ask("POST", "/cart/lines", LINE), 403, "forbidden")


async def test_unknown_stores_paths_and_methods_are_problems_too(shop: Shop):
    refused(await shop.customer(store="nowhere").ask("GET", "/cart"), 404, "unknown-store")
    refused(await shop.customer(store="nowhere").ask("POST", "/cart/token"), 404, "unknown-store")
    refused(await shop.customer().ask("GET", "/nothing"), 404, "not-found")
    answer = await shop.customer().ask("PUT", "/cart")
    assert "GET" in answer.headers["allow"]
    refused(answer, 405, "method-not-allowed")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/orders", {"order_id": "o", "lines": [{"sku": "a", "quantity": 0}]}),
        ("POST", "/orders", {"order_id": "o", "extra": 1}),
        ("POST", "/orders", {}),
        ("PUT", "/inventory/tea", {"available": -1}),
        ("PUT", "/inventory/" + "x" * 101, {"available": 1}),
        ("PUT", "/inventory/%00", {"available": 1}),
        ("POST", "/inventory", {"levels": []}),
        ("POST", "/inventory", {"levels": [{"sku": "a", "available": -1}, {"sku": "a"}]}),
        ("POST", "/inventory", {"levels": [{"sku": "a", "available": 1}], "rows": []}),
        ("POST", "/inventory", {"levels": {"sku": "a", "available": 1}}),
        ("PUT", "/inventory/tea", {"available": 1, "sequence": 2**63}),
        ("PUT", "/inventory/tea", {"available": 1, "location": ""}),
        ("PUT", "/inventory/tea", {"available": 1, "threshold": -1}),
        ("POST", "/prices", {"prices": [{"sku": "a", "price": 1, "currency": "XXX"}]}),
        ("PUT", "/customers/anna/profile", {"email": "anna"}),
        ("PUT", "/customers/anna/profile", {"phone": "12"}),
        ("PUT", "/customers/anna/profile", {"timezone": "Mars/Base"}),
        ("PUT", "/customers/anna/profile", {"country": "XX"}),
        ("PUT", "/customers/anna/profile", {"country": "us"}),
        ("PUT", "/customers/anna/profile", {"region": "CA"}),
        ("PUT", "/customers/anna/profile", {"country": "US", "region": "ON"}),
        ("GET", "/carts", None),
        ("GET", "/carts?customer_id=a&limit=51", None),
    ],
    ids=lambda value: str(value)[:50],
)
async def test_a_server_is_held_to_the_rules_as_well(shop: Shop, method: str, path: str, body):
    refused(await shop.server().ask(method, path, body), 422, "invalid-request")
    assert await shop.count("outbox") == 0


async def test_recorded_traffic_keeps_its_time_where_that_is_allowed(pool: Pool):
    shop = Shop.open(pool, 1, allow_occurred_at=True)
    anna, when = shop.customer(), datetime(2019, 10, 1, 0, 0, 7, 123456, tzinfo=UTC)
    await anna.add("tea", X_Occurred_At=when.isoformat())
    later = when + timedelta(hours=1)
    done(await anna.ask("DELETE", "/cart/lines", X_Occurred_At=later.isoformat().replace("+00:00", "Z")))
    await anna.add("jam", X_Occurred_At="2019-10-01T02:00:07.5+01:00")
    body = {"order_id": "o-1", "customer_id": "anna"}
    done(await shop.server().ask("POST", "/orders", body, X_Occurred_At="2019-10-02T00:00:00Z"), 201)
    times = [event.occurred_at for event in await shop.events()]
    end = datetime(2019, 10, 2, tzinfo=UTC)
    assert times == [when, later, datetime(2019, 10, 1, 1, 0, 7, 500000, tzinfo=UTC), end, end]
    for wrong in ("yesterday", "2019-10-01T00:00:00"):
        refused(await anna.ask("POST", "/cart/lines", LINE, X_Occurred_At=wrong), 400, "invalid-header")
