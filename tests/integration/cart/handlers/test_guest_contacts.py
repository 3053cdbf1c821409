"""Guests who leave an address at the checkout: they are written to about their cart, and nobody else is."""

import json

import pytest

from libs.contracts.events import CartDetailsSet, CartEvent, ProfileErased, ProfileSet
from services.cart.domain.rate import Rate
from services.cart.handlers.guest_contacts import GuestContactHandlers
from tests.integration.cart.handlers.test_erasure import erase
from tests.integration.cart.ratelimit.test_rate_limits import Crossing
from tests.integration.cart.shop import Shop, Visitor, done, refused

ANNA = "anna@mail.test"
WORDS = "Remind me of my cart by e-mail."
LEFT = {"email": ANNA, "name": "Anna", "consents": [{"channel": "email", "wording": WORDS}]}


@pytest.fixture
def open_shop(shop: Shop) -> Shop:
    shop.change_store(guest_contacts="single_opt_in")
    return shop


async def somebody(shop: Shop, **left: object) -> Visitor:
    """A guest with a cart who has left an address."""
    guest = await shop.guest()
    await guest.add()
    answer = await guest.ask("PUT", "/cart/contact", LEFT | left, Origin="https://shop.test")
    assert (answer.status_code, answer.content) == (204, b"")
    return guest


async def recipient(shop: Shop) -> str:
    """Whom the newest event of a cart names."""
    told = [event for event in await shop.events() if isinstance(event, CartEvent) and event.recipient_id]
    assert told[-1].recipient_id is not None
    return told[-1].recipient_id


async def names(shop: Shop) -> list[str]:
    return [row["customer_id"] for row in await shop.pool.fetch("SELECT customer_id FROM profiles ORDER BY 1")]


async def test_the_cart_has_a_recipient_from_then_on_and_its_goods_are_as_they_were(open_shop: Shop):
    guest = await somebody(open_shop)
    changed = (await open_shop.events())[-1]
    assert isinstance(changed, CartDetailsSet)
    assert (changed.customer_id, changed.goods_version, changed.changed) == (None, 1, ("contact",))
    await guest.add("jam")
    later = (await open_shop.events())[-1]
    assert isinstance(later, CartEvent)
    assert later.recipient_id == changed.recipient_id is not None


async def test_the_address_travels_with_profiles_alone(open_shop: Shop):
    guest = await somebody(open_shop)
    (profile,) = [event for event in await open_shop.events() if isinstance(event, ProfileSet)]
    assert (profile.email, profile.name, profile.email_consent, profile.locale) == (ANNA, "Anna", True, "en")
    assert profile.customer_id == await recipient(open_shop)
    others = [event for event in await open_shop.events() if not isinstance(event, ProfileSet)]
    shown = json.dumps(await guest.cart())
    assert ANNA not in str(others) + shown
    assert profile.customer_id not in shown


async def test_an_address_that_is_corrected_is_the_same_recipient(open_shop: Shop):
    guest = await somebody(open_shop)
    before, events = await recipient(open_shop), len(await open_shop.events())
    assert (await guest.ask("PUT", "/cart/contact", {"email": "a@mail.test"})).status_code == 204
    (profile,) = (await open_shop.events())[events:]
    assert isinstance(profile, ProfileSet)
    assert (profile.customer_id, profile.email, profile.email_consent) == (before, "a@mail.test", False)
    assert await open_shop.pool.fetchval("SELECT count(*) FROM consents") == 0


async def test_what_was_agreed_to_is_kept_with_its_words_page_and_time(open_shop: Shop):
    await somebody(open_shop)
    row = await open_shop.pool.fetchrow("SELECT * FROM consents")
    assert row is not None
    assert (row["wording"], row["page"], row["channel"]) == (WORDS, "https://shop.test", "email")


async def test_without_a_cart_nothing_is_kept(open_shop: Shop):
    refused(await (await open_shop.guest()).ask("PUT", "/cart/contact", LEFT), 404, "unknown-cart")
    assert await names(open_shop) == []


async def test_a_customer_leaves_none(open_shop: Shop):
    anna = open_shop.customer()
    await anna.add()
    refused(await anna.ask("PUT", "/cart/contact", LEFT), 403, "forbidden")


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "nobody"},
        {"phone": "601234567"},
        {"consents": [{"channel": "sms", "wording": "x"}]},
        {"email": None, "consents": []},
        {"consents": [{"channel": "email"}]},
    ],
)
async def test_what_can_not_be_kept_is_refused_whole(open_shop: Shop, wrong: dict[str, object]):
    guest = await open_shop.guest()
    await guest.add()
    refused(await guest.ask("PUT", "/cart/contact", LEFT | wrong), 422, "invalid-request")
    assert await names(open_shop) == []


async def test_the_last_look_says_whether_the_guest_agrees(open_shop: Shop):
    guest = await somebody(open_shop)
    look = await open_shop.server().look((await guest.cart())["id"])
    assert look["cart"]["customer_id"] is None
    assert look["recipient_id"] == await recipient(open_shop)
    assert look["recipient"]["consent"] == {"email": True, "sms": False}


async def test_at_a_log_in_it_becomes_the_customers_once(open_shop: Shop):
    guest = await somebody(open_shop)
    left = await recipient(open_shop)
    await open_shop.customer().claim(guest)
    assert await names(open_shop) == ["anna"]
    events = await open_shop.events()
    assert [e.customer_id for e in events if isinstance(e, ProfileErased)] == [left]
    assert [e.email for e in events if isinstance(e, ProfileSet) and e.customer_id == "anna"] == [ANNA]
    claimed = [e for e in events if isinstance(e, CartEvent)][-1]
    assert (claimed.customer_id, claimed.recipient_id) == ("anna", None)
    assert await open_shop.pool.fetchval("SELECT customer_id FROM consents") == "anna"


@pytest.mark.parametrize("has_cart", [True, False])
async def test_a_customer_of_whom_something_is_known_keeps_that(open_shop: Shop, has_cart: bool):
    """Story: whoever logged in at a friend's was written to at the friend's address from then on."""
    done(await open_shop.server().ask("PUT", "/customers/anna/profile", {"email": "own@mail.test"}))
    if has_cart:
        await open_shop.customer().add("jam")
    await open_shop.customer().claim(await somebody(open_shop))
    assert await names(open_shop) == ["anna"]
    assert await open_shop.pool.fetchval("SELECT email FROM profiles") == "own@mail.test"
    assert await open_shop.pool.fetchval("SELECT count(*) FROM consents") == 0
    assert await open_shop.pool.fetchval("SELECT count(*) FROM carts WHERE recipient_id IS NOT NULL") == 0


async def test_an_order_makes_it_the_customers_too(open_shop: Shop):
    guest = await somebody(open_shop)
    await open_shop.server().order("1", customer_id="anna", cart_id=(await guest.cart())["id"])
    assert await names(open_shop) == ["anna"]


async def test_a_guest_whose_cart_is_over_is_forgotten(open_shop: Shop):
    guest = await somebody(open_shop)
    keeper = GuestContactHandlers(open_shop.pool, open_shop.clock, lambda *_: None)
    assert await keeper.round() == 0
    await open_shop.server().order("1", cart_id=(await guest.cart())["id"])
    assert (await keeper.round(), await keeper.round()) == (1, 0)
    assert await names(open_shop) == []
    assert await open_shop.pool.fetchval("SELECT count(*) FROM consents") == 0


@pytest.mark.parametrize("how", ["erase", "profile"])
async def test_an_erasure_reaches_what_was_left_as_a_guest(open_shop: Shop, how: str):
    await somebody(open_shop)
    left, server = await recipient(open_shop), open_shop.server()
    done(await server.ask("PUT", "/customers/anna/profile", {"email": ANNA.upper()}))
    exported = (await server.ask("GET", "/customers/anna/export")).text
    assert WORDS in exported
    if how == "erase":
        await erase(server)
    else:
        done(await server.ask("DELETE", "/customers/anna/profile"), 204)
    assert await names(open_shop) == []
    assert left in [e.customer_id for e in await open_shop.events() if isinstance(e, ProfileErased)]
    assert await open_shop.pool.fetchval("SELECT count(*) FROM carts WHERE recipient_id IS NOT NULL") == 0
    assert await open_shop.pool.fetchval("SELECT count(*) FROM consents") == 0


async def test_an_order_of_somebody_with_the_same_address_ends_the_reminders_of_the_guests_cart(open_shop: Shop):
    guest = await somebody(open_shop)
    done(await open_shop.server().ask("PUT", "/customers/anna/profile", {"email": ANNA}))
    await open_shop.server().order("1", customer_id="anna")
    look = await open_shop.server().look((await guest.cart())["id"])
    assert look["silent_since"] is not None


async def test_who_leaves_many_addresses_is_told_to_wait_and_so_is_who_leaves_one_often(pool):
    """Story: a program left the addresses of a whole list, one cart each."""
    crossing = Crossing(pool, contacts=Rate(per_second=0.1, burst=2))
    stores = crossing.settings.stores
    stores["shop"] = stores["shop"].model_copy(update={"guest_contacts": "single_opt_in"})
    guests = crossing.visitor(0, {})
    for number, status in enumerate((404, 404, 429)):
        token = done(await guests.ask("POST", "/cart/token"), 201)["cart_token"]
        answer = await guests.ask("PUT", "/cart/contact", {"email": f"{number}@mail.test"}, X_Cart_Token=token)
        assert answer.status_code == status
    assert answer.json()["limit"] == "contacts"
