"""A sku that may be ordered beyond its level is never sold out."""

from tests.integration.cart.shop import Shop, done, held


async def backordered(shop: Shop, **level: object) -> None:
    done(await shop.server().ask("PUT", "/inventory/tea", level))


async def test_an_item_on_backorder_is_not_set_aside_at_log_in_because_its_level_is_0(shop: Shop):
    """magento2#40064: it was."""
    guest, anna = await shop.guest(), shop.customer()
    await backordered(shop, available=0, backorder=True)
    await guest.add("tea", 3)
    await anna.add("jam")
    answer = await anna.claim(guest)
    assert held(answer["cart"]) == {"tea": 3, "jam": 1}
    assert answer["cart"]["saved"] == answer["cart"].get("notices", []) == []


async def test_nobody_is_told_that_it_is_sold_out(shop: Shop):
    anna = shop.customer()
    await anna.add("tea", 3)
    await backordered(shop, available=0)
    assert [notice["kind"] for notice in (await anna.cart())["notices"]] == ["out_of_stock"]
    await backordered(shop, available=0, backorder=True)
    assert "notices" not in await anna.cart()
    await backordered(shop, available=0)  # what was left out is left as it is
    assert "notices" not in await anna.cart()
    await backordered(shop, available=0, backorder=False)
    assert [notice["kind"] for notice in (await anna.cart())["notices"]] == ["out_of_stock"]


async def test_all_of_it_is_held_back_for_whoever_pays(shop: Shop):
    shop.change_store(reservation_minutes=15)
    anna = shop.customer()
    await backordered(shop, available=1, backorder=True)
    await anna.add("tea", 3)
    [line] = done(await anna.ask("POST", "/cart/reservation"))["lines"]
    assert (line["reserved"], line["short"]) == (3, 0)


async def test_the_last_look_knows_of_no_level_that_binds(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea", 3)
    await backordered(shop, available=0, backorder=True)
    look = await shop.server().look(cart["id"])
    assert look["inventory"] == {"tea": None}
