"""What is told of a checkout, by the shopper's page and by a server."""

import pytest

from libs.contracts.events import CartEvent, CheckoutStarted
from tests.integration.cart.shop import Shop, done, refused


async def told(shop: Shop) -> list[CartEvent]:
    return [event for event in await shop.events() if isinstance(event, CheckoutStarted)]


@pytest.mark.parametrize("known", [True, False])
async def test_a_shopper_tells_of_it_once_for_the_same_goods(shop: Shop, known: bool):
    shopper = shop.customer() if known else await shop.guest()
    cart = await shopper.add("tea", 2)
    paying = done(await shopper.ask("POST", "/cart/checkout"))
    assert (paying["version"], paying["lines"]) == (2, cart["lines"])
    assert done(await shopper.ask("POST", "/cart/checkout"))["version"] == 2
    [started] = await told(shop)
    assert (started.cart_version, started.goods_version, started.holds) == (2, 1, {"tea": 2})
    await shopper.add("jam")
    done(await shopper.ask("POST", "/cart/checkout"))
    assert [event.goods_version for event in await told(shop)] == [1, 3]


async def test_it_stays_told_over_a_log_in_and_what_is_written_on_the_cart(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await guest.add("tea")
    done(await guest.ask("POST", "/cart/checkout"))
    done(await guest.ask("PATCH", "/cart", {"attributes": {"channel": "app"}}))
    await anna.claim(guest)
    done(await anna.ask("POST", "/cart/checkout"))
    assert [event.goods_version for event in await told(shop)] == [1]


async def test_with_an_empty_cart_nothing_begins(shop: Shop):
    anna = shop.customer()
    assert done(await anna.ask("POST", "/cart/checkout"))["version"] == 0
    assert await told(shop) == []


async def test_a_server_tells_of_it_too(shop: Shop):
    anna, server = shop.customer(), shop.server()
    cart = await anna.add("tea")
    place = f"/carts/{cart['id']}/checkout"
    done(await server.ask("POST", place, X_Origin="staff"))
    assert await told(shop) == []
    assert done(await server.ask("POST", place))["version"] == 2
    assert done(await server.ask("POST", place))["version"] == 2
    done(await anna.ask("POST", "/cart/checkout"))
    assert len(await told(shop)) == 1
    refused(await server.ask("POST", f"/carts/{'0' * 8}-0000-7000-8000-{'0' * 12}/checkout"), 404, "unknown-cart")


async def test_a_server_may_insist_on_the_cart_that_it_saw(shop: Shop):
    cart = await shop.customer().add("tea")
    refused(await shop.server().ask("POST", f"/carts/{cart['id']}/checkout", If_Match='"1-0"'), 412, "version-conflict")
    assert await told(shop) == []
