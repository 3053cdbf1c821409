"""The link in the reminder: that cart, on any device, and nothing else."""

from datetime import timedelta

import httpx

from tests.integration.cart.shop import Shop, Visitor, done, held, refused


async def link_to(shop: Shop, cart_id: str) -> str:
    url: str = (await shop.server().look(cart_id))["recovery_url"]
    assert url.startswith("https://shop.test/cart/r1_")
    return "/v1/recovery/" + url.rsplit("/", 1)[1]


async def opened(shop: Shop, path: str) -> httpx.Response:
    """On a device that has never seen the shop."""
    return await Visitor(shop.clients[1], {}).ask("GET", path)


async def test_a_link_opens_its_cart_on_any_device_as_it_is_now(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea")
    path = await link_to(shop, cart["id"])
    await anna.add("jam")
    answer = await opened(shop, path)
    shown = done(answer)
    assert (shown["recovered"], shown["id"], held(shown)) == (True, cart["id"], {"tea": 1, "jam": 1})
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers


async def test_a_link_logs_nobody_in(shop: Shop):
    cart = await shop.customer().add()
    token = (await link_to(shop, cart["id"])).rsplit("/", 1)[1]
    for headers in ({"Authorization": f"Bearer {token}"}, {"X-Cart-Token": token}):
        refused(await Visitor(shop.clients[0], headers).ask("GET", "/cart"), 401, "unauthorized")


async def test_a_forged_link_leads_to_nothing(shop: Shop):
    cart = await shop.customer().add()
    path = await link_to(shop, cart["id"])
    for forged in (path[:-1] + ("A" if path[-1] != "A" else "Q"), path + "A", "/v1/recovery/r1_x", "/v1/recovery/x"):
        refused(await opened(shop, forged), 404, "unknown-link")


async def test_a_link_expires(shop: Shop):
    cart = await shop.customer().add()
    path = await link_to(shop, cart["id"])
    shop.clock.forward(timedelta(days=30, minutes=1))
    refused(await opened(shop, path), 410, "link-expired")


async def test_links_can_be_revoked_and_new_ones_made(shop: Shop):
    cart = await shop.customer().add()
    old = await link_to(shop, cart["id"])
    done(await shop.server().ask("DELETE", f"/carts/{cart['id']}/recovery"), 204)
    refused(await opened(shop, old), 410, "link-revoked")
    assert done(await opened(shop, await link_to(shop, cart["id"])))["id"] == cart["id"]


async def test_a_link_to_an_ordered_cart_says_so(shop: Shop):
    cart = await shop.customer().add()
    path = await link_to(shop, cart["id"])
    await shop.server().order("o-1", customer_id="anna")
    assert refused(await opened(shop, path), 410, "cart-gone")["cart_status"] == "ordered"


async def test_a_link_of_a_guest_does_not_show_the_customers_cart_after_a_merge(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await anna.add("a secret")
    cart = await guest.add("tea")
    path = await link_to(shop, cart["id"])
    await anna.claim(guest)
    assert refused(await opened(shop, path), 410, "cart-gone")["cart_status"] == "merged"


async def test_a_link_of_a_guest_ends_when_the_cart_becomes_a_customers(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    cart = await guest.add("tea")
    path = await link_to(shop, cart["id"])
    await anna.claim(guest)
    await anna.add("a secret")
    refused(await opened(shop, path), 410, "link-revoked")


async def test_only_the_stores_own_servers_revoke_links(shop: Shop):
    cart = await shop.customer().add()
    path = f"/carts/{cart['id']}/recovery"
    from_other = shop.server("sk_test_of_the_other_store_0123", "other")
    refused(await from_other.ask("DELETE", path), 404, "unknown-cart")
    refused(await shop.customer().ask("DELETE", path), 403, "forbidden")
