"""Several names of one customer, and customers that turn out to be one."""

import asyncio

from libs.contracts.events import CartEvent, OrderPlaced, ProfileErased, ProfileSet
from tests.integration.cart.shop import Shop, Visitor, done, held, refused


async def named(server: Visitor, customer_id: str, identity: str, status: int = 200) -> dict[str, object]:
    answer: dict[str, object] = done(await server.ask("PUT", f"/customers/{customer_id}/identities/{identity}"), status)
    return answer


async def test_a_loyalty_number_opens_the_customers_cart_on_every_replica(shop: Shop):
    server, anna = shop.server(), shop.customer("anna")
    await named(server, "anna", "card-7")
    cart = await anna.add("tea")
    till = shop.customer("card-7", replica=1)
    assert (await till.cart())["id"] == cart["id"]
    assert held(await till.add("jam")) == {"tea": 1, "jam": 1}
    assert held(await anna.add("milk")) == {"tea": 1, "jam": 1, "milk": 1}
    assert {event.customer_id for event in await shop.events() if isinstance(event, CartEvent)} == {"anna"}
    listed = done(await server.ask("GET", "/customers/card-7/identities"))
    assert listed == {"customer_id": "anna", "identities": ["card-7"], "next": None}


async def test_the_first_add_under_another_name_makes_the_customers_cart(shop: Shop):
    await named(shop.server(), "anna", "card-7")
    cart = await shop.customer("card-7").add("tea")
    assert cart["customer_id"] == "anna"
    assert held(await shop.customer("anna").cart()) == {"tea": 1}
    assert await shop.count("active") == 1


async def test_what_was_gathered_under_the_number_comes_along_with_a_receipt(shop: Shop):
    till, anna = shop.customer("card-7"), shop.customer("anna")
    await till.add("tea", 3)
    await anna.add("tea", 1)
    answer = await named(shop.server(), "anna", "card-7")
    assert held(await anna.cart()) == held(await shop.elsewhere(till).cart()) == {"tea": 3}
    [receipt] = done(await anna.ask("GET", "/cart/merges"))["merges"]
    assert receipt == answer["merge"]
    undone = done(await anna.undo(receipt))
    assert (held(undone["cart"]), undone["restored_cart_id"]) == ({"tea": 1}, None)
    assert [(line["sku"], line["quantity"]) for line in undone["cart"]["saved"]] == [("tea", 2)], "nothing is lost"


async def test_naming_again_changes_nothing_and_a_taken_name_is_refused(shop: Shop):
    server = shop.server()
    await named(server, "anna", "card-7")
    assert (await named(server, "anna", "card-7"))["merge"] is None
    refused(await server.ask("PUT", "/customers/ben/identities/card-7"), 409, "identity-taken")
    refused(await server.ask("PUT", "/customers/anna/identities/anna"), 409, "same-customer")
    refused(await shop.customer("anna").ask("PUT", "/customers/anna/identities/x"), 403, "forbidden")


async def test_a_name_that_was_taken_away_stands_for_itself_also_where_the_cart_was_seen(shop: Shop):
    server, till = shop.server(), shop.customer("card-7")
    await named(server, "anna", "card-7")
    await till.add("tea")
    done(await server.ask("DELETE", "/customers/anna/identities/card-7"), 204)
    fresh = await till.add("jam")
    assert (held(fresh), fresh["customer_id"]) == ({"jam": 1}, "card-7")
    assert held(await shop.customer("anna").cart()) == {"tea": 1}
    refused(await server.ask("DELETE", "/customers/anna/identities/card-7"), 404, "unknown-identity")


async def test_one_customer_merged_into_another_with_all_names(shop: Shop):
    server = shop.server()
    await named(server, "ann", "card-7")
    await shop.customer("ann").add("tea", 2)
    await shop.customer("anna").add("jam")
    answer = done(await server.ask("POST", "/customers/ann/merge", {"into": "anna"}))
    assert (answer["customer_id"], answer["merge"]["claimed"]) == ("anna", True)
    for name in ("ann", "anna", "card-7"):
        assert held(await shop.customer(name, replica=1).cart()) == {"tea": 2, "jam": 1}
    refused(await server.ask("POST", "/customers/anna/merge", {"into": "card-7"}), 409, "same-customer")
    assert await shop.count("active") == 1


async def test_customers_may_be_merged_back_and_forth_and_names_never_go_in_circles(shop: Shop):
    server = shop.server()
    done(await server.ask("POST", "/customers/ann/merge", {"into": "anna"}))
    done(await server.ask("POST", "/customers/anna/merge", {"into": "anne"}))
    await shop.customer("ann").add("tea")
    assert held(await shop.customer("anne").cart()) == {"tea": 1}
    listed = done(await server.ask("GET", "/customers/ann/identities"))
    assert listed == {"customer_id": "anne", "identities": ["ann", "anna"], "next": None}


async def test_a_guest_who_logs_in_with_a_loyalty_number_brings_the_cart_to_the_customer(shop: Shop):
    guest, anna = await shop.guest(), shop.customer("anna")
    await named(shop.server(), "anna", "card-7")
    await anna.add("tea")
    await guest.add("jam")
    assert held((await shop.customer("card-7").claim(guest))["cart"]) == {"tea": 1, "jam": 1}
    assert held(await anna.cart()) == {"tea": 1, "jam": 1}


async def test_an_order_under_another_name_closes_the_customers_cart(shop: Shop):
    await named(shop.server(), "anna", "card-7")
    cart = await shop.customer("anna").add("tea")
    assert (await shop.server().order("o-1", customer_id="card-7"))["closed_carts"] == [cart["id"]]
    assert (await shop.server().order("o-1", 200, customer_id="card-7"))["closed_carts"] == [cart["id"]]
    [placed] = [event for event in await shop.events() if isinstance(event, OrderPlaced)]
    assert placed.customer_id == "anna"


async def test_contact_data_of_the_other_stays_and_is_taken_over_where_there_is_none(shop: Shop):
    server = shop.server()
    contact = {"email": "ann@example.com", "email_consent": True, "sms_consent": False, "locale": "en"}
    done(await server.ask("PUT", "/customers/ann/profile", contact))
    done(await server.ask("POST", "/customers/ann/merge", {"into": "anna"}))
    assert done(await server.ask("GET", "/customers/anna/profile"))["email"] == "ann@example.com"
    assert done(await server.ask("GET", "/customers/ann/profile"))["customer_id"] == "anna"
    told = [event for event in await shop.events() if isinstance(event, (ProfileSet, ProfileErased))]
    assert [(event.type, event.customer_id) for event in told[-2:]] == [
        ("customer.profile_set", "anna"),
        ("customer.profile_erased", "ann"),
    ]


async def test_erasing_a_customer_erases_every_name(shop: Shop):
    server = shop.server()
    await named(server, "anna", "card-7")
    contact = {"email": "a@example.com", "email_consent": True, "sms_consent": False, "locale": "en"}
    done(await server.ask("PUT", "/customers/card-7/profile", contact))
    done(await server.ask("DELETE", "/customers/card-7/profile"), 204)
    assert await shop.count("profiles") == 0
    erased = [event.customer_id for event in await shop.events() if isinstance(event, ProfileErased)]
    assert erased == ["anna", "card-7"]
    assert done(await server.ask("GET", "/customers/anna/identities"))["identities"] == []


async def test_adds_that_race_with_the_naming_are_not_lost(shop: Shop):
    server = shop.server()
    for number in range(6):
        anna, till = shop.customer(f"anna-{number}"), shop.customer(f"card-{number}", replica=1)
        await till.add("tea")
        await asyncio.gather(named(server, f"anna-{number}", f"card-{number}"), till.add("jam"), anna.add("milk"))
        assert held(await anna.cart()) == {"tea": 1, "jam": 1, "milk": 1}
        assert held(await till.cart()) == {"tea": 1, "jam": 1, "milk": 1}
