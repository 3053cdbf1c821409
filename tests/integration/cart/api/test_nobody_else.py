"""Nobody can make us mail or text an address that is not theirs: each way to try it, as a story."""

from typing import Any

import pytest

from libs.contracts.events import ProfileSet
from tests.integration.cart.shop import LINE, OTHER_KEY, Shop, Visitor, done, refused

VICTIM = "victim@elsewhere.test"
ANNA = {"email": "anna@shop.test", "phone": "+48601234567", "email_consent": True, "sms_consent": True, "locale": "en"}


async def profile(shop: Shop, customer_id: str) -> Any:
    return (await shop.server().ask("GET", f"/customers/{customer_id}/profile")).json()


async def addresses(shop: Shop) -> list[tuple[str, str | None, str | None]]:
    """Every address that anybody was told of, and for whom."""
    told = [event for event in await shop.events() if isinstance(event, ProfileSet)]
    return [(event.customer_id, event.email, event.phone) for event in told]


async def registered(shop: Shop, customer_id: str = "anna", **contact: Any) -> None:
    done(await shop.server().ask("PUT", f"/customers/{customer_id}/profile", ANNA | contact))


@pytest.mark.parametrize("path", ["/customers/anna/profile", "/customers/mallory/profile"])
async def test_a_customer_cannot_set_an_address_not_even_the_own(shop: Shop, path: str):
    mallory = shop.customer("mallory")
    refused(await mallory.ask("PUT", path, ANNA | {"email": VICTIM}), 403, "forbidden")
    refused(await mallory.ask("DELETE", path), 403, "forbidden")
    refused(await mallory.ask("GET", path), 403, "forbidden")
    assert await addresses(shop) == []


async def test_a_guest_has_nowhere_to_give_an_address_unless_the_store_takes_them(shop: Shop):
    guest = await shop.guest()
    await guest.add()
    refused(await guest.ask("PUT", "/cart/contact", {"email": VICTIM}), 403, "guest-contacts-off")
    refused(await guest.ask("PUT", "/customers/guest/profile", ANNA), 403, "forbidden")
    refused(await guest.ask("POST", "/cart/lines", LINE | {"email": VICTIM}), 422, "invalid-request")
    refused(await guest.ask("POST", "/cart/lines", LINE | {"customer_id": "anna"}), 422, "invalid-request")
    refused(await guest.ask("PATCH", "/cart", {"email": VICTIM}), 422, "invalid-request")
    assert await addresses(shop) == []


async def test_what_looks_like_an_address_in_a_cart_is_never_one(shop: Shop):
    guest = await shop.guest()
    await guest.add(more={"title": VICTIM, "options": {"email": VICTIM, "phone": "+15005550006"}})
    done(await guest.ask("PATCH", "/cart", {"attributes": {"email": VICTIM}}))
    done(await guest.ask("POST", "/cart/share"), 201)
    assert await addresses(shop) == []
    assert VICTIM not in str(await shop.events())


async def test_an_address_in_a_log_in_counts_for_nothing(shop: Shop):
    mallory = shop.customer("mallory", email=VICTIM, phone_number="+15005550006", email_verified=True)
    await mallory.add()
    done(await mallory.ask("POST", "/cart/claim", {"cart_token": (await shop.guest()).headers["X-Cart-Token"]}))
    assert await addresses(shop) == []
    assert (await shop.server().ask("GET", "/customers/mallory/profile")).status_code == 404


async def test_a_shopper_cannot_take_the_name_of_somebody_else(shop: Shop):
    await registered(shop)
    mallory = shop.customer("mallory")
    await mallory.add("spam")
    refused(await mallory.ask("PUT", "/customers/anna/identities/mallory"), 403, "forbidden")
    refused(await mallory.ask("POST", "/customers/mallory/merge", {"into": "anna"}), 403, "forbidden")
    refused(await mallory.ask("POST", "/orders", {"order_id": "1", "customer_id": "anna"}), 403, "forbidden")
    assert (await shop.customer("anna").cart())["units"] == 0


async def test_a_stranger_s_goods_never_reach_a_customer_s_mailbox_by_a_guest_s_token(shop: Shop):
    """Reminders go to the customer of a cart; a cart becomes a customer's by that customer's own log-in alone."""
    await registered(shop)
    guest = await shop.guest()
    await guest.add("spam")
    forged = Visitor(guest.http, guest.headers | {"X-Customer-Id": "anna", "X-User": "anna"})
    await forged.add("spam")
    refused(await guest.ask("POST", "/cart/claim", {"cart_token": guest.headers["X-Cart-Token"]}), 403, "forbidden")
    assert {getattr(event, "customer_id", None) for event in await shop.events()} == {"anna", None}
    assert (await shop.customer("anna").cart())["units"] == 0


async def test_a_recovery_link_that_is_passed_on_tells_no_address_and_logs_nobody_in(shop: Shop):
    await registered(shop)
    await shop.customer("anna").add()
    cart = await shop.customer("anna").cart()
    link = (await shop.server().ask("GET", f"/carts/{cart['id']}")).json()["recovery_url"].rpartition("/")[2]
    opened = await shop.clients[0].get(f"/v1/recovery/{link}")
    assert not any(word in opened.text for word in ("anna", "+48601234567"))
    bearer = Visitor(shop.clients[0], {"Authorization": f"Bearer {link}"})
    refused(await bearer.ask("PUT", "/customers/anna/profile", ANNA | {"email": VICTIM}), 401, "unauthorized")
    refused(await Visitor(shop.clients[0], {"X-Cart-Token": link}).ask("GET", "/cart"), 401, "unauthorized")


async def test_merging_customers_does_not_change_where_the_remaining_one_is_reached(shop: Shop):
    await registered(shop)
    await registered(shop, "mallory", email=VICTIM, phone=None)
    done(await shop.server().ask("POST", "/customers/mallory/merge", {"into": "anna"}))
    assert (await profile(shop, "anna"))["email"] == "anna@shop.test"
    assert (await profile(shop, "anna"))["phone"] == "+48601234567"
    assert ("anna", VICTIM, None) not in await addresses(shop)


async def test_an_identity_brings_no_other_address_to_the_customer_for_whom_it_acts(shop: Shop):
    await registered(shop)
    await registered(shop, "card-7", email=VICTIM, phone=None)
    done(await shop.server().ask("PUT", "/customers/anna/identities/card-7"))
    assert (await profile(shop, "anna"))["email"] == "anna@shop.test"
    assert all(email != VICTIM for customer, email, _ in await addresses(shop) if customer == "anna")


async def test_a_log_in_under_a_merged_name_gets_the_cart_but_never_the_address(shop: Shop):
    await registered(shop)
    done(await shop.server().ask("PUT", "/customers/anna/identities/card-7"))
    card = shop.customer("card-7")
    await card.add()
    refused(await card.ask("GET", "/customers/anna/profile"), 403, "forbidden")
    assert "anna@shop.test" not in (await card.ask("GET", "/cart")).text


async def test_another_store_cannot_set_the_address_of_this_one_s_customer(shop: Shop):
    await registered(shop)
    other = shop.server(OTHER_KEY, "other")
    done(await other.ask("PUT", "/customers/anna/profile", ANNA | {"email": VICTIM}))
    assert (await profile(shop, "anna"))["email"] == "anna@shop.test"
    refused(await shop.server(OTHER_KEY).ask("PUT", "/customers/anna/profile", ANNA), 401, "unauthorized")


async def test_a_key_for_other_things_sets_no_address(shop: Shop):
    scopes = ["carts:read", "carts:write", "orders:write", "customers:read"]
    made = done(await shop.server().ask("POST", "/keys", {"name": "erp", "scopes": scopes}), 201)
    answer = await shop.server(made["secret"]).ask("PUT", "/customers/anna/profile", ANNA | {"email": VICTIM})
    assert refused(answer, 403, "insufficient-scope")["scope"] == "customers:write"
    answer = await shop.server(made["secret"]).ask("POST", "/customers/anna/merge", {"into": "mallory"})
    refused(answer, 403, "insufficient-scope")
    assert await addresses(shop) == []


async def test_a_publishable_key_sets_no_address(shop: Shop):
    body = {"name": "web", "kind": "publishable", "origins": ["https://shop.test"]}
    key = done(await shop.server().ask("POST", "/keys", body), 201)["secret"]
    page = Visitor(shop.clients[0], {"X-Publishable-Key": key, "Authorization": f"Bearer {key}"})
    refused(await page.ask("PUT", "/customers/anna/profile", ANNA | {"email": VICTIM}), 401, "unauthorized")
    assert await addresses(shop) == []


async def test_what_is_another_s_is_not_there_and_leaves_no_hint(shop: Shop):
    """Foreign resources answer as if they had never been: same status, same words, no entity tag, nothing replayed."""
    anna, mallory = shop.customer("anna"), shop.customer("mallory")
    line = (await anna.add(Idempotency_Key="k"))["lines"][0]["line_id"]
    receipt = (await anna.claim(await shop_guest(shop)))["merge"]
    nothing = "019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10"
    for method, path, body in (
        ("PUT", "/cart/lines/{}", {"quantity": 9}),
        ("PATCH", "/cart/lines/{}", {"note": "mine"}),
        ("POST", "/cart/lines/{}/save", None),
        ("POST", "/cart/saved/{}/restore", None),
    ):
        foreign, unknown = [await mallory.ask(method, path.format(one), body) for one in (line, nothing)]
        assert (foreign.status_code, foreign.text) == (unknown.status_code, unknown.text) == (404, foreign.text)
        assert "etag" not in foreign.headers
    foreign, unknown = [await mallory.ask("POST", f"/cart/merges/{one}/undo") for one in (receipt["merge_id"], nothing)]
    assert (foreign.status_code, foreign.text) == (unknown.status_code, unknown.text) == (404, foreign.text)
    other = shop.server(OTHER_KEY, "other")
    cart = (await anna.cart())["id"]
    foreign, unknown = [await other.ask("GET", f"/carts/{one}") for one in (cart, nothing)]
    assert (foreign.status_code, foreign.text) == (unknown.status_code, unknown.text) == (404, foreign.text)
    mine = await mallory.ask("POST", "/cart/lines", LINE, Idempotency_Key="k")
    assert "Idempotency-Replayed" not in mine.headers
    assert done(mine)["customer_id"] == "mallory"
    etag = (await anna.ask("GET", "/cart")).headers["etag"]
    assert (await mallory.ask("GET", "/cart", If_None_Match=etag)).status_code == 200


async def shop_guest(shop: Shop) -> Visitor:
    guest = await shop.guest()
    await guest.add("jam")
    return guest
