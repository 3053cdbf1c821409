"""Stock, contact data and the last look: what a store's servers tell and ask."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from libs.contracts.events import LevelSet, ProfileErased, ProfileSet
from tests.integration.cart.shop import OTHER_KEY, Shop, Visitor, done, refused

NO_CART = "00000000-0000-7000-8000-000000000000"
ANNA = {
    "email": "anna@shop.test",
    "phone": "+48 600 700 800",
    "name": "Anna",
    "locale": "pl",
    "timezone": "Europe/Warsaw",
    "country": "PL",
    "region": "14",
    "email_consent": True,
    "sms_consent": True,
}


async def test_a_level_is_told_when_it_changes(shop: Shop):
    server = shop.server()
    assert await server.level("tea", 5) == {"levels": [{"sku": "tea", "available": 5}], "changed": 1, "stale": 0}
    assert (await server.level("tea", 5))["changed"] == 0
    await server.level("tea", 0)
    events = [event for event in await shop.events() if isinstance(event, LevelSet)]
    assert [(event.sku, event.available, event.level_version) for event in events] == [("tea", 5, 1), ("tea", 0, 2)]


async def test_levels_come_in_bulk_and_only_changes_are_told(shop: Shop):
    server = shop.server()
    await server.level("sku-7", 7)
    levels = [{"sku": f"sku-{n}", "available": n} for n in range(1000)]
    assert done(await server.ask("POST", "/inventory", {"levels": levels}))["changed"] == 999
    assert await shop.count("outbox") == 1000


async def test_bulk_updates_of_the_same_skus_do_not_lock_each_other_out(shop: Shop):
    async def sets(number: int) -> None:
        skus = list(range(60)) if number % 2 else list(reversed(range(60)))
        levels = [{"sku": f"sku-{n}", "available": number} for n in skus]
        done(await shop.server(replica=number % 2).ask("POST", "/inventory", {"levels": levels}))

    await asyncio.gather(*(sets(n) for n in range(8)))
    assert await shop.pool.fetchval("SELECT count(DISTINCT available) FROM inventory") == 1


async def test_a_sku_may_hold_whatever_a_path_can_carry(shop: Shop):
    done(await shop.server().ask("PUT", "/inventory/t%C3%A9%20a:b%25%2Fc", {"available": 1}))
    assert await shop.pool.fetchval("SELECT sku FROM inventory") == "té a:b%/c"


async def test_a_customer_id_may_hold_what_identity_providers_put_there(shop: Shop):
    path = "/customers/auth0%7C65f%2Fx/profile"
    done(await shop.server().ask("PUT", path, {"email": "anna@shop.test"}))
    assert done(await shop.server().ask("GET", path))["customer_id"] == "auth0|65f/x"
    assert (await shop.customer("auth0|65f/x").add())["customer_id"] == "auth0|65f/x"


async def test_a_profile_is_kept_told_and_read(shop: Shop):
    server = shop.server()
    answer = done(await server.ask("PUT", "/customers/anna/profile", ANNA))
    assert answer == {"customer_id": "anna", "version": answer["version"]}
    [event] = await shop.events()
    assert isinstance(event, ProfileSet)
    assert (event.email, event.phone, event.locale, event.sms_consent) == ("anna@shop.test", "+48600700800", "pl", True)
    assert (event.country, event.region) == ("PL", "14")
    known = done(await server.ask("GET", "/customers/anna/profile"))
    assert known == ANNA | {
        "phone": "+48600700800",
        "store_id": "shop",
        "customer_id": "anna",
        "version": answer["version"],
        "updated_at": known["updated_at"],
        "email_consent_at": known["email_consent_at"],
        "sms_consent_at": known["sms_consent_at"],
        "handles": {},
    }


async def test_a_profile_replaces_the_one_before(shop: Shop):
    server = shop.server()
    first = done(await server.ask("PUT", "/customers/anna/profile", ANNA))
    second = done(await server.ask("PUT", "/customers/anna/profile", {"locale": "de"}))
    assert second["version"] > first["version"]
    known = done(await server.ask("GET", "/customers/anna/profile"))
    assert (known["email"], known["locale"], known["email_consent"]) == (None, "de", False)
    assert (known["country"], known["region"]) == (None, None)


async def test_an_erasure_forgets_here_and_tells_the_others(shop: Shop):
    server = shop.server()
    before = done(await server.ask("PUT", "/customers/anna/profile", ANNA))
    done(await server.ask("DELETE", "/customers/anna/profile"), 204)
    refused(await server.ask("GET", "/customers/anna/profile"), 404, "unknown-customer")
    assert await shop.count("profiles") == 0
    assert isinstance((await shop.events())[-1], ProfileErased)
    assert await shop.pool.fetchval("SELECT value FROM outbox ORDER BY id DESC LIMIT 1") is None
    after = done(await server.ask("PUT", "/customers/anna/profile", ANNA))
    assert after["version"] > before["version"]


async def test_whom_nobody_knows_can_be_erased_again(shop: Shop):
    done(await shop.server().ask("DELETE", "/customers/nobody/profile"), 204)
    assert await shop.told() == ["customer.profile_erased"]


async def test_kept_answers_hold_no_personal_data(shop: Shop):
    done(await shop.server().ask("PUT", "/customers/anna/profile", ANNA, Idempotency_Key="k-1"))
    [row] = await shop.pool.fetch("SELECT * FROM idempotency_keys")
    assert not any(word in str(dict(row)) for word in ("anna@", "600700800", "Anna"))


async def test_the_last_look_sees_cart_stock_and_link_at_once(shop: Shop):
    anna, server = shop.customer(), shop.server()
    cart = await anna.add("tea", 2)
    await anna.add("jam")
    await server.level("tea", 3)
    await server.level("other", 9)
    look = await server.look(cart["id"])
    assert look["cart"] == await anna.cart()
    assert look["inventory"] == {"tea": 3, "jam": None}
    known = {"inventory", "prices", "recipient", "recipient_id", "goods_version", "silent_since"}
    assert set(look) == {"cart", "recovery_url", "as_of"} | known


async def test_several_carts_are_looked_at_in_one_call_as_one_by_one(shop: Shop):
    """One that is named twice comes once; one that the store does not have does not come."""
    server = shop.server()
    await server.level("tea", 3)
    carts = [await shop.customer(name).add("tea", 2) for name in ("anna", "ben")]
    ids = [cart["id"] for cart in carts]
    looks = done(await server.ask("POST", "/carts:look", {"cart_ids": [*ids, ids[0], str(uuid4())]}))["looks"]
    moment = {"recovery_url": None, "as_of": None}
    alone = [await server.look(cart_id) | moment for cart_id in ids]
    assert sorted((look | moment for look in looks), key=lambda look: ids.index(look["cart"]["id"])) == alone
    assert len({look["recovery_url"] for look in looks}) == 2


async def test_a_server_looks_at_no_cart_of_another_store(shop: Shop):
    cart = await shop.customer().add("tea")
    other = Visitor(shop.clients[0], {"Authorization": f"Bearer {OTHER_KEY}"}, "/v1/stores/other")
    assert done(await other.ask("POST", "/carts:look", {"cart_ids": [cart["id"]]})) == {"looks": []}


@pytest.mark.parametrize("ids", [[], ["a"], [str(uuid4())] * 101, None])
async def test_what_names_no_carts_or_too_many_is_refused(shop: Shop, ids: object):
    refused(await shop.server().ask("POST", "/carts:look", {"cart_ids": ids}), 422, "invalid-request")


async def test_the_last_look_tells_what_each_line_costs_now_as_the_store_has_told(shop: Shop):
    """The price of the choice in the cart; none of a line whose price a server has set, or of which nobody told any."""
    anna, server = shop.customer(), shop.server()
    await anna.add("tea", 2, more={"options": {"size": "L"}})
    cart = await anna.add("jam")
    tea, jam = (line["line_id"] for line in cart["lines"])
    done(await server.ask("PUT", "/prices/tea", {"price": 900, "currency": "EUR"}))
    done(await server.ask("PUT", "/prices/tea", {"price": 800, "currency": "EUR", "options": {"size": "L"}}))
    assert (await server.look(cart["id"]))["prices"] == {tea: 800}
    done(await server.ask("PUT", "/prices/jam", {"price": 50, "currency": "EUR"}))
    at = f"/carts/{cart['id']}/lines/{tea}/price"
    done(await server.ask("PUT", at, {"price": 700, "currency": "EUR"}))
    assert (await server.look(cart["id"]))["prices"] == {jam: 50}


async def test_a_consent_has_the_time_at_which_it_was_given_however_often_it_is_told(shop: Shop):
    server, path = shop.server(), "/customers/anna/profile"

    async def told(**contact: Any) -> dict[str, Any]:
        done(await server.ask("PUT", path, {"email": "anna@shop.test", **contact}))
        known: dict[str, Any] = done(await server.ask("GET", path))
        event = (await shop.events())[-1]
        assert isinstance(event, ProfileSet)
        times = event.model_dump(mode="json", include={"email_consent_at", "sms_consent_at"})
        assert times == {name: known[name] for name in times}
        return known

    assert (await told())["email_consent_at"] is None
    first = (await told(email_consent=True))["email_consent_at"]
    shop.clock.now += timedelta(hours=1)
    again = await told(email_consent=True, sms_consent=False, name="Anna")
    assert (again["email_consent_at"], again["sms_consent_at"]) == (first, None)
    known = await told(email_consent=True, email_consent_at="2026-01-02T03:04:05Z")
    assert known["email_consent_at"] == "2026-01-02T03:04:05Z"
    assert (await told(email_consent=False, email_consent_at=first))["email_consent_at"] is None
    ahead = await told(email_consent=True, email_consent_at="2199-01-01T00:00:00Z")
    assert ahead["email_consent_at"] < "2199", "no consent is of a time to come"


async def test_the_last_look_says_who_may_be_written_to_and_tells_no_address(shop: Shop):
    anna, server = shop.customer(), shop.server()
    cart = await anna.add("tea")
    guest = await (await shop.guest()).add("tea")
    assert (await server.look(cart["id"]))["recipient"] is None
    first = done(await server.ask("PUT", "/customers/anna/profile", {"email": "anna@shop.test", "email_consent": True}))
    assert (await server.look(cart["id"]))["recipient"] == {
        "profile_version": first["version"],
        "reach": {"email": True, "sms": False},
        "consent": {"email": True, "sms": False},
    }
    withdrawn = {"email": "anna@shop.test", "phone": "+48600700800", "email_consent": False}
    second = done(await server.ask("PUT", "/customers/anna/profile", withdrawn))
    look = await server.ask("GET", f"/carts/{cart['id']}")
    assert look.json()["recipient"] == {
        "profile_version": second["version"],
        "reach": {"email": True, "sms": True},
        "consent": {"email": False, "sms": False},
    }
    assert not any(word in look.text for word in ("anna@", "600700800"))
    done(await server.ask("DELETE", "/customers/anna/profile"), 204)
    assert (await server.look(cart["id"]))["recipient"] is None
    assert (await server.look(guest["id"]))["recipient"] is None


async def test_the_last_look_at_an_emptied_cart_is_a_look_at_an_emptied_cart(shop: Shop):
    anna = shop.customer()
    cart = await anna.add()
    done(await anna.ask("DELETE", "/cart/lines"))
    look = await shop.server().look(cart["id"])
    assert (look["cart"]["units"], look["inventory"]) == (0, {})


async def test_a_server_sees_the_carts_of_its_own_store_alone(shop: Shop):
    cart = await shop.customer().add()
    other = shop.server(OTHER_KEY, "other")
    refused(await other.ask("GET", f"/carts/{cart['id']}"), 404, "unknown-cart")
    refused(await shop.server(OTHER_KEY).ask("GET", f"/carts/{cart['id']}"), 401, "unauthorized")
    refused(await shop.server().ask("GET", f"/carts/{NO_CART}"), 404, "unknown-cart")
    assert done(await other.ask("GET", "/carts?customer_id=anna"))["carts"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/orders"),
        ("PUT", "/inventory/tea"),
        ("POST", "/inventory"),
        ("PUT", "/customers/anna/profile"),
        ("GET", "/customers/anna/profile"),
        ("DELETE", "/customers/anna/profile"),
        ("GET", "/carts?customer_id=anna"),
        ("GET", f"/carts/{NO_CART}"),
        ("DELETE", f"/carts/{NO_CART}/recovery"),
    ],
)
async def test_a_shopper_is_no_server(shop: Shop, method: str, path: str):
    refused(await shop.customer().ask(method, path, {}), 403, "forbidden")
    refused(await (await shop.guest()).ask(method, path, {}), 403, "forbidden")
    refused(await shop.server("sk_test_wrong").ask(method, path, {}), 401, "unauthorized")
