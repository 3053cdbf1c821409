"""What events of carts tell of lines, and of who changed them."""

import pytest

from libs.contracts.events import CartEvent, CartLine
from tests.integration.cart.shop import Shop, done, refused


async def told(shop: Shop) -> list[CartEvent]:
    return [event for event in await shop.events() if isinstance(event, CartEvent)]


async def test_events_tell_lines_with_prices_and_what_is_saved_for_later(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea", 2)
    await anna.add("jam")
    line = cart["lines"][0]["line_id"]
    done(await anna.ask("POST", f"/cart/lines/{line}/save", {}))
    first, second, third = await told(shop)
    tea, jam = CartLine("tea", 2, 500), CartLine("jam", 1, 500)
    assert (first.lines, second.lines) == ((tea,), (tea, jam))
    assert third.lines == (jam, CartLine("tea", 2, 500, saved=True, currency="EUR"))


async def test_a_closed_cart_tells_no_lines(shop: Shop):
    await shop.customer().add("tea")
    await shop.server().order("o-1", customer_id="anna")
    added, ordered = await told(shop)
    assert (added.lines is None, ordered.lines) == (False, None)


@pytest.mark.parametrize(
    ("said", "origin"), [("staff", "staff"), ("bot", "bot"), ("import", "import"), ("shopper", None)]
)
async def test_who_is_no_shopper_says_so(shop: Shop, said: str, origin: str | None):
    await shop.customer().add("tea", X_Origin=said)
    await shop.customer().add("tea")
    assert [event.origin for event in await told(shop)] == [origin, None]


async def test_a_word_that_nobody_knows_is_refused(shop: Shop):
    body = {"sku": "tea", "quantity": 1, "title": "Tea", "price": 500, "currency": "EUR"}
    answer = await shop.customer().ask("POST", "/cart/lines", body, X_Origin="martian")
    assert refused(answer, 400, "invalid-header")["header"] == "X-Origin"
