import asyncio

import pytest

from tests.integration.playground.conftest import running, settings_for
from tests.integration.playground.fake_cart import FakeCart
from tests.support.serving import serving

KEY = {"Idempotency-Key": "0123456789abcdef"}


@pytest.fixture
async def fake():
    return FakeCart()


@pytest.fixture
async def playground(fake, tmp_path):
    async with serving(fake.app()) as url, running(settings_for(tmp_path, cart_url=url)) as started:
        yield started


async def log_in(playground, name="Ana"):
    answer = await playground.http.post("/shop/api/login", json={"name": name})
    assert answer.status_code == 200
    return {"Authorization": f"Bearer {answer.json()['token']}"}


async def put_in_cart(playground, headers, sku="lantern", quantity=2):
    body = {"sku": sku, "quantity": quantity, "title": sku, "price": 4800, "currency": "EUR"}
    url = f"{playground.settings.cart_url}/v1/stores/demo/cart/lines"
    assert (await playground.http.post(url, json=body, headers=headers)).status_code == 200


async def stock_of(playground, sku):
    products = (await playground.http.get("/shop/api/store")).json()["products"]
    return next(product["stock"] for product in products if product["sku"] == sku)


async def test_a_regular_customer_is_known_to_evercart_at_the_first_log_in_and_keeps_what_he_changes(playground, fake):
    ana = await log_in(playground)
    assert fake.profiles["ana"]["email"] == "ana@example.com"
    changed = {
        "name": "Ana",
        "email": None,
        "phone": None,
        "locale": "sr",
        "email_consent": False,
        "sms_consent": False,
    }
    assert (await playground.http.put("/shop/api/profile", json=changed, headers=ana)).status_code == 204
    await log_in(playground)
    assert (await playground.http.get("/shop/api/profile", headers=ana)).json() == changed


async def test_somebody_new_has_agreed_to_nothing(playground, fake):
    new = await log_in(playground, "Mira")
    assert "mira" not in fake.profiles
    assert (await playground.http.get("/shop/api/profile", headers=new)).json() == {}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}])
async def test_nobody_reads_a_profile_without_a_log_in(playground, headers):
    for method in ("GET", "PUT"):
        answer = await playground.http.request(method, "/shop/api/profile", json={}, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["type"] == "urn:evercart:problem:not-logged-in"


async def test_an_order_takes_what_the_cart_service_says_and_not_what_the_browser_says(playground, fake):
    ana = await log_in(playground)
    await put_in_cart(playground, ana)
    [line] = fake.carts["ana"]["lines"]
    answer = await playground.http.post("/shop/api/orders", json={"total": 1}, headers=ana | KEY)
    assert answer.status_code == 201
    [order] = fake.orders
    assert order["order_id"] == answer.json()["order_id"]
    assert (order["customer_id"], order["total"]) == ("ana", 9600)
    assert order["lines"] == [{"line_id": line["line_id"], "sku": "lantern", "quantity": 2, "price": 4800}]
    assert await stock_of(playground, "lantern") == 10
    assert fake.levels["lantern"] == 10


async def test_the_same_click_orders_once(playground, fake):
    ana = await log_in(playground)
    await put_in_cart(playground, ana)
    first = await playground.http.post("/shop/api/orders", json={}, headers=ana | KEY)
    second = await playground.http.post("/shop/api/orders", json={}, headers=ana | KEY)
    assert first.json() == second.json()
    assert len(fake.orders) == 1


async def test_a_guest_orders_without_a_name(playground, fake):
    guest = {"X-Cart-Token": "g1_guest"}
    await put_in_cart(playground, guest)
    assert (await playground.http.post("/shop/api/orders", json={}, headers=guest | KEY)).status_code == 201
    assert "customer_id" not in fake.orders[0]


async def test_an_empty_cart_or_a_missing_key_orders_nothing(playground, fake):
    ana = await log_in(playground)
    assert (await playground.http.post("/shop/api/orders", json={}, headers=ana | KEY)).status_code == 409
    assert (await playground.http.post("/shop/api/orders", json={}, headers=ana)).status_code == 400
    assert fake.orders == []


async def test_stock_that_the_keeper_sets_is_announced_and_survives_a_restart(fake, tmp_path):
    async with serving(fake.app()) as url:
        async with running(settings_for(tmp_path, cart_url=url)) as first:
            assert (await first.http.put("/shop/api/stock/lamp", json={"available": 3})).status_code == 200
            assert fake.levels["lamp"] == 3
        async with running(settings_for(tmp_path, cart_url=url)) as second:
            assert await stock_of(second, "lamp") == 3


async def test_stock_that_could_not_be_announced_is_announced_later(fake, tmp_path):
    fake.reachable = False
    async with serving(fake.app()) as url:
        async with running(settings_for(tmp_path, cart_url=url)) as first:
            assert (await first.http.put("/shop/api/stock/lamp", json={"available": 3})).status_code == 200
            assert fake.levels == {}
        fake.reachable = True
        fake.announced = asyncio.Event()
        async with running(settings_for(tmp_path, cart_url=url)):
            async with asyncio.timeout(20):
                await fake.announced.wait()
        assert fake.levels["lamp"] == 3
        assert fake.levels["mug"] == 12


@pytest.mark.parametrize("body", [{}, {"available": -1}, {"available": 1.5}, {"available": True}, {"available": 10**9}])
async def test_a_senseless_level_is_refused(playground, body):
    assert (await playground.http.put("/shop/api/stock/lamp", json=body)).status_code == 422
    assert (await playground.http.put("/shop/api/stock/nothing", json={"available": 1})).status_code == 404


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": 5}, {"name": "✨"}])
async def test_somebody_without_a_name_is_not_let_in(playground, body):
    assert (await playground.http.post("/shop/api/login", json=body)).status_code == 422


async def test_a_cart_service_that_does_not_answer_is_said_to_be_so(tmp_path, free_ports):
    async with running(settings_for(tmp_path, cart_url=f"http://127.0.0.1:{free_ports[0]}")) as alone:
        answer = await alone.http.post("/shop/api/login", json={"name": "Ana"})
        assert (answer.status_code, answer.json()["type"]) == (502, "urn:evercart:problem:cart-unreachable")
        assert (await alone.http.get("/shop")).status_code == 200
