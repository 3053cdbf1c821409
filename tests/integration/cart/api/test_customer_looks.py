"""The last look at a customer: what a message that is about no cart has to be true to."""

from tests.integration.cart.shop import OTHER_KEY, Shop, done, refused


async def test_a_customer_is_seen_with_their_cart_its_levels_and_that_of_another_item(shop: Shop):
    anna, server = shop.customer(), shop.server()
    await anna.add("tea", 2)
    await server.level("tea", 3)
    await server.level("jam", 9)
    look = done(await server.ask("GET", "/customers/anna/look?sku=jam"))
    assert look["cart"] == await anna.cart()
    assert look["inventory"] == {"tea": 3, "jam": 9}
    assert (look["recipient"], look["order"], look["ordered_at"]) == (None, None, None)
    assert look["recovery_url"].startswith("https://shop.test/cart/r1_")
    assert look["goods_version"] == look["cart"]["version"]


async def test_what_is_set_aside_is_seen_with_its_levels(shop: Shop):
    anna, server = shop.customer(), shop.server()
    cart = await anna.add("tea", 2)
    done(await anna.ask("POST", f"/cart/lines/{cart['lines'][0]['line_id']}/save"))
    await server.level("tea", 3)
    look = done(await server.ask("GET", "/customers/anna/look"))
    assert [(line["sku"], line["currency"]) for line in look["cart"]["saved"]] == [("tea", "EUR")]
    assert (look["cart"]["lines"], look["inventory"]) == ([], {"tea": 3})


async def test_a_guest_who_has_left_an_address_is_seen_with_their_cart_until_it_is_a_customers(shop: Shop):
    shop.change_store(guest_contacts="single_opt_in")
    guest, server = await shop.guest(), shop.server()
    cart = await guest.add("tea", 2)
    done(await guest.ask("POST", f"/cart/lines/{cart['lines'][0]['line_id']}/save"))
    assert (await guest.ask("PUT", "/cart/contact", {"email": "anna@mail.test"})).status_code == 204
    name = await shop.pool.fetchval("SELECT recipient_id FROM carts")
    seen = done(await server.ask("GET", f"/customers/{name}/look"))
    assert (seen["cart"]["id"], seen["cart"]["customer_id"]) == (cart["id"], name)
    assert [line["sku"] for line in seen["cart"]["saved"]] == ["tea"]
    assert seen["recovery_url"].startswith("https://shop.test/cart/r1_")
    refused(await shop.server(OTHER_KEY).ask("GET", f"/customers/{name}/look"), 401, "unauthorized")
    await shop.customer().claim(guest)
    gone = done(await server.ask("GET", f"/customers/{name}/look"))
    assert (gone["cart"]["id"], gone["cart"]["saved"], gone["recipient"]) == (None, [], None)


async def test_a_customer_without_a_cart_is_led_to_the_shop(shop: Shop):
    look = done(await shop.server().ask("GET", "/customers/nobody/look?sku=tea"))
    assert (look["cart"]["id"], look["cart"]["lines"], look["cart"]["customer_id"]) == (None, [], "nobody")
    assert (look["inventory"], look["goods_version"]) == ({"tea": None}, None)
    assert look["recovery_url"] == "https://shop.test/"


async def test_who_may_be_written_to_is_told_without_an_address(shop: Shop):
    server = shop.server()
    contact = {"email": "anna@shop.test", "email_consent": True}
    profile = done(await server.ask("PUT", "/customers/anna/profile", contact))
    answer = await server.ask("GET", "/customers/anna/look")
    assert done(answer)["recipient"] == {
        "profile_version": profile["version"],
        "reach": {"email": True, "sms": False},
        "consent": {"email": True, "sms": False},
        "unconfirmed": [],
    }
    assert "anna@" not in answer.text


async def test_an_order_is_seen_as_it_stands_with_the_goods_that_are_still_in_it(shop: Shop):
    anna, server = shop.customer(), shop.server()
    cart = await anna.add("tea", 2)
    await anna.add("jam")
    lines = [{"sku": "tea", "quantity": 2}, {"sku": "jam", "quantity": 1}]
    order = {"order_id": "o-1", "customer_id": "anna", "cart_id": cart["id"], "lines": lines, "currency": "EUR"}
    done(await server.ask("POST", "/orders", order | {"total": 4000}), 201)
    seen = done(await server.ask("GET", "/customers/anna/look?order_id=o-1"))
    assert [(line["sku"], line["quantity"]) for line in seen["order"]["lines"]] == [("tea", 2), ("jam", 1)]
    assert (seen["order"]["status"], seen["order"]["total"], seen["order"]["currency"]) == ("placed", 4000, "EUR")
    assert seen["ordered_at"] == seen["order"]["placed_at"]
    assert seen["cart"]["id"] is None
    partly = {"type": "cancelled", "lines": [{"sku": "tea", "quantity": 1}, {"sku": "jam", "quantity": 1}]}
    done(await server.ask("POST", "/orders/o-1/events", partly), 201)
    seen = done(await server.ask("GET", "/customers/anna/look?order_id=o-1"))["order"]
    assert [(line["sku"], line["quantity"], line["total"]) for line in seen["lines"]] == [
        ("tea", 1, seen["lines"][0]["price"])
    ]
    done(await server.ask("POST", "/orders/o-1/events", {"type": "shipped"}), 201)
    assert done(await server.ask("GET", "/customers/anna/look?order_id=o-1"))["order"]["status"] == "shipped"


async def test_nobody_is_shown_somebody_elses_order_or_another_store(shop: Shop):
    server = shop.server()
    done(await server.ask("POST", "/orders", {"order_id": "o-1", "customer_id": "anna"}), 201)
    assert done(await server.ask("GET", "/customers/bert/look?order_id=o-1"))["order"] is None
    refused(await shop.server(OTHER_KEY).ask("GET", "/customers/anna/look"), 401, "unauthorized")
    refused(await shop.customer().ask("GET", "/customers/anna/look"), 403, "forbidden")


async def test_whoever_acts_for_another_customer_is_shown_as_that_one(shop: Shop):
    done(await shop.server().ask("PUT", "/customers/anna/identities/card-7"))
    look = done(await shop.server().ask("GET", "/customers/card-7/look"))
    assert look["cart"]["customer_id"] == "anna"
    assert look["cart"]["store_id"] == "shop"


async def test_an_item_that_they_wait_for_is_seen_with_its_name(shop: Shop):
    anna, server = shop.customer(), shop.server()
    asked = {"sku": "jam", "title": "Jam", "url": "https://shop.test/jam", "image_url": "https://shop.test/jam.jpg"}
    done(await anna.ask("POST", "/watches", asked), 201)
    assert done(await server.ask("GET", "/customers/anna/look?sku=jam"))["watched"] == asked
    assert done(await server.ask("GET", "/customers/anna/look?sku=tea"))["watched"] is None
    assert done(await server.ask("GET", "/customers/ben/look?sku=jam"))["watched"] is None
    done(await anna.ask("DELETE", "/watches"), 204)
    assert done(await server.ask("GET", "/customers/anna/look?sku=jam"))["watched"] is None
