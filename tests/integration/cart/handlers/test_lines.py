"""A shopper fills, changes and reads a cart, over HTTP, on a real PostgreSQL."""

import asyncio

import pytest

from libs.contracts.events import LineAdded
from services.cart.domain.rate import Rate, Rates
from tests.integration.cart.shop import LINE, Shop, done, held, refused


async def test_a_guest_fills_a_cart_and_finds_it_again(shop: Shop):
    guest = await shop.guest()
    assert (await guest.cart())["id"] is None
    first = await guest.add("tea", 2, X_Device="phone")
    await guest.add("milk")
    cart = await shop.elsewhere(guest).cart()
    assert held(cart) == {"tea": 2, "milk": 1}
    assert cart["id"] == first["id"]
    assert (cart["version"], cart["units"], cart["total"], cart["currency"]) == (2, 3, 1500, "EUR")
    assert cart["customer_id"] is None
    assert [line["device"] for line in cart["lines"]] == ["phone", None]


async def test_what_is_answered_to_a_write_is_what_is_read(shop: Shop):
    anna = shop.customer()
    written = await anna.ask("POST", "/cart/lines", LINE | {"options": {"size": "M"}, "url": "https://shop.test/tea"})
    read = await anna.ask("GET", "/cart")
    assert written.json() == read.json()
    assert written.headers["etag"] == read.headers["etag"]
    assert written.headers["cache-control"] == read.headers["cache-control"] == "no-store"


async def test_the_laptop_sees_what_the_phone_added(shop: Shop):
    await shop.customer(replica=0).add("tea")
    assert held(await shop.customer(replica=1).add("milk")) == {"tea": 1, "milk": 1}
    assert held(await shop.customer(replica=0).add("jam")) == {"tea": 1, "milk": 1, "jam": 1}
    assert await shop.count("carts") == 1


async def test_quantities_are_set_and_lines_taken_out(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea", 5)
    await anna.add("milk")
    line = f"/cart/lines/{cart['lines'][0]['line_id']}"
    assert held(done(await anna.ask("PUT", line, {"quantity": 2}))) == {"tea": 2, "milk": 1}
    assert held(done(await anna.ask("PUT", line, {"quantity": 0}))) == {"milk": 1}
    assert held(done(await anna.ask("DELETE", line))) == {"milk": 1}
    assert held(done(await anna.ask("DELETE", "/cart/lines"))) == {}
    refused(await anna.ask("PUT", line, {"quantity": 2}), 404, "unknown-line")
    assert await shop.told() == [
        "cart.line_added",
        "cart.line_added",
        "cart.line_quantity_set",
        "cart.line_removed",
        "cart.cleared",
    ]
    assert (await anna.cart())["version"] == 5


async def test_an_event_carries_the_whole_state(shop: Shop):
    cart = await shop.customer().add("tea", 2, X_Device="phone")
    [event] = await shop.events()
    assert isinstance(event, LineAdded)
    assert str(event.cart_id) == cart["id"]
    assert (event.store_id, event.customer_id, event.cart_version) == ("shop", "anna", 1)
    assert (event.holds, event.units, event.total, event.currency, event.device) == (
        {"tea": 2},
        2,
        1000,
        "EUR",
        "phone",
    )
    assert event.occurred_at == shop.clock.now


async def test_looking_writes_nothing(shop: Shop):
    anna = shop.customer()
    await anna.cart()
    cart = await anna.add()
    before = await shop.pool.fetchrow("SELECT xmin::text, carts.* FROM carts")
    await anna.cart()
    await shop.server().look(cart["id"])
    assert await shop.pool.fetchrow("SELECT xmin::text, carts.* FROM carts") == before
    assert await shop.count("outbox") == 1


async def test_what_changes_nothing_is_not_told(shop: Shop):
    anna = shop.customer()
    assert done(await anna.ask("DELETE", "/cart/lines"))["id"] is None
    cart = await anna.add("tea", 3)
    line = f"/cart/lines/{cart['lines'][0]['line_id']}"
    assert done(await anna.ask("PUT", line, {"quantity": 3}))["version"] == 1
    assert await shop.count("outbox") == 1
    assert await shop.count("carts") == 1


async def test_a_reader_who_knows_the_cart_is_told_so(shop: Shop):
    anna = shop.customer()
    etag = (await anna.ask("POST", "/cart/lines", LINE)).headers["etag"]
    known = await anna.ask("GET", "/cart", If_None_Match=f'"x", W/{etag}')
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", etag)
    await anna.add("milk")
    assert (await anna.ask("GET", "/cart", If_None_Match=etag)).status_code == 200


async def test_a_device_may_insist_on_what_it_saw(shop: Shop):
    phone, laptop = shop.customer(replica=0), shop.customer(replica=1)
    seen = (await phone.ask("POST", "/cart/lines", LINE, If_Match='"0"')).headers["etag"]
    await laptop.add("milk")
    problem = refused(await phone.ask("POST", "/cart/lines", LINE, If_Match=seen), 412, "version-conflict")
    again = await phone.ask("POST", "/cart/lines", LINE, If_Match=problem["etag"])
    assert held(done(again)) == {"tea": 2, "milk": 1}


async def test_the_next_cart_is_not_taken_for_the_last_one(shop: Shop):
    anna = shop.customer()
    etag = (await anna.ask("POST", "/cart/lines", LINE)).headers["etag"]
    await shop.server().order("o-1", customer_id="anna")
    assert (await anna.add())["version"] == 1
    assert (await anna.ask("GET", "/cart", If_None_Match=etag)).status_code == 200
    refused(await anna.ask("POST", "/cart/lines", LINE, If_Match=etag), 412, "version-conflict")


async def test_two_devices_that_add_at_once_both_count(shop: Shop):
    devices = [shop.customer(replica=n % 2) for n in range(32)]
    await asyncio.gather(*(device.add("tea") for device in devices))
    cart = await devices[0].cart()
    assert (held(cart), cart["version"]) == ({"tea": 32}, 32)
    versions = [event.cart_version for event in await shop.events() if isinstance(event, LineAdded)]
    assert versions == list(range(1, 33))
    assert await shop.count("carts") == 1


async def test_concurrent_first_adds_of_a_guest_make_one_cart(shop: Shop):
    guest = await shop.guest()
    added = await asyncio.gather(*(shop.elsewhere(guest, n % 2).add(f"sku-{n}") for n in range(8)))
    assert len({cart["id"] for cart in added}) == 1
    assert len((await guest.cart())["lines"]) == 8


async def test_many_customers_at_once_do_not_mix(shop: Shop):
    async def fills(number: int) -> dict[str, int]:
        person = shop.customer(f"customer-{number}", replica=number % 2)
        for _ in range(3):
            await person.add(f"sku-{number}")
        return held(await person.cart())

    assert await asyncio.gather(*(fills(n) for n in range(20))) == [{f"sku-{n}": 3} for n in range(20)]
    assert await shop.count("outbox") == 60


async def test_limits_are_told_and_change_nothing(shop: Shop):
    anna = shop.customer()
    await anna.add("tea", 999)
    problem = refused(await anna.ask("POST", "/cart/lines", LINE), 409, "limit-reached")
    assert (problem["which"], problem["limit"]) == ("quantity", 999)
    refused(await anna.ask("POST", "/cart/lines", LINE | {"currency": "PLN"}), 409, "currency-mismatch")
    cart = await anna.cart()
    assert (held(cart), cart["version"]) == ({"tea": 999}, 1)
    assert await shop.count("outbox") == 1


async def test_a_cart_of_500_lines_works(shop: Shop):
    shop.change_store(rates=Rates(shopper=Rate(per_second=1000, burst=1000)))
    anna = shop.customer()
    for number in range(500):
        await anna.add(f"sku-{number}")
    refused(await anna.ask("POST", "/cart/lines", LINE), 409, "limit-reached")
    assert len((await shop.customer(replica=1).add("sku-7"))["lines"]) == 500


@pytest.mark.parametrize("price", [0, 1, 10**12])
async def test_money_is_an_integer_of_minor_units(shop: Shop, price: int):
    cart = await shop.customer().add(quantity=3, more={"price": price, "currency": "JPY"})
    assert (cart["total"], cart["lines"][0]["total"]) == (price * 3, price * 3)
