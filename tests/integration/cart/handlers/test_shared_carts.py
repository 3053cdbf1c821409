"""A cart shown to others: read-only, until it expires or is revoked; copied into one's own."""

from datetime import timedelta

from tests.integration.cart.shop import Shop, Visitor, done, held, refused


async def opened(who: Visitor, token: str):
    return await who.http.get(f"/v1/shared/{token}")


async def test_a_shared_cart_is_seen_by_anybody_and_changed_by_nobody(shop: Shop):
    anna = shop.customer()
    line_id = (await anna.add("tea", 2, X_Device="phone"))["lines"][0]["line_id"]
    done(await anna.ask("PATCH", f"/cart/lines/{line_id}", {"note": "for Ben"}))
    link = done(await anna.ask("POST", "/cart/share"), 201)
    answer = await opened(shop.elsewhere(anna), link["share_token"])
    seen = done(answer)
    assert answer.headers["cache-control"] == "no-store"
    assert (held(seen), seen["shared"]) == ({"tea": 2}, True)
    await anna.add("jam")
    assert held(done(await opened(anna, link["share_token"]))) == {"tea": 2, "jam": 1}
    refused(await opened(anna, "s1_forged"), 404, "unknown-link")
    refused(await anna.ask("GET", "/v1/recovery/" + link["share_token"]), 404, "unknown-link")


async def test_a_shared_link_ends_when_it_is_revoked_expires_or_its_cart_ends(shop: Shop):
    anna = shop.customer()
    await anna.add("tea")
    first = done(await anna.ask("POST", "/cart/share"), 201)["share_token"]
    done(await anna.ask("DELETE", "/cart/share"), 204)
    refused(await opened(anna, first), 410, "link-revoked")
    second = done(await anna.ask("POST", "/cart/share"), 201)["share_token"]
    shop.clock.forward(timedelta(days=29))
    done(await opened(anna, second))
    shop.clock.forward(timedelta(days=1, seconds=1))
    refused(await opened(anna, second), 410, "link-expired")
    third = done(await anna.ask("POST", "/cart/share"), 201)["share_token"]
    await shop.server().order("o-1", customer_id="anna")
    assert refused(await opened(anna, third), 410, "cart-gone")["cart_status"] == "ordered"
    refused(await anna.ask("POST", "/cart/share"), 404, "unknown-cart")


async def test_a_shared_link_dies_with_the_log_in_that_claims_the_cart(shop: Shop):
    """Story: a guest sent a link around, logged in weeks later, and the others went on watching the customer's cart."""
    guest, anna = await shop.guest(), shop.customer()
    await guest.add("tea")
    link = done(await guest.ask("POST", "/cart/share"), 201)["share_token"]
    done(await opened(anna, link))
    await anna.claim(guest)
    refused(await opened(guest, link), 410, "link-revoked")
    done(await opened(guest, done(await anna.ask("POST", "/cart/share"), 201)["share_token"]))


async def test_a_copy_leads_nowhere_but_to_the_store(shop: Shop):
    """Story: a shared "gift list" put a picture that counts its viewers and a link to a false log-in into carts."""
    anna, ben = shop.customer(), shop.customer("ben")
    shop.change_store(hosts=("pictures.example",))
    evil = {"url": "https://shop.test.evil.example/log-in", "image_url": "https://evil.example/pixel.png"}
    own = {"url": "https://www.shop.test/tea", "image_url": "https://eu.pictures.example/tea.png"}
    await anna.add("tea", more=evil)
    await anna.add("jam", more=own)
    link = done(await anna.ask("POST", "/cart/share"), 201)["share_token"]
    copied = done(await ben.ask("POST", "/cart/copy", {"share_token": link}))["cart"]
    recovery = (await shop.server().look((await anna.cart())["id"]))["recovery_url"].rpartition("/")[2]
    recovered = done(await shop.clients[0].get(f"/v1/recovery/{recovery}"))
    for seen in (done(await opened(ben, link)), copied, recovered):
        lines = {line["sku"]: line for line in seen["lines"]}
        assert {name: lines["tea"][name] for name in evil} == {"url": None, "image_url": None}
        assert {name: lines["jam"][name] for name in own} == own
    kept = {line["sku"]: line["url"] for line in (await anna.cart())["lines"]}
    assert kept["tea"] == evil["url"], "what people write into their own cart is theirs to see"


async def test_a_copy_goes_into_ones_own_cart_once_a_key(shop: Shop):
    anna, ben = shop.customer("anna"), await shop.guest()
    await anna.add("tea", 2)
    await anna.add("jam")
    body = {"share_token": done(await anna.ask("POST", "/cart/share"), 201)["share_token"]}
    await ben.add("tea")
    first = done(await ben.ask("POST", "/cart/copy", body, Idempotency_Key="k"))
    again = done(await shop.elsewhere(ben).ask("POST", "/cart/copy", body, Idempotency_Key="k"))
    assert first == again
    assert [(line["sku"], line["fate"], line["quantity"]) for line in first["lines"]] == [
        ("tea", "raised", 3),
        ("jam", "added", 1),
    ]
    assert held(await ben.cart()) == {"tea": 3, "jam": 1}
    assert held(await anna.cart()) == {"tea": 2, "jam": 1}
    empty_handed = await shop.guest()
    assert held(done(await empty_handed.ask("POST", "/cart/copy", body))["cart"]) == {"tea": 2, "jam": 1}
    other = shop.customer("anna", store="other")
    refused(await other.ask("POST", "/cart/copy", body), 404, "unknown-link")
